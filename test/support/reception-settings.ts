// Settings of a reception without any limit, for tests to set one at a time.
import type { ReceptionSettings } from '../../src/reception/reception.ts';
import type { SenderRates } from '../../src/reception/sender-limits.ts';

export const noRates: SenderRates = {
  openConnections: 0,
  connections: 0,
  messages: 0,
  recipients: 0,
  unknownRecipients: 0,
  errors: 0,
  octets: 0,
};

export const openReception: ReceptionSettings = {
  limits: { perAddress: noRates, perNetwork: noRates },
  exempt: [],
  greetingDelayMs: 0,
  opinion: {
    hello: { 'own-name': 'ignore', 'foreign-literal': 'ignore', malformed: 'ignore' },
    noReverseName: 'ignore',
    slowMs: 5000,
  },
  lists: [],
  refuseEarlyTalkers: true,
  tarpit: { free: 0, firstMs: 0, longestMs: 0 },
};

/** With these limits for one address, and those for its network. */
export function limited(
  perAddress: Partial<SenderRates>,
  perNetwork: Partial<SenderRates> = {},
): ReceptionSettings {
  return {
    ...openReception,
    limits: { perAddress: { ...noRates, ...perAddress }, perNetwork: { ...noRates, ...perNetwork } },
  };
}
