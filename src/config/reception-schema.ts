// The shape of `reception`, which says how strangers are received where other servers bring mail.
import { z } from 'zod';
import type { ReceptionConfig, SenderRatesConfig } from './reception-config.ts';
import { addressBlock, count, section, size } from './values.ts';

interface RateValues {
  readonly 'open-connections': number;
  readonly connections: number;
  readonly messages: number;
  readonly recipients: number;
  readonly 'unknown-recipients': number;
  readonly errors: number;
  readonly size: number;
}

/** Under the file's own names. */
export interface ReceptionValues {
  readonly exempt: readonly string[];
  readonly 'per-address': RateValues;
  readonly 'per-network': RateValues;
  readonly 'greeting-delay': number;
  readonly 'early-talkers': 'refuse' | 'allow';
  readonly tarpit: {
    readonly free: number;
    readonly 'first-delay': number;
    readonly 'longest-delay': number;
  };
}

const million = 1_000_000;
const gib = 2 ** 30;

function rates(usual: RateValues): z.ZodType<RateValues> {
  return z
    .strictObject(
      {
        'open-connections': count(0, million).default(usual['open-connections']),
        connections: count(0, million).default(usual.connections),
        messages: count(0, million).default(usual.messages),
        recipients: count(0, million).default(usual.recipients),
        'unknown-recipients': count(0, million).default(usual['unknown-recipients']),
        errors: count(0, million).default(usual.errors),
        size: size(0, 1024 * gib).default(usual.size),
      },
      { error: section },
    )
    .prefault({});
}

export const receptionSchema: z.ZodType<ReceptionValues> = z.strictObject(
  {
    exempt: z
      .array(addressBlock, { error: 'a list of address blocks, like ["192.0.2.0/24"]' })
      .default(['127.0.0.0/8', '::1/128']),
    'per-address': rates({
      'open-connections': 50,
      connections: 120,
      messages: 600,
      recipients: 3000,
      'unknown-recipients': 60,
      errors: 120,
      size: gib,
    }),
    'per-network': rates({
      'open-connections': 200,
      connections: 480,
      messages: 2400,
      recipients: 12_000,
      'unknown-recipients': 240,
      errors: 480,
      size: 4 * gib,
    }),
    'greeting-delay': count(0, 60).default(1),
    'early-talkers': z.enum(['refuse', 'allow'], { error: "'refuse' or 'allow'" }).default('refuse'),
    tarpit: z
      .strictObject(
        {
          free: count(0, 1000).default(5),
          'first-delay': count(1, 60).default(1),
          'longest-delay': count(0, 60).default(15),
        },
        { error: section },
      )
      .prefault({}),
  },
  { error: section },
);

export function receptionOf(values: ReceptionValues): ReceptionConfig {
  const { tarpit } = values;
  return {
    exempt: values.exempt,
    perAddress: ratesOf(values['per-address']),
    perNetwork: ratesOf(values['per-network']),
    greetingDelay: values['greeting-delay'],
    earlyTalkers: values['early-talkers'],
    tarpit: {
      free: tarpit.free,
      firstDelay: tarpit['first-delay'],
      longestDelay: tarpit['longest-delay'],
    },
  };
}

function ratesOf(values: RateValues): SenderRatesConfig {
  return {
    openConnections: values['open-connections'],
    connections: values.connections,
    messages: values.messages,
    recipients: values.recipients,
    unknownRecipients: values['unknown-recipients'],
    errors: values.errors,
    octets: values.size,
  };
}
