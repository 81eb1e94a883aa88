// What is right key by key in `reception` and can't be together.
import type { ConfigFault } from './config-fault.ts';
import type { Places } from './places.ts';
import type { ReceptionValues } from './reception-schema.ts';

export function receptionContradictions({ tarpit }: ReceptionValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const longest = tarpit['longest-delay'];
  if (longest > 0 && tarpit['first-delay'] > longest) {
    const message = `reception.tarpit: 'first-delay' is longer than 'longest-delay', which is ${longest}`;
    faults.push(places.at(['reception', 'tarpit'], message));
  }
  return faults;
}
