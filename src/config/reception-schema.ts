// The shape of `reception`, which says how strangers are received where other servers bring mail.
import { z } from 'zod';
import type { ReceptionConfig, SenderRatesConfig, TreatmentConfig } from './reception-config.ts';
import { addressBlock, count, parsed, parseCidr, section, size, zoneName } from './values.ts';
import { fault } from '../lib/result.ts';

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
  readonly hello: {
    readonly 'own-name': TreatmentConfig;
    readonly 'foreign-literal': TreatmentConfig;
    readonly malformed: TreatmentConfig;
  };
  readonly 'no-reverse-name': 'slow' | 'mark' | 'ignore';
  readonly 'slow-delay': number;
  readonly lists: readonly DnsListValues[];
}

interface DnsListValues {
  readonly zone: string;
  readonly kind: 'block' | 'welcome';
  readonly about: 'address' | 'domain';
  readonly codes: readonly string[];
  readonly bits?: number | undefined;
  readonly action?: 'refuse' | 'slow' | 'mark' | undefined;
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

/** RFC 5782 §2.1: answers are addresses of 127.0.0.0/8. */
const answerCode: z.ZodType<string> = parsed('an answer of the list, like 127.0.0.2', (text) =>
  text.startsWith('127.')
    ? parseCidr(text)
    : fault(`'${text}' is no answer of a list: they are in 127.0.0.0/8 (RFC 5782 §2.1)`),
);

const treatment: z.ZodType<TreatmentConfig> = z.enum(['refuse', 'slow', 'mark', 'ignore'], {
  error: "'refuse', 'slow', 'mark' or 'ignore'",
});

const listSchema: z.ZodType<DnsListValues> = z.strictObject(
  {
    zone: zoneName,
    kind: z.enum(['block', 'welcome'], { error: "'block' or 'welcome'" }).default('block'),
    about: z.enum(['address', 'domain'], { error: "'address' or 'domain'" }).default('address'),
    codes: z
      .array(answerCode, { error: 'a list of answers, like [127.0.0.2, 127.0.0.4/30]' })
      .min(1, { error: 'a list of at least one answer' })
      .default(['127.0.0.0/8']),
    bits: count(1, 255).optional(),
    action: z.enum(['refuse', 'slow', 'mark'], { error: "'refuse', 'slow' or 'mark'" }).optional(),
  },
  { error: "a list's zone with what it is for, like { zone: bl.example.org }" },
);

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
    hello: z
      .strictObject(
        {
          'own-name': treatment.default('refuse'),
          'foreign-literal': treatment.default('mark'),
          malformed: treatment.default('mark'),
        },
        { error: section },
      )
      .prefault({}),
    'no-reverse-name': z
      .enum(['slow', 'mark', 'ignore'], { error: "'slow', 'mark' or 'ignore'" })
      .default('ignore'),
    'slow-delay': count(1, 60).default(5),
    lists: z
      .array(listSchema, { error: 'a list of lists in DNS, like [{ zone: bl.example.org }]' })
      .max(20, { error: 'a list of at most 20 lists' })
      .default([]),
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
    hello: {
      ownName: values.hello['own-name'],
      foreignLiteral: values.hello['foreign-literal'],
      malformed: values.hello.malformed,
    },
    noReverseName: values['no-reverse-name'],
    slowDelay: values['slow-delay'],
    lists: values.lists.map(({ zone, kind, about, codes, bits, action }) => ({
      zone,
      kind,
      about,
      codes,
      bits,
      action: action ?? 'refuse',
    })),
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
