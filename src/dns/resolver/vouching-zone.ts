// Which zone speaks for what an answer says, and how far it is trusted: the one that signed it; or, where nobody did who may, the one that it is in, for
// then it must be proved that nobody needs to (RFC 4035 §5.2).
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { tellChain } from './chain-links.ts';
import { trustAt, trustOf } from './chain-of-trust.ts';
import type { Engine, Work } from './engine.ts';
import type { Task } from './task.ts';
import { signersOf } from './verify-sets.ts';
import type { SecureZone, ZoneTrust } from './zone-trust.ts';

export type VouchingZone =
  /** Its keys are known: by `signed`, whether it says that it signed the data. */
  | { readonly kind: 'secure'; readonly zone: SecureZone; readonly signed: boolean }
  | Exclude<ZoneTrust, SecureZone>;

/** RFC 4035 §2.4: DS records belong to the zone above the name that they stand at. */
export function homeOf(name: DomainName, type: number): DomainName {
  return type === rrType.DS ? (name.parent() ?? name) : name;
}

/** `signatures`: the RRSIGs that came with data at `name`, others among them are passed over. `undefined` where no trust anchor is above it. */
export function* vouchingZone(
  engine: Engine,
  work: Work,
  { name, type }: { readonly name: DomainName; readonly type: number },
  signatures: readonly ResourceRecord[],
): Task<VouchingZone | undefined> {
  const home = homeOf(name, type);
  const anchor = engine.trust.anchors.closest(home);
  if (anchor === undefined) return undefined;
  for (const signer of signersOf(signatures, home)) {
    const trust = engine.trust.zones.get(signer) ?? (yield* trustOf(engine, work, signer));
    // RFC 6840 §5.10: what is said above the nearest anchor counts, too, but only where another anchor is behind it.
    if (trust.kind === 'no-cut' || (trust.kind !== 'secure' && anchor.zone.isBelow(signer))) continue;
    return told(engine, work, trust, true);
  }
  return told(engine, work, yield* trustAt(engine, work, home), false);
}

function told(engine: Engine, work: Work, trust: ZoneTrust, signed: boolean): VouchingZone {
  tellChain(engine, work, trust);
  return trust.kind === 'secure' ? { kind: 'secure', zone: trust, signed } : trust;
}
