// Loads zones from files where the call is made, one after the other.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DomainName } from '../wire/name.ts';
import type { ZoneLoader, ZoneLoadOutcome, ZoneSource } from '../zone/zone-loader.ts';
import { loadZone } from './zone-files.ts';

export class PlainZoneLoader implements ZoneLoader {
  async load(
    sources: readonly ZoneSource[],
    onOutcome: (source: ZoneSource, outcome: ZoneLoadOutcome) => void,
  ): Promise<void> {
    for (const source of sources) onOutcome(source, loadOne(source));
    return Promise.resolve();
  }

  /** Everything is read each time. */
  forget(_name: DomainName): void {}
}

function loadOne(source: ZoneSource): ZoneLoadOutcome {
  const loaded = loadZone(source);
  if (!loaded.ok) return { kind: 'refused', faults: loaded.fault };
  const { zone, records, warnings } = loaded.value;
  const hash = createHash('sha256').update(readFileSync(source.file)).digest('hex');
  return { kind: 'loaded', zone, records: records.length, warnings, hash };
}
