// What is right key by key in `signpost.yaml` and can't be together.
import { formatEndpoint, parseEndpoint } from '../lib/endpoint.ts';
import type { KeyValues } from './authority-schema.ts';
import { listenerNames } from './config.ts';
import type { ConfigFault } from './config-fault.ts';
import { fingerprintOf } from './login-schema.ts';
import type { Places } from './places.ts';
import { reachContradictions } from './reach-contradictions.ts';
import { receptionContradictions } from './reception-contradictions.ts';
import type { ConfigValues } from './schema.ts';
import { zoneContradictions } from './zone-contradictions.ts';

export function contradictions(values: ConfigValues, places: Places): ConfigFault[] {
  return [
    ...listenersTwice(values, places),
    ...keyFaults(values.keys, places),
    ...zoneContradictions(values, places),
    ...reachContradictions(values.resolver, places),
    ...receptionContradictions(values.reception, places),
    ...memoryFaults(values.smtp, places),
    ...loginFaults(values, places),
    ...mapFaults(values, places),
  ];
}

/** With room for one largest message only, two of them could each keep the other from its end. */
function memoryFaults(smtp: ConfigValues['smtp'], places: Places): ConfigFault[] {
  const memory = smtp['max-memory'];
  const least = 2 * smtp['max-message-size'];
  if (memory === undefined || memory >= least) return [];
  const message = `smtp.max-memory: must be at least twice smtp.max-message-size, which makes ${least} octets`;
  return [places.at(['smtp', 'max-memory'], message)];
}

function listenersTwice(values: ConfigValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const listening = new Map<string, string>();
  for (const name of listenerNames) {
    for (const [i, endpoint] of values.listeners[name].entries()) {
      const text = formatEndpoint(endpoint);
      const other = listening.get(text);
      if (other !== undefined && endpoint.port !== 0) {
        const message = `listeners.${name}: ${text} is already taken by listeners.${other}`;
        faults.push(places.at(['listeners', name, i], message));
      }
      listening.set(text, name);
    }
  }
  return faults;
}

function keyFaults(keys: readonly KeyValues[], places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const seen = new Set<string>();
  for (const [i, key] of keys.entries()) {
    if (seen.has(key.name)) {
      faults.push(places.at(['keys', i, 'name'], `keys: '${key.name}' stands here twice`));
    }
    seen.add(key.name);
    const [secret, secretFile] = [key.secret !== undefined, key['secret-file'] !== undefined];
    if (secret && secretFile) {
      const message = `keys[${i}]: 'secret' and 'secret-file' exclude each other`;
      faults.push(places.atKey(['keys', i], 'secret-file', message));
    }
    if (!secret && !secretFile) {
      const message = `keys[${i}]: the key has no secret: set 'secret' or 'secret-file'`;
      faults.push(places.at(['keys', i], message));
    }
  }
  return faults;
}

function loginFaults({ login }: ConfigValues, places: Places): ConfigFault[] {
  const path = ['login', 'certificates'];
  const { certificates } = login;
  if (certificates === undefined) return [];
  const { authorities, fingerprints } = certificates;
  if (authorities === undefined && Object.keys(fingerprints).length === 0) {
    const message = "login.certificates: nobody could log in: set 'authorities' or 'fingerprints'";
    return [places.at(path, message)];
  }
  return Object.keys(fingerprints).flatMap((text) => {
    const parsed = fingerprintOf(text);
    const message = parsed.ok ? '' : `login.certificates.fingerprints: ${parsed.fault}`;
    return parsed.ok ? [] : [places.atKey([...path, 'fingerprints'], text, message)];
  });
}

function mapFaults(values: ConfigValues, places: Places): ConfigFault[] {
  return Object.keys(values.network.map).flatMap((from) => {
    const parsed = parseEndpoint(from);
    return parsed.ok ? [] : [places.atKey(['network', 'map'], from, `network.map: ${parsed.fault}`)];
  });
}
