// The shape of those keys of `resolver` that say how much its clients get, and whether their questions are logged.
import { z } from 'zod';
import { rateLimitSchema, streamsSchema } from './authority-schema.ts';
import type { RateLimitValues, StreamsValues } from './authority-schema.ts';
import type { ClientsConfig } from './config.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { count, file, parsed, section, size } from './values.ts';

/** These keys, under the file's own names. */
export interface ClientsValues {
  readonly 'rate-limit': RateLimitValues;
  readonly 'max-pending-per-client': number;
  readonly tcp: StreamsValues;
  readonly https: { readonly 'allow-origins': readonly string[] };
  readonly 'query-log'?:
    | {
        readonly file: string;
        readonly 'one-in': number;
        readonly 'max-size': number;
        readonly 'old-files': number;
      }
    | undefined;
}

/** For the schema of `resolver`. */
export const clientsShape: {
  readonly [Key in keyof Required<ClientsValues>]: z.ZodType<ClientsValues[Key]>;
} = {
  'rate-limit': rateLimitSchema,
  'max-pending-per-client': count(1, 100_000).default(500),
  // RFC 7858 §3.4: clients keep a connection for questions to come, as its handshake costs more than they do.
  tcp: streamsSchema(30),
  https: z
    .strictObject(
      {
        'allow-origins': z
          .array(parsed('an origin, like https://app.example, or "*"', parseOrigin), {
            error: 'a list of origins, like ["https://app.example"]',
          })
          .default([]),
      },
      { error: section },
    )
    .prefault({}),
  'query-log': z
    .strictObject(
      {
        file,
        'one-in': count(1, 1_000_000).default(1),
        'max-size': size(65_536, 2 ** 40).default(64 * 2 ** 20),
        'old-files': count(0, 1000).default(4),
      },
      { error: section },
    )
    .optional(),
};

/** RFC 6454 §6.2: as browsers write it. */
function parseOrigin(text: string): Result<string> {
  if (text === '*' || (URL.canParse(text) && new URL(text).origin === text)) return ok(text);
  return fault(`'${text}' is no origin: it is like https://app.example, without a path`);
}

/** `absolute` completes a path. */
export function clientsOf(values: ClientsValues, absolute: (path: string) => string): ClientsConfig {
  const { 'rate-limit': rateLimit, tcp, 'query-log': queryLog } = values;
  return {
    rateLimit: {
      perSecond: rateLimit['per-second'],
      slip: rateLimit.slip,
      exempt: rateLimit.exempt,
    },
    maxPendingPerClient: values['max-pending-per-client'],
    tcp: {
      maxConnections: tcp['max-connections'],
      maxConnectionsPerAddress: tcp['max-connections-per-address'],
      idle: tcp.idle,
    },
    allowOrigins: values.https['allow-origins'],
    queryLog: queryLog && {
      file: absolute(queryLog.file),
      oneIn: queryLog['one-in'],
      maxSize: queryLog['max-size'],
      oldFiles: queryLog['old-files'],
    },
  };
}
