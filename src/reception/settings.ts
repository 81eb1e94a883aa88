// The reception as the config has it: seconds become milliseconds.
import type { ReceptionConfig } from '../config/reception-config.ts';
import type { ReceptionSettings } from './reception.ts';

const second = 1000;

export function receptionSettings(config: ReceptionConfig): ReceptionSettings {
  const { tarpit } = config;
  return {
    limits: { perAddress: config.perAddress, perNetwork: config.perNetwork },
    exempt: config.exempt,
    greetingDelayMs: config.greetingDelay * second,
    opinion: {
      hello: {
        'own-name': config.hello.ownName,
        'foreign-literal': config.hello.foreignLiteral,
        malformed: config.hello.malformed,
      },
      noReverseName: config.noReverseName,
      slowMs: config.slowDelay * second,
    },
    lists: config.lists,
    refuseEarlyTalkers: config.earlyTalkers === 'refuse',
    tarpit: {
      free: tarpit.free,
      firstMs: tarpit.longestDelay === 0 ? 0 : tarpit.firstDelay * second,
      longestMs: tarpit.longestDelay * second,
    },
  };
}
