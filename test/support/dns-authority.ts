// For tests of the authority: zones from text, questions, and answers as short lines.
import assert from 'node:assert/strict';
import { Authority } from '../../src/dns/authority/authority.ts';
import type { AuthorityOptions } from '../../src/dns/authority/authority.ts';
import { formatRcode, rrClass } from '../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Edns, Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRdata, formatType, parseType } from '../../src/dns/wire/rdata/registry.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { formatZoneProblem, loadZone } from '../../src/dns/zone/load-zone.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import type { Zone } from '../../src/dns/zone/zone.ts';

export function zoneFromText(origin: string, text: string): Zone {
  const loaded = loadZone({ name: origin, text }, { origin: domainName(origin) });
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.fault.map(formatZoneProblem).join('\n'));
  return loaded.value.zone;
}

/** Origin → text of the zone file. */
export function authorityOf(zones: Readonly<Record<string, string>>, options?: AuthorityOptions): Authority {
  return new Authority(
    new ZoneSet(Object.entries(zones).map(([origin, text]) => zoneFromText(origin, text))),
    options,
  );
}

export interface QueryOptions {
  readonly class?: number;
  readonly edns?: Partial<Edns>;
  readonly id?: number;
}

/** `question` is `name type`, as in `www.example.com. A`. */
export function queryFor(question: string, options: QueryOptions = {}): Uint8Array {
  const [name = '', type = ''] = question.split(' ');
  const code = parseType(type);
  assert.ok(code !== undefined, question);
  const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [], ...options.edns };
  return encodeMessage({
    id: options.id ?? 4711,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: domainName(name), type: code, class: options.class ?? rrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: options.edns === undefined ? undefined : edns,
  });
}

export function ask(
  authority: Authority,
  question: string,
  options: QueryOptions & { readonly transport?: 'udp' | 'tcp' } = {},
): Message {
  const response = authority.answer(queryFor(question, options), options.transport ?? 'udp');
  assert.ok(response, 'no response');
  const message = decodeMessage(response);
  assert.ok(message.ok, message.ok ? '' : message.fault.reason);
  return message.value;
}

/** `NOERROR AA TC`, then a line a record: its section's letter (`a`nswer, `u` authority, `x` additional), owner, TTL, type, data. */
export function show(message: Message): readonly string[] {
  const flags = [
    formatRcode(message.rcode),
    message.authoritative ? 'AA' : '',
    message.truncated ? 'TC' : '',
  ];
  return [
    flags.filter((flag) => flag !== '').join(' '),
    ...message.answers.map((record) => `a ${recordText(record)}`),
    ...message.authorities.map((record) => `u ${recordText(record)}`),
    ...message.additionals.map((record) => `x ${recordText(record)}`),
  ];
}

function recordText({ owner, ttl, type, rdata }: ResourceRecord): string {
  return `${owner.toString()} ${ttl} ${formatType(type)} ${formatRdata(type, rdata)}`;
}
