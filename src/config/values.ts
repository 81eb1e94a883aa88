// The values that `signpost.yaml` writes as text: names, addresses, sizes, keys. Each parser's fault is a sentence.
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseAddress, parseEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import type { Result } from '../lib/result.ts';
import { fault, ok } from '../lib/result.ts';

/** Text that `parse` makes a value of; its fault becomes the sentence. */
export function parsed<Value>(expected: string, parse: (text: string) => Result<Value>): z.ZodType<Value> {
  return z.string({ error: expected }).transform((text, context) => {
    const result = parse(text);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.fault });
    return z.NEVER;
  });
}

// The slash is for the zones of RFC 2317 §4: 0/25.2.0.192.in-addr.arpa.
const label = /^(?!-)[a-z0-9_/-]{1,63}(?<!-)$/;

/** Host and zone names in letters, digits, hyphens and underscores; IDNs as A-labels. Gives lower case without the last dot. */
export function parseName(text: string): Result<string> {
  const name = text.toLowerCase().replace(/(?<=.)\.$/, '');
  if (name === '.') return ok(name);
  if (/[^\x20-\x7e]/.test(name)) {
    return fault(`'${text}' is to be written in its ASCII form (xn--…)`);
  }
  if (name.length > 253)
    return fault(`'${text.slice(0, 32)}…' is longer than the 253 characters that DNS allows`);
  const wrong = name.split('.').find((each) => !label.test(each));
  if (wrong === undefined) return ok(name);
  return fault(
    wrong === ''
      ? `'${text}' is not a domain name: there is nothing between two of its dots`
      : `'${text}' is not a domain name: '${wrong}' may only have letters, digits and inner hyphens, 63 at most`,
  );
}

function parseHostname(text: string): Result<string> {
  if (parseAddress(text) !== undefined) {
    return fault(`'${text}' is an IP address: other servers expect a name here, like mx.example.com`);
  }
  const name = parseName(text);
  if (name.ok && /[_/]/.test(name.value)) {
    return fault(
      `'${text}': the name of a host has no ${name.value.includes('_') ? 'underscores' : 'slashes'}`,
    );
  }
  return name.ok && name.value === '.' ? fault(`'.' is the root, not a host`) : name;
}

export function parseCidr(text: string): Result<string> {
  const block = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  const [address = ''] = block.split('/');
  if (parseAddress(address) === undefined || !ipaddr.isValidCIDR(block)) {
    return fault(`'${text}' is not an address block, like 127.0.0.0/8 or 2001:db8::/32`);
  }
  return ok(block);
}

const sizeUnits: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function parseSize(text: string): Result<number> {
  const match = /^(\d{1,10})\s*(KiB|MiB|GiB)$/.exec(text);
  if (match === null) return fault(`'${text}' is not a size, like 50 MiB (units: KiB, MiB, GiB)`);
  return ok(Number(match[1]) * (sizeUnits[match[2] ?? ''] ?? 1));
}

export const section = 'a group of keys';

export const host: z.ZodType<string> = parsed('a host name, like mx.example.com', parseHostname);
export const zoneName: z.ZodType<string> = parsed("a zone's name, like example.com", parseName);
export const keyName: z.ZodType<string> = parsed("a key's name, like transfer-key", parseName);
export const file: z.ZodString = z
  .string({ error: 'the path of a file' })
  .min(1, { error: 'the path is empty' });
export const folder: z.ZodString = z
  .string({ error: 'the path of a folder' })
  .min(1, { error: 'the path is empty' });
export const endpoint: z.ZodType<Endpoint> = parsed(
  'an address with a port, like 127.0.0.1:53',
  parseEndpoint,
);
export const endpoints: z.ZodDefault<z.ZodArray<typeof endpoint>> = z
  .array(endpoint, { error: 'a list of addresses with ports, like ["127.0.0.1:53", "[::1]:53"]' })
  .default([]);
export const address: z.ZodType<string> = parsed('an IP address', (text) => {
  const value = parseAddress(text);
  return value === undefined ? fault(`'${text}' is not an IP address`) : ok(value);
});
export const addressBlock: z.ZodType<string> = parsed('an address block, like 127.0.0.0/8', parseCidr);
export const truth: z.ZodBoolean = z.boolean({ error: 'true or false' });

export function count(least: number, most: number): z.ZodNumber {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** Octets. */
export function size(least: number, most: number): z.ZodType<number> {
  const error = 'a size, like 50 MiB, or a number of octets';
  const inRange = `a size from ${least} to ${most} octets`;
  return z
    .union([z.int({ error }), parsed(error, parseSize)], { error })
    .pipe(z.number().min(least, { error: inRange }).max(most, { error: inRange }));
}

export function connectionLimits(
  total: number,
  perAddress: number,
): {
  'max-connections': z.ZodDefault<z.ZodNumber>;
  'max-connections-per-address': z.ZodDefault<z.ZodNumber>;
} {
  return {
    'max-connections': count(1, 1_000_000).default(total),
    'max-connections-per-address': count(1, 1_000_000).default(perAddress),
  };
}
