// Days of chaos, from a seed: servers that take, put off, refuse and vanish at random, a failing DNS and a failing store, an operator
// who retries, holds and cancels. Whatever happens, no recipient is lost, doubled, or tried twice at once, and each that failed is told of.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToUtf8, concatBytes } from '../../lib/bytes.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { seededRandom } from '../../lib/random.ts';
import type { Random } from '../../lib/random.ts';
import { RelayWorld } from '../../../test/support/relay-world.ts';
import type { DnsAnswer, ServerBehaviour } from '../../../test/support/relay-world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const domains = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'];

function pick<Item>(items: readonly [Item, ...Item[]], random: Random): Item {
  return items[random.below(items.length)] ?? items[0];
}

class Chaos {
  readonly world: RelayWorld;
  readonly random: Random;
  /** Recipients that a server has said 250 to; how often. */
  readonly taken = new Map<string, number>();
  readonly sent: string[] = [];
  readonly cancelled = new Set<string>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const dns: Record<string, DnsAnswer> = {};
    for (const [index, domain] of domains.entries()) {
      dns[domain] = [`MX 10 mx1.${domain}`, `MX 20 mx2.${domain}`];
      for (const host of [1, 2]) dns[`mx${host}.${domain}`] = [`A 192.0.${host}.${index + 1}`];
    }
    this.world = new RelayWorld(dns, { attempts: 7, attemptsPerDestination: 3, recipientsPerTransaction: 4 });
    this.world.transport.takesMs = 3000;
    // Reads that are old when they come: an entry may have been settled since.
    this.world.store.readMs = (seed % 3) * 1000;
    for (const [index] of domains.entries()) {
      for (const host of [1, 2]) this.world.transport.servers.set(`192.0.${host}.${index + 1}`, this.#serve);
    }
  }

  /** One event of the outside world. */
  async disturb(): Promise<void> {
    const { world, random } = this;
    const domain = pick(['a.example', 'b.example', 'c.example', 'd.example', 'e.example'], random);
    const entry = world.store.waiting[random.below(Math.max(1, world.store.waiting.length))];
    switch (random.below(12)) {
      case 0:
        world.lookup.set(
          domain,
          pick<DnsAnswer>(['failure', [`MX 10 mx1.${domain}`], [`MX 5 mx2.${domain}`]], random),
        );
        return;
      case 1:
        world.store.settleFaults += random.below(4);
        return;
      case 2:
        world.store.readFaults += random.below(4);
        return;
      case 3:
        world.store.contentFaults += random.below(3);
        return;
      case 4:
        await world.store.retry();
        return;
      case 5:
        if (entry === undefined) return;
        await world.store.cancel(entry.id);
        this.cancelled.add(formatMailAddress(entry.recipient));
        return;
      case 6:
        if (entry !== undefined) world.store.hold(entry.id);
        return;
      default:
        this.#send(domain);
    }
  }

  #send(domain: string): void {
    const names = Array.from({ length: 1 + this.random.below(8) }, (_, index) => {
      const other = this.random.below(4) === 0 ? pick(['a.example', 'b.example'], this.random) : domain;
      return `u${this.sent.length + index}@${other}`;
    });
    this.sent.push(...names);
    this.world.mail('alice@example.com', ...names);
  }

  readonly #serve: ServerBehaviour = (recipients) => {
    const mood = this.random.below(10);
    if (mood < 3) return { unanswered: 'The connection timed out.' };
    return recipients.map((recipient) => {
      const reply = pick(
        ['250 2.0.0 ok', '250 2.0.0 ok', '451 4.7.1 greylisted', '550 5.1.1 no'],
        this.random,
      );
      if (reply.startsWith('2')) this.taken.set(recipient, (this.taken.get(recipient) ?? 0) + 1);
      return reply;
    });
  };
}

describe('the queue in chaos', () => {
  for (let seed = 1; seed <= 25; seed++) {
    test(`seed ${seed}`, async () => {
      const chaos = new Chaos(seed);
      const { world } = chaos;
      await world.start();
      for (let i = 0; i < 60; i++) {
        await chaos.disturb();
        await world.pass(chaos.random.below(10 * minute));
      }
      for (const domain of domains) world.lookup.set(domain, [`MX 10 mx1.${domain}`]);
      await world.store.retry();
      await world.pass(6 * day);
      assert.deepEqual(world.store.waiting, [], 'nothing waits for ever');
      assert.equal(world.transport.twiceAtOnce, 0, 'one attempt of an entry at a time');

      const ends = new Map(world.store.ended.map((end) => [end.recipient, end.kind]));
      assert.equal(ends.size, world.store.ended.length, 'no recipient ends twice');
      const bounced = world.store.notices.flatMap((notice) =>
        [...bytesToUtf8(concatBytes(notice.content)).matchAll(/^Final-Recipient: rfc822; (.*)\r$/gm)].map(
          (match) => match[1] ?? '',
        ),
      );
      for (const recipient of chaos.sent) {
        const [end, taken] = [ends.get(recipient), chaos.taken.get(recipient) ?? 0];
        if (end === undefined) assert.ok(chaos.cancelled.has(recipient), `${recipient} was lost`);
        else assert.equal(taken, end === 'relayed' ? 1 : 0, `${recipient} ${end}, and taken ${taken} times`);
      }
      const failed = world.store.ended.filter((end) => end.kind === 'failed').map((end) => end.recipient);
      assert.deepEqual(
        bounced.filter((recipient) => !chaos.cancelled.has(recipient)).toSorted(),
        failed.filter((recipient) => !chaos.cancelled.has(recipient)).toSorted(),
        'each failure is told of once',
      );
    });
  }
});
