// Replays published resolver scenarios (Unbound's `.rpl` form): upstream servers that answer by script, a scripted clock, and what a client
// must be told. Told of in /data/rpl's README; only what our resolver offers is read from their configuration.
import assert from 'node:assert/strict';
import type { Upstream, UpstreamEvent, UpstreamRequest } from '../../src/dns/resolver/upstream.ts';
import { AccessList } from '../../src/dns/resolver/access-list.ts';
import { ResolverFront } from '../../src/dns/resolver/resolver-front.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import { opcode, rcode } from '../../src/dns/wire/codes.ts';
import { readExtendedError } from '../../src/dns/wire/edns-option.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message, Question } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRecord } from '../../src/dns/wire/presentation.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { parseType, rrType } from '../../src/dns/wire/rr-type.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { records } from './simulated-internet.ts';

interface Entry {
  readonly match: readonly string[];
  readonly adjust: readonly string[];
  readonly flags: readonly string[];
  readonly question: Question | undefined;
  readonly edns: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly addresses: readonly string[];
  readonly entries: readonly Entry[];
}

interface Place {
  readonly number: number;
  readonly line: number;
}
type CheckStep = Place & { readonly kind: 'check'; readonly entry: Entry };
type Step =
  | CheckStep
  | (Place & { readonly kind: 'query'; readonly entry: Entry })
  | (Place & { readonly kind: 'time'; readonly seconds: number });

interface Replay {
  readonly rootAddresses: readonly string[];
  readonly minimise: boolean;
  readonly ipv6: boolean;
  readonly ranges: readonly Range[];
  readonly steps: readonly Step[];
}

/** Throws where the client is told something else than the scenario says. */
export function playReplay(text: string, seed: number): void {
  const replay = readReplay(text);
  const clock = new VirtualClock();
  let now = 0;
  const upstream: Upstream = {
    ask(request, heard) {
      const reply = scriptedReply(replay, now, request);
      if (reply === undefined) return () => undefined;
      const timer = clock.after(0, () => heard(reply));
      return () => timer.cancel();
    },
  };
  const resolver = new Resolver({
    upstream,
    clock,
    random: seededRandom(seed),
    rootHints: [{ name: domainName('k.root-servers.net.'), addresses: replay.rootAddresses }],
    families: replay.ipv6 ? ['ipv4', 'ipv6'] : ['ipv4'],
    minimise: replay.minimise,
  });
  const access = AccessList.parse(['127.0.0.1']);
  assert.ok(access.ok);
  const front = new ResolverFront({ resolver, access: access.value });
  const replies: Message[] = [];
  for (const step of replay.steps) {
    now = step.number;
    if (step.kind === 'time') clock.advance(step.seconds * 1000);
    else if (step.kind === 'query') ask(step.entry);
    else check(step);
  }

  function ask(entry: Entry): void {
    const client = { from: { address: '127.0.0.1', port: 9 }, transport: 'tcp' } as const;
    front.respond(encodeMessage(messageOf(entry, 77)), client, (bytes) => {
      const decoded = decodeMessage(bytes);
      assert.ok(decoded.ok);
      replies.push(decoded.value);
    });
    // Fractions of a second must not count: the scripts know whole seconds only.
    for (let next = clock.nextTimer(); next !== undefined && front.pending > 0; next = clock.nextTimer())
      clock.advance(next - clock.now());
  }

  function check(step: CheckStep): void {
    const got = replies.shift();
    assert.ok(got, `step ${step.number} (line ${step.line}): no reply`);
    if (!step.entry.match.includes('all')) return;
    const expected = messageOf(step.entry, 77);
    // Authority and additional data beyond the SOA of a denial is each resolver's taste, and so are TTLs unless they are named.
    const shown = (message: Message): string =>
      [
        `rcode ${message.rcode}`,
        `flags ${message.recursionDesired ? 'RD ' : ''}${message.recursionAvailable ? 'RA ' : ''}${message.authenticData ? 'AD' : ''}`,
        ...message.answers.map((record) => recordText(record, step.entry.match.includes('ttl'))).sort(),
        ...message.authorities
          .filter(({ type }) => type === rrType.SOA && message.answers.length === 0)
          .map((record) => recordText(record, false)),
      ].join('\n');
    assert.equal(shown(got), shown(expected), `step ${step.number} (line ${step.line})`);
    const wanted = /^ede=(\d+)$/.exec(step.entry.match.find((each) => each.startsWith('ede=')) ?? '')?.[1];
    if (wanted !== undefined)
      assert.deepEqual(
        got.edns?.options.map(readExtendedError).map((each) => each?.code),
        [Number(wanted)],
      );
  }
}

function recordText(record: ResourceRecord, withTtl: boolean): string {
  const text = formatRecord({ ...record, ttl: withTtl ? record.ttl : 0, owner: record.owner.lowerCase() });
  return text.replaceAll(/\s+/g, ' ').toLowerCase();
}

function scriptedReply(replay: Replay, step: number, request: UpstreamRequest): UpstreamEvent | undefined {
  const query = decodeMessage(request.bytes);
  assert.ok(query.ok);
  const [question] = query.value.questions;
  assert.ok(question);
  const entry = replay.ranges
    .filter(({ from, to, addresses }) => from <= step && step <= to && addresses.includes(request.to.address))
    .flatMap(({ entries }) => entries)
    .find((each) => matches(each, question, query.value, request.transport));
  if (entry === undefined) return undefined;
  const reply = messageOf(entry, query.value.id);
  const [own] = reply.questions;
  const repeats =
    entry.adjust.includes('copy_query') ||
    (own?.name.equals(question.name) === true && own.type === question.type);
  return {
    kind: 'message',
    bytes: encodeMessage({ ...reply, questions: repeats ? [question] : reply.questions }),
  };
}

function matches(entry: Entry, question: Question, query: Message, transport: string): boolean {
  return entry.match.every((what) => {
    switch (what) {
      case 'opcode':
        return query.opcode === opcode.QUERY;
      case 'qtype':
        return entry.question?.type === question.type;
      case 'qname':
        return entry.question?.name.equals(question.name) === true;
      case 'question':
        return entry.question?.name.equals(question.name) === true && entry.question.type === question.type;
      case 'subdomain':
        return entry.question !== undefined && question.name.isAtOrBelow(entry.question.name);
      case 'UDP':
      case 'TCP':
        return transport === what.toLowerCase();
      case 'DO':
        return query.edns?.dnssecOk === true;
      default:
        return assert.fail(`no way to match '${what}'`);
    }
  });
}

function messageOf(entry: Entry, id: number): Message {
  const has = (flag: string): boolean => entry.flags.includes(flag);
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
    edns:
      has('DO') || entry.edns ? { udpSize: 1232, version: 0, dnssecOk: has('DO'), options: [] } : undefined,
  };
}

function readReplay(text: string): Replay {
  const [config = '', script = ''] = text.split(/^CONFIG_END.*$/m, 2);
  const offset = config.split('\n').length;
  const zone = /name:\s*"\."\s*\n((?:\s*stub-addr:.*\n)+)/.exec(config)?.[1] ?? '';
  const reader = new ScriptReader(script, offset);
  return {
    rootAddresses: [...zone.matchAll(/stub-addr:\s*(\S+)/g)].map((match) => match[1] ?? ''),
    minimise: !/qname-minimisation:\s*"?no/.test(config),
    ipv6: !/do-ip6:\s*no/.test(config),
    ...reader.read(),
  };
}

class ScriptReader {
  readonly #lines: readonly string[];
  readonly #offset: number;
  #at = 0;

  constructor(text: string, offset: number) {
    this.#lines = text.split('\n').map((line) => line.replace(/(^|\s);.*$/, '').trim());
    this.#offset = offset;
  }

  read(): { readonly ranges: readonly Range[]; readonly steps: readonly Step[] } {
    const ranges: Range[] = [];
    const steps: Step[] = [];
    for (let words = this.#next(); words !== undefined; words = this.#next()) {
      if (words[0] === 'RANGE_BEGIN') ranges.push(this.#range(Number(words[1]), Number(words[2])));
      else if (words[0] === 'STEP') {
        const step = this.#step(words);
        if (step !== undefined) steps.push(step);
      }
    }
    return { ranges, steps };
  }

  #next(): readonly string[] | undefined {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at++] ?? '';
      if (line !== '') return line.split(/\s+/);
    }
    return undefined;
  }

  #step(words: readonly string[]): Step | undefined {
    const [, number, kind = ''] = words;
    const place = { number: Number(number), line: this.#offset + this.#at };
    if (kind === 'TIME_PASSES') return { ...place, kind: 'time', seconds: Number(words.at(-1)) };
    if (kind === 'NOTHING') return undefined;
    assert.ok(kind === 'QUERY' || kind === 'CHECK_ANSWER', `no step '${kind}'`);
    this.#next();
    const entry = this.#entry();
    return kind === 'QUERY' ? { ...place, kind: 'query', entry } : { ...place, kind: 'check', entry };
  }

  #range(from: number, to: number): Range {
    const addresses: string[] = [];
    const entries: Entry[] = [];
    for (let words = this.#next(); words !== undefined && words[0] !== 'RANGE_END'; words = this.#next()) {
      if (words[0] === 'ADDRESS') addresses.push(words[1] ?? '');
      if (words[0] === 'ENTRY_BEGIN') entries.push(this.#entry());
    }
    return { from, to, addresses, entries };
  }

  #entry(): Entry {
    const lists = { MATCH: [] as string[], ADJUST: [] as string[], REPLY: [] as string[] };
    const sections = {
      ANSWER: [] as ResourceRecord[],
      AUTHORITY: [] as ResourceRecord[],
      ADDITIONAL: [] as ResourceRecord[],
    };
    let question: Question | undefined;
    let section = '';
    let edns = false;
    for (let words = this.#next(); words !== undefined && words[0] !== 'ENTRY_END'; words = this.#next()) {
      const [first = ''] = words;
      if (first.startsWith('HEX_EDNSDATA')) edns = true;
      else if (first === 'MATCH' || first === 'ADJUST' || first === 'REPLY')
        lists[first].push(...words.slice(1));
      else if (first === 'SECTION') section = words[1] ?? '';
      else if (section === 'QUESTION') {
        const name = first.endsWith('.') ? first : `${first}.`;
        question = {
          name: domainName(name),
          type: parseType(words.at(-1) ?? '') ?? 0,
          class: words.includes('CH') ? 3 : 1,
        };
      } else if (section === 'ANSWER' || section === 'AUTHORITY' || section === 'ADDITIONAL')
        sections[section].push(...records('.', words.join(' ')));
    }
    return {
      match: lists.MATCH,
      adjust: lists.ADJUST,
      flags: lists.REPLY,
      question,
      edns,
      answers: sections.ANSWER,
      authorities: sections.AUTHORITY,
      additionals: sections.ADDITIONAL,
    };
  }
}
