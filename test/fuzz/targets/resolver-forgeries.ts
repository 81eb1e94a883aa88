// Servers of a signed internet whose answers are changed on their way: records left out, moved, mixed with those of other answers, altered. Whatever
// comes of it, what the resolver calls secure is true, and a name of a signed zone is never called insecure.
import assert from 'node:assert/strict';
import type { Resolved } from '../../../src/dns/resolver/resolver-options.ts';
import type { Upstream } from '../../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../../src/dns/wire/message.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { formatRdata } from '../../../src/dns/wire/rdata/registry.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { Log } from '../../../src/lib/log.ts';
import type { Random } from '../../../src/lib/random.ts';
import { records } from '../../support/simulated-internet.ts';
import { signedWorld } from '../../support/signed-world.ts';
import type { SignedWorld } from '../../support/signed-world.ts';
import type { FuzzTarget } from '../target.ts';

const questions: readonly (readonly [name: string, type: string])[] = [
  ['www.example.com.', 'A'],
  ['www.example.com.', 'AAAA'],
  ['nowhere.example.com.', 'A'],
  ['x.wild.example.com.', 'A'],
  ['x.wild.example.com.', 'MX'],
  ['x.cwild.example.com.', 'A'],
  ['b.ent.example.com.', 'A'],
  ['abroad.example.com.', 'A'],
  ['www.old.example.com.', 'A'],
  ['www.hashed.com.', 'A'],
  ['x.y.wild.hashed.com.', 'A'],
  ['no.where.hashed.com.', 'A'],
  ['www.hashed.com.', 'TXT'],
  ['www.example.org.', 'A'],
  ['example.org.', 'DS'],
  ['example.com.', 'DNSKEY'],
  ['nowhere.', 'A'],
];
const unsigned: readonly (readonly [name: string, type: string])[] = [
  ['www.plain.com.', 'A'],
  ['www.plain.org.', 'A'],
  ['toplain.example.com.', 'A'],
];

const sections = ['answers', 'authorities', 'additionals'] as const;

/** A bug inside a resolution is caught there, and told to the log only: here it must fail the run. */
const throwingLog: Log = {
  ...silentLog,
  error: (event, fields) => assert.fail(`${event}: ${JSON.stringify(fields)}`),
  child: () => throwingLog,
};

/** Changes each answer by what `input` says, one change for each pair of octets. */
class Forger implements Upstream {
  readonly #upstream: Upstream;
  readonly #pool: readonly ResourceRecord[];
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(upstream: Upstream, pool: readonly ResourceRecord[]) {
    this.#upstream = upstream;
    this.#pool = pool;
  }

  begin(input: Uint8Array): void {
    this.#input = input;
    this.#at = 0;
  }

  ask(...[request, heard]: Parameters<Upstream['ask']>): () => void {
    return this.#upstream.ask(request, (event) => {
      if (event.kind !== 'message') {
        heard(event);
        return;
      }
      const decoded = decodeMessage(event.bytes);
      heard(decoded.ok ? { kind: 'message', bytes: encodeMessage(this.#changed(decoded.value)) } : event);
    });
  }

  #changed(message: Message): Message {
    // An octet says how many changes: most answers stay as they are, or nothing would get far enough to be judged.
    const many = this.#next();
    let changed = message;
    for (let i = many > 200 ? many - 200 : 0; i > 0 && this.#at < this.#input.length; i--)
      changed = this.#change(changed);
    return changed;
  }

  #change(message: Message): Message {
    const how = this.#next() % 10;
    const section = sections[this.#next() % sections.length] ?? 'answers';
    const list = [...message[section]];
    const at = list.length === 0 ? 0 : this.#next() % list.length;
    const record = list[at];
    const other = this.#pool[(this.#next() * 256 + this.#next()) % this.#pool.length];
    switch (how) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        return { ...message, rcode: this.#next() % 6 };
      case 2:
        if (other !== undefined) list.push(other);
        break;
      case 3:
        if (other !== undefined && record !== undefined) list.push({ ...other, owner: record.owner });
        break;
      case 4:
        if (record !== undefined && record.rdata.length > 0) {
          const rdata = record.rdata.slice();
          const octet = this.#next() % rdata.length;
          rdata[octet] = (rdata[octet] ?? 0) ^ (1 << (this.#next() & 7));
          list[at] = { ...record, rdata };
        }
        break;
      case 5:
        if (record !== undefined) list[at] = { ...record, ttl: this.#next() * 10_000 };
        break;
      case 6: {
        const to = sections[this.#next() % sections.length] ?? 'answers';
        if (record !== undefined) return { ...message, [to]: [...message[to], record] };
        break;
      }
      case 7:
        return { ...message, answers: [], authorities: message.authorities };
      case 8:
        // All records of one name, as they were signed: the answer of another question.
        if (other !== undefined) list.push(...this.#pool.filter(({ owner }) => owner.equals(other.owner)));
        break;
      default:
        // Without what DNSSEC adds.
        return {
          ...message,
          answers: message.answers.filter(({ type }) => type !== 46),
          authorities: message.authorities.filter(({ type }) => ![43, 46, 47, 50].includes(type)),
        };
    }
    return { ...message, [section]: list };
  }

  #next(): number {
    const octet = this.#input[this.#at] ?? 0;
    this.#at += 1;
    return octet;
  }
}

interface Stage {
  readonly world: SignedWorld;
  readonly forger: Forger;
  readonly began: number;
  readonly truths: ReadonlyMap<string, string>;
}

let stage: Stage | undefined;
/** The world's signatures hold for 30 days, and its clock moves. */
const stageLife = 20 * 86_400_000;

function staged(): Stage {
  if (stage !== undefined && stage.world.clock.now() - stage.began < stageLife) return stage;
  const world = signedWorld({}, { log: throwingLog });
  const pool = [...world.zones].flatMap(([origin, { text }]) => records(origin, text));
  const truths = new Map(
    [...questions, ...unsigned].map(([name, type]) => [`${name} ${type}`, truthOf(world.ask(name, type))]),
  );
  stage = { world, forger: new Forger(world.internet, pool), began: world.clock.now(), truths };
  return stage;
}

/** What was found, without what may differ from one true answer to another. */
function truthOf({ end, aliases, name }: Resolved): string {
  const owners = aliases
    .filter(({ type }) => type !== 46)
    .map(({ owner, rdata, type }) => `${owner.key} ${formatRdata(type, rdata)}`);
  const data = end.kind === 'records' ? end.rrset.rdatas.map((rdata) => rdata.toHex()).sort() : [];
  return [end.kind, name.key, ...owners, ...data].join('|');
}

export const target: FuzzTarget = {
  name: 'resolver-forgeries',
  seeds: [
    Uint8Array.from([0, 0, 0, 0, 0, 201, 0, 0, 0, 0, 0, 0, 202, 3, 1, 0, 5, 5]),
    Uint8Array.from([1, 201, 9, 0, 0, 0, 0, 201, 9, 0, 0, 0, 0]),
    Uint8Array.from([2, 0, 0, 0, 201, 8, 1, 0, 7, 90, 0, 201, 4, 0, 0, 0, 0, 1]),
    Uint8Array.from([9, 0, 0, 0, 203, 2, 1, 0, 9, 1, 2, 1, 0, 3, 200, 0, 1, 0, 3, 3]),
  ],
  testSteps: 150,
  run: (input: Uint8Array, random: Random): void => {
    const { world, forger, truths } = staged();
    const resolver = world.another(forger);
    forger.begin(input.subarray(1));
    const first = (input[0] ?? 0) % questions.length;
    // Several questions to one resolver: what the first one leaves in its memory is what the next one meets.
    for (let i = 0; i < 3; i++) {
      const [name, type] = questions[i === 0 ? first : random.below(questions.length)] ?? ['.', 'NS'];
      const resolved = world.askOf(resolver, name, type);
      if (resolved.end.kind === 'failure') continue;
      assert.equal(resolved.security, 'secure', `${name} ${type} is of a signed zone`);
      assert.equal(truthOf(resolved), truths.get(`${name} ${type}`), `${name} ${type}`);
    }
    const [name, type] = unsigned[random.below(unsigned.length)] ?? ['.', 'NS'];
    assert.notEqual(
      world.askOf(resolver, name, type).security,
      'secure',
      `${name} ${type} is of an unsigned zone`,
    );
  },
};
