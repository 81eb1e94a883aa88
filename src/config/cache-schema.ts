// The shape of those keys of `resolver` that say what it remembers, and for how long.
import type { z } from 'zod';
import type { CacheConfig } from './config.ts';
import { count, size, truth } from './values.ts';

/** These keys, under the file's own names. */
export interface CacheValues {
  readonly 'cache-size': number;
  readonly 'max-ttl': number;
  readonly 'min-ttl': number;
  readonly 'serve-stale': number;
  readonly prefetch: boolean;
  readonly 'aggressive-nsec': boolean;
}

const day = 86_400;

/** For the schema of `resolver`. */
export const cacheShape: { readonly [Key in keyof CacheValues]: z.ZodType<CacheValues[Key]> } = {
  'cache-size': size(2 ** 20, 2 ** 34).default(64 * 2 ** 20),
  // RFC 8767 §4: a week at most.
  'max-ttl': count(1, 7 * day).default(day),
  'min-ttl': count(0, 3600).default(0),
  // RFC 8767 §5: 1 to 3 days.
  'serve-stale': count(0, 7 * day).default(day),
  prefetch: truth.default(true),
  'aggressive-nsec': truth.default(true),
};

export function cacheOf(values: CacheValues): CacheConfig {
  return {
    octets: values['cache-size'],
    maxTtl: values['max-ttl'],
    minTtl: values['min-ttl'],
    maxStale: values['serve-stale'],
    prefetch: values.prefetch,
    aggressive: values['aggressive-nsec'],
  };
}
