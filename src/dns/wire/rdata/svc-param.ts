// The parameters of SVCB and HTTPS records (RFC 9460 §7 to §9, RFC 9461 §5, RFC 9540 §4): each key's value as octets and as
// text. Values of keys that are not registered here are octets only.
import {
  base64ToBytes,
  bytesToBase64,
  bytesToLatin1,
  bytesToUtf8Strict,
  concatBytes,
  emptyBytes,
} from '../../../lib/bytes.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../ip-address.ts';
import { formatQuoted } from './character-string.ts';

export const svcParamKey = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
  ohttp: 8,
} as const;

export interface SvcParam {
  readonly key: number;
  readonly value: Uint8Array;
}

/** `alpn`, or `key667` where there is no name. */
export function formatSvcParamKey(key: number): string {
  return Object.entries(svcParamKey).find(([, code]) => code === key)?.[0] ?? `key${key}`;
}

/** RFC 9460 §2.1; names are in lower case, numbers without leading zeros. */
export function parseSvcParamKey(text: string): number | undefined {
  const known = Object.entries(svcParamKey).find(([name]) => name === text)?.[1];
  if (known !== undefined) return known;
  const number = /^key(0|[1-9]\d{0,4})$/.exec(text)?.[1];
  return number !== undefined && Number(number) <= 0xffff ? Number(number) : undefined;
}

/** How one key's value is checked, read from text (its escapes resolved) and written as text. */
interface ValueForm {
  /** What is wrong with the octets, if anything. */
  check(value: Uint8Array): string | undefined;
  /** From text to octets, or what is wrong. `undefined` text: no `=` was there. */
  parse(text: Uint8Array): Uint8Array | string;
  /** What follows the `=`; `undefined` for nothing at all. */
  format(value: Uint8Array): string | undefined;
}

const opaque: ValueForm = {
  check: () => undefined,
  parse: (text) => text,
  format: (value) => (value.length === 0 ? undefined : formatQuoted(value)),
};

/** A key whose presence says it all. */
const empty: ValueForm = {
  check: (value) => (value.length === 0 ? undefined : 'takes no value'),
  parse: (text) => (text.length === 0 ? emptyBytes : 'takes no value'),
  format: () => undefined,
};

function listOf(
  octets: number,
  what: string,
  parseItem: (text: string) => Uint8Array | undefined,
  formatItem: (item: Uint8Array) => string,
): ValueForm {
  return {
    check: (value) =>
      value.length > 0 && value.length % octets === 0 ? undefined : `needs one ${what} or several`,
    parse: (text) => {
      const items: Uint8Array[] = [];
      for (const word of bytesToLatin1(text).split(',')) {
        const item = parseItem(word);
        if (item === undefined) return `needs one ${what} or several with commas between, not '${word}'`;
        items.push(item);
      }
      return concatBytes(items);
    },
    format: (value) => {
      const items: string[] = [];
      for (let at = 0; at < value.length; at += octets)
        items.push(formatItem(value.subarray(at, at + octets)));
      return items.join(',');
    },
  };
}

const keyList = listOf(
  2,
  'key',
  (text) => {
    const key = parseSvcParamKey(text);
    return key === undefined ? undefined : twoOctets(key);
  },
  (item) => formatSvcParamKey(((item[0] ?? 0) << 8) | (item[1] ?? 0)),
);

/** RFC 9460 §8: in the octets the keys increase, in the text they stand in any order; `mandatory` itself is none of them. */
const mandatory: ValueForm = {
  check: (value) => {
    const keys = mandatoryKeys(value);
    if (keys.includes(svcParamKey.mandatory)) return "can't name itself";
    if (keys.some((key, i) => i > 0 && key <= (keys[i - 1] ?? 0)))
      return 'needs its keys in increasing order, each once';
    return keyList.check(value);
  },
  parse: (text) => {
    const value = keyList.parse(text);
    if (typeof value === 'string') return value;
    const sorted = concatBytes(
      mandatoryKeys(value)
        .sort((a, b) => a - b)
        .map(twoOctets),
    );
    return mandatory.check(sorted) ?? sorted;
  },
  format: (value) => keyList.format(value),
};

/** RFC 9460 §7.1: protocol ids, each with a length octet; in the text a list whose commas and backslashes are escaped. */
const alpn: ValueForm = {
  check: (value) => {
    let at = 0;
    for (; at < value.length; at += 1 + (value[at] ?? 0))
      if (value[at] === 0) return 'has an empty protocol id';
    return value.length > 0 && at === value.length ? undefined : 'needs whole protocol ids';
  },
  parse: (text) => {
    const ids = splitValueList(text);
    if (ids === undefined) return 'has a backslash before something else than a comma or backslash';
    if (ids.some((id) => id.length === 0 || id.length > 255)) return 'needs protocol ids of 1 to 255 octets';
    return concatBytes(ids.flatMap((id) => [Uint8Array.of(id.length), id]));
  },
  format: (value) => {
    const octets: number[] = [];
    for (let at = 0; at < value.length; at += 1 + (value[at] ?? 0)) {
      if (at > 0) octets.push(0x2c);
      for (const octet of value.subarray(at + 1, at + 1 + (value[at] ?? 0))) {
        if (octet === 0x2c || octet === 0x5c) octets.push(0x5c);
        octets.push(octet);
      }
    }
    return formatQuoted(Uint8Array.from(octets));
  },
};

const port: ValueForm = {
  check: (value) => (value.length === 2 ? undefined : 'needs two octets'),
  parse: (text) => {
    const digits = bytesToLatin1(text);
    return /^\d{1,5}$/.test(digits) && Number(digits) <= 0xffff
      ? twoOctets(Number(digits))
      : 'needs a number from 0 to 65535';
  },
  format: (value) => String(((value[0] ?? 0) << 8) | (value[1] ?? 0)),
};

const ech: ValueForm = {
  check: (value) => (value.length > 0 ? undefined : 'needs a value'),
  parse: (text) => {
    const value = base64ToBytes(bytesToLatin1(text));
    return value === undefined || value.length === 0 ? 'needs base64' : value;
  },
  format: (value) => `"${bytesToBase64(value)}"`,
};

/** RFC 9461 §5: a relative URI template in UTF-8 (RFC 6570) that has the variable `dns`. */
const dohpath: ValueForm = {
  check: (value) => {
    const text = bytesToUtf8Strict(value) ?? '';
    const variables = [...text.matchAll(/\{[+#./;?&]?([^{}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(','),
    );
    return text.startsWith('/') && variables.some((variable) => /^dns(?:\*|:\d+)?$/.test(variable))
      ? undefined
      : "needs a relative URI template with the variable 'dns'";
  },
  parse: (text) => dohpath.check(text) ?? text,
  format: formatQuoted,
};

const forms: ReadonlyMap<number, ValueForm> = new Map<number, ValueForm>([
  [svcParamKey.mandatory, mandatory],
  [svcParamKey.alpn, alpn],
  [svcParamKey['no-default-alpn'], empty],
  [svcParamKey.port, port],
  [svcParamKey.ipv4hint, listOf(4, 'IPv4 address', parseIpv4, formatIpv4)],
  [svcParamKey.ech, ech],
  [svcParamKey.ipv6hint, listOf(16, 'IPv6 address', parseIpv6, formatIpv6)],
  [svcParamKey.dohpath, dohpath],
  [svcParamKey.ohttp, empty],
]);

/** What is wrong with a parameter's octets, if anything. */
export function checkSvcParam({ key, value }: SvcParam): string | undefined {
  const wrong = (forms.get(key) ?? opaque).check(value);
  return wrong === undefined ? undefined : `'${formatSvcParamKey(key)}' ${wrong}`;
}

/** The octets of a value given as text with its escapes resolved, or what is wrong. */
export function parseSvcParamValue(key: number, text: Uint8Array): Uint8Array | { readonly wrong: string } {
  const value = (forms.get(key) ?? opaque).parse(text);
  return typeof value === 'string' ? { wrong: `'${formatSvcParamKey(key)}' ${value}` } : value;
}

/** `alpn="h2,h3"`, `no-default-alpn` */
export function formatSvcParam({ key, value }: SvcParam): string {
  const text = (forms.get(key) ?? opaque).format(value);
  return text === undefined ? formatSvcParamKey(key) : `${formatSvcParamKey(key)}=${text}`;
}

/**
 * RFC 9460 §8: what a record says of itself must fit together: each mandatory key is there; §7.1.1: `no-default-alpn` goes with
 * `alpn` only.
 */
export function checkConsistency(params: readonly SvcParam[]): string | undefined {
  const keys = new Set(params.map(({ key }) => key));
  const value = params.find(({ key }) => key === svcParamKey.mandatory)?.value ?? emptyBytes;
  const missing = mandatoryKeys(value).find((key) => !keys.has(key));
  if (missing !== undefined) return `'${formatSvcParamKey(missing)}' is mandatory, but not there`;
  if (keys.has(svcParamKey['no-default-alpn']) && !keys.has(svcParamKey.alpn))
    return "'no-default-alpn' leaves no protocol without 'alpn'";
  return undefined;
}

function mandatoryKeys(value: Uint8Array): number[] {
  const keys: number[] = [];
  for (let at = 0; at + 1 < value.length; at += 2) keys.push(((value[at] ?? 0) << 8) | (value[at + 1] ?? 0));
  return keys;
}

function twoOctets(number: number): Uint8Array {
  return Uint8Array.of(number >>> 8, number);
}

/** Splits at commas; `\,` and `\\` stand for themselves (RFC 9460 appendix A.1). */
function splitValueList(text: Uint8Array): Uint8Array[] | undefined {
  const items: Uint8Array[] = [];
  let item: number[] = [];
  for (let i = 0; i < text.length; i++) {
    let octet = text[i] ?? 0;
    if (octet === 0x2c) {
      items.push(Uint8Array.from(item));
      item = [];
      continue;
    }
    if (octet === 0x5c) {
      i += 1;
      octet = text[i] ?? 0;
      if (octet !== 0x2c && octet !== 0x5c) return undefined;
    }
    item.push(octet);
  }
  items.push(Uint8Array.from(item));
  return items;
}
