// Entries of a replay as messages: what a client asks, what a scripted server answers, and whether a reply is the one that is expected.
import assert from 'node:assert/strict';
import { opcode, rcode } from '../../../src/dns/wire/codes.ts';
import { readExtendedError } from '../../../src/dns/wire/edns-option.ts';
import type { Message } from '../../../src/dns/wire/message.ts';
import { formatRecord } from '../../../src/dns/wire/presentation.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import type { ReplayEntry } from './replay-script.ts';
import type { UpstreamTransport } from '../../../src/dns/resolver/upstream.ts';

/** The entry as a message with this id. */
export function messageOf(entry: ReplayEntry, id: number): Message {
  const has = (flag: string): boolean => entry.flags.includes(flag);
  const edns = has('DO') || entry.options !== undefined;
  return {
    id,
    response: has('QR'),
    opcode: opcode.QUERY,
    authoritative: has('AA'),
    truncated: has('TC'),
    recursionDesired: has('RD'),
    recursionAvailable: has('RA'),
    authenticData: has('AD'),
    checkingDisabled: has('CD'),
    rcode: Object.entries(rcode).find(([name]) => has(name))?.[1] ?? rcode.NOERROR,
    questions: entry.question === undefined ? [] : [entry.question],
    answers: entry.answers,
    authorities: entry.authorities,
    additionals: entry.additionals,
    edns: edns ? { udpSize: 1232, version: 0, dnssecOk: has('DO'), options: entry.options ?? [] } : undefined,
  };
}

/** Whether a server's entry is the one for this query of the resolver's. */
export function isFor(entry: ReplayEntry, query: Message, transport: UpstreamTransport): boolean {
  const [question] = query.questions;
  const own = entry.question;
  assert.ok(question);
  return entry.match.every((what) => {
    switch (what) {
      case 'opcode':
        return query.opcode === opcode.QUERY;
      case 'qtype':
        return own?.type === question.type;
      case 'qname':
        return own?.name.equals(question.name) === true;
      case 'question':
        return own?.name.equals(question.name) === true && own.type === question.type;
      case 'subdomain':
        return own !== undefined && question.name.isAtOrBelow(own.name);
      case 'UDP':
      case 'TCP':
        return transport === what.toLowerCase();
      case 'DO':
        return query.edns?.dnssecOk === true;
      default:
        return assert.fail(`no way to match a query by '${what}'`);
    }
  });
}

/** The entry as the reply to this query. */
export function replyOf(entry: ReplayEntry, query: Message): Message {
  const reply = messageOf(entry, query.id);
  const [own] = reply.questions;
  const [asked] = query.questions;
  // Where the names are the same, they come back as they were written: the scripts know nothing of random case.
  const repeats =
    entry.adjust.includes('copy_query') ||
    (own !== undefined && asked !== undefined && own.name.equals(asked.name) && own.type === asked.type);
  return repeats ? { ...reply, questions: query.questions } : reply;
}

/** Throws where the client was told something else than the entry says, as far as its MATCH looks. */
export function expectReply(entry: ReplayEntry, got: Message, place: string): void {
  const expected = messageOf(entry, got.id);
  const errors = got.edns?.options.map(readExtendedError).filter((each) => each !== undefined) ?? [];
  const where = `${place}${errors.map(({ code, text }) => `EDE ${code}: ${text}\n`).join('')}`;
  const withTtl = entry.match.includes('ttl');
  for (const what of entry.match) {
    const wanted = /^ede=(\d+|any)$/.exec(what)?.[1];
    if (wanted !== undefined) {
      const codes = errors.map(({ code }) => code);
      const fits = wanted === 'any' ? codes.length > 0 : codes.includes(Number(wanted));
      assert.ok(fits, `${where}: EDE ${wanted} expected, got [${codes.join(' ')}]`);
    } else if (what === 'all') {
      assert.equal(inText(got, withTtl), inText(expected, withTtl), where);
      // Extended errors are compared where the script names them.
      const told = got.edns?.options.filter((option) => readExtendedError(option) === undefined);
      if (entry.options !== undefined) assert.deepEqual(told, entry.options, where);
    } else if (what === 'rcode') assert.equal(got.rcode, expected.rcode, where);
    else if (what === 'ednsdata')
      assert.deepEqual(got.edns?.options ?? [], expected.edns?.options ?? [], where);
    else if (what === 'qname' || what === 'qtype')
      assert.equal(questionText(got), questionText(expected), where);
    else if (what !== 'ttl' && what !== 'opcode' && what !== 'TCP' && what !== 'UDP')
      assert.fail(`${where}: no way to match a reply by '${what}'`);
  }
}

/**
 * What `all` compares: header, question, answer, and what of the authority section means something to a client, which is a denial's SOA and the proofs.
 * A zone's name servers and their addresses are left out, which Unbound adds to every answer, and we to none; so is TC, as what is cut is not the same then.
 */
function inText(message: Message, withTtl: boolean): string {
  const flags = {
    QR: message.response,
    AA: message.authoritative,
    RD: message.recursionDesired,
    RA: message.recursionAvailable,
    AD: message.authenticData,
    CD: message.checkingDisabled,
    DO: message.edns?.dnssecOk === true,
  };
  const section = (of: readonly ResourceRecord[]): readonly string[] =>
    of.map((record) => recordText(record, withTtl)).sort();
  return [
    `rcode ${message.rcode}, ${Object.entries(flags)
      .filter(([, isSet]) => isSet)
      .map(([name]) => name)
      .join(' ')}`,
    `question ${questionText(message)}`,
    'answer',
    ...section(message.answers),
    'authority',
    ...section(message.authorities.filter((record) => typeOrCovered(record) !== rrType.NS)),
  ].join('\n');
}

function questionText({ questions: [question] }: Message): string {
  return question === undefined ? 'none' : `${question.name.lowerCase().toString()} ${question.type}`;
}

/** The record's type, and for an RRSIG the type that it signs. */
function typeOrCovered({ type, rdata }: ResourceRecord): number {
  return type === rrType.RRSIG ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : type;
}

/** Types whose data are names, which are the same in either case. */
const namesOnly: ReadonlySet<number> = new Set([
  rrType.NS,
  rrType.CNAME,
  rrType.DNAME,
  rrType.PTR,
  rrType.SOA,
]);

function recordText(record: ResourceRecord, withTtl: boolean): string {
  const text = formatRecord({ ...record, ttl: withTtl ? record.ttl : 0, owner: record.owner.lowerCase() });
  const plain = text.replaceAll(/\s+/g, ' ');
  return namesOnly.has(record.type) ? plain.toLowerCase() : plain;
}
