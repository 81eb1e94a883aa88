// SPF records (RFC 7208 §4.5, §4.6, §5, §6): the terms of one, in their order.
import { parseIpv4, parseIpv6 } from '../../dns/wire/ip-address.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseDomainSpec, parseMacroString } from './domain-spec.ts';
import type { MacroString } from './domain-spec.ts';

export type Qualifier = 'pass' | 'fail' | 'softfail' | 'neutral';

interface Directive {
  readonly qualifier: Qualifier;
  /** The term as the record has it. */
  readonly text: string;
}

export type Mechanism = Directive &
  (
    | { readonly name: 'all' }
    | { readonly name: 'include' | 'exists'; readonly domain: MacroString }
    | { readonly name: 'ptr'; readonly domain: MacroString | undefined }
    | {
        readonly name: 'a' | 'mx';
        readonly domain: MacroString | undefined;
        readonly bits4: number;
        readonly bits6: number;
      }
    | { readonly name: 'ip'; readonly network: Uint8Array; readonly bits: number }
  );

export interface SpfRecord {
  readonly mechanisms: readonly Mechanism[];
  readonly redirect: MacroString | undefined;
  readonly explanation: MacroString | undefined;
}

// record = version terms *SP
/** RFC 7208 §4.5: whether a TXT record is an SPF record at all. */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** The fault is a sentence's end: `... has <fault>`. A record is read whole before it is used (§4.6). */
export function parseSpfRecord(text: string): Result<SpfRecord> {
  const mechanisms: Mechanism[] = [];
  let redirect: MacroString | undefined;
  let explanation: MacroString | undefined;
  for (const term of text.slice('v=spf1'.length).split(' ')) {
    if (term === '') continue;
    // modifier = name "=" ...; name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
    const [, name, value = ''] = /^([a-z][a-z0-9._-]*)=(.*)$/is.exec(term) ?? [];
    if (name === undefined) {
      const mechanism = parseMechanism(term);
      if (mechanism === undefined) return fault(`the term '${shown(term)}', which is none`);
      mechanisms.push(mechanism);
      continue;
    }
    const modifier = name.toLowerCase();
    const known = modifier === 'redirect' || modifier === 'exp';
    const parsed = known ? parseDomainSpec(value) : parseMacroString(value, false);
    if (!parsed.ok) return fault(`'${shown(term)}' with ${parsed.fault}`);
    // RFC 7208 §6: each of the two at most once.
    if (modifier === 'redirect') {
      if (redirect !== undefined) return fault('two redirects');
      redirect = parsed.value;
    } else if (modifier === 'exp') {
      if (explanation !== undefined) return fault('two explanations');
      explanation = parsed.value;
    }
  }
  return ok({ mechanisms, redirect, explanation });
}

const qualifiers: Readonly<Record<string, Qualifier>> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

// directive = [ qualifier ] mechanism
function parseMechanism(text: string): Mechanism | undefined {
  const sign = qualifiers[text[0] ?? ''];
  const rest = sign === undefined ? text : text.slice(1);
  const directive: Directive = { qualifier: sign ?? 'pass', text };
  const nameEnd = rest.search(/[:/]/);
  const name = (nameEnd < 0 ? rest : rest.slice(0, nameEnd)).toLowerCase();
  const argument = nameEnd < 0 ? '' : rest.slice(nameEnd);
  switch (name) {
    case 'all':
      return argument === '' ? { ...directive, name } : undefined;
    case 'include':
    case 'exists': {
      const domain = parseDomain(argument);
      return domain === undefined ? undefined : { ...directive, name, domain };
    }
    case 'ptr': {
      const domain = parseDomain(argument);
      return argument !== '' && domain === undefined ? undefined : { ...directive, name, domain };
    }
    case 'a':
    case 'mx': {
      // dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]
      const lengths = /(?:\/(0|[1-9]\d?))?(?:\/\/(0|[1-9]\d{0,2}))?$/.exec(argument);
      const [whole = '', bits4 = '32', bits6 = '128'] = lengths ?? [];
      if (Number(bits4) > 32 || Number(bits6) > 128) return undefined;
      const spec = argument.slice(0, argument.length - whole.length);
      const domain = parseDomain(spec);
      if (spec !== '' && domain === undefined) return undefined;
      return { ...directive, name, domain, bits4: Number(bits4), bits6: Number(bits6) };
    }
    case 'ip4':
    case 'ip6': {
      const [, address = '', length] = /^:([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(argument) ?? [];
      const network = name === 'ip4' ? parseIpv4(address) : parseIpv6(address);
      if (network === undefined) return undefined;
      const bits = length === undefined ? network.length * 8 : Number(length);
      return bits > network.length * 8 ? undefined : { ...directive, name: 'ip', network, bits };
    }
    default:
      return undefined;
  }
}

function parseDomain(argument: string): MacroString | undefined {
  if (!argument.startsWith(':')) return undefined;
  const domain = parseDomainSpec(argument.slice(1));
  return domain.ok ? domain.value : undefined;
}

/** For reasons: a term may be as long as a record. */
function shown(term: string): string {
  return term.length <= 60 ? term : `${term.slice(0, 57)}...`;
}
