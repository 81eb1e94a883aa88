// What is right key by key in `reception` and can't be together.
import type { ConfigFault } from './config-fault.ts';
import type { Places } from './places.ts';
import type { ReceptionValues } from './reception-schema.ts';

export function receptionContradictions({ tarpit, lists }: ReceptionValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const longest = tarpit['longest-delay'];
  if (longest > 0 && tarpit['first-delay'] > longest) {
    const message = `reception.tarpit: 'first-delay' is longer than 'longest-delay', which is ${longest}`;
    faults.push(places.at(['reception', 'tarpit'], message));
  }
  const seen = new Set<string>();
  for (const [i, { zone, kind, about, codes, bits, action }] of lists.entries()) {
    if (kind === 'welcome' && action !== undefined) {
      const message = `reception.lists[${i}]: 'action' is for block lists; what is on a welcome list is welcome`;
      faults.push(places.atKey(['reception', 'lists', i], 'action', message));
    }
    // One list may stand here several times, with other answers each.
    const key = `${zone} ${about} ${codes.join(' ')} ${bits ?? ''}`;
    if (seen.has(key)) {
      const message = `reception.lists: ${zone} stands here twice with the same answers`;
      faults.push(places.at(['reception', 'lists', i, 'zone'], message));
    }
    seen.add(key);
  }
  return faults;
}
