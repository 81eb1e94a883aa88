// Zones given out: what a client puts together of the messages is the zone, from any serial, and who may not have it gets nothing.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AccessRule } from '../../../config/config.ts';
import { VirtualClock } from '../../../lib/clock.ts';
import { silentLog } from '../../../lib/log.ts';
import { ok } from '../../../lib/result.ts';
import { decoded, lines, record, response } from '../../../../test/support/dns-messages.ts';
import { zoneFromText } from '../../../../test/support/dns-authority.ts';
import { MemoryZoneKeeper } from '../../../../test/support/memory-zone-keeper.ts';
import { AccessRules } from '../../desk/access.ts';
import type { DnsRequest } from '../../desk/request.ts';
import type { DnsClient } from '../../responder.ts';
import { formatRcode } from '../../wire/codes.ts';
import type { Message } from '../../wire/message.ts';
import { domainName } from '../../wire/name.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { rrType } from '../../wire/rr-type.ts';
import { ZoneSet } from '../../zone/zone-set.ts';
import type { ZoneView } from '../../zone/zone-view.ts';
import { MessagePacker } from './message-packer.ts';
import { TransferServer } from './transfer-server.ts';
import type { TransferServerOptions } from './transfer-server.ts';
import type { SlotLimits } from './transfer-slots.ts';

const origin = domainName('example.com');
const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
const anyone: AccessRule = { addresses: [], key: undefined, tls: false };
const from = { address: '192.0.2.1', port: 53 };

function zoneText(serial: number, extra = ''): string {
  return `$TTL 300
@ SOA ns.example.com. hostmaster.example.com. ${serial} 3600 600 86400 300
@ NS ns
ns A 192.0.2.53
WWW A 192.0.2.80
www A 192.0.2.81
mail MX 10 ns
${extra}`;
}

function hosts(count: number): string {
  return Array.from({ length: count }, (_, i) => `host-${i} A 192.0.2.1`).join('\n');
}

function soaOf(serial: number): ResourceRecord {
  return record(
    `example.com. 300 IN SOA ns.example.com. hostmaster.example.com. ${serial} 3600 600 86400 300`,
  );
}

function rulesOf(rule: AccessRule): AccessRules {
  const rules = AccessRules.compile([rule]);
  return rules.ok ? rules.value : assert.fail(rules.fault);
}

interface World {
  readonly keeper: MemoryZoneKeeper;
  readonly server: TransferServer;
  readonly clock: VirtualClock;
}

function worldOf(extra = '', options: Partial<TransferServerOptions> & { rule?: AccessRule } = {}): World {
  const keeper = new MemoryZoneKeeper(new ZoneSet([zoneFromText('example.com.', zoneText(1, extra))]), [
    domainName('empty.example'),
  ]);
  const clock = new VirtualClock();
  const access = rulesOf(options.rule ?? anyone);
  const server = new TransferServer({ keeper, access: () => access, clock, log: silentLog, ...options });
  return { keeper, server, clock };
}

/** `AXFR`, or `IXFR` with the serial that the client has. */
function requestFor(
  what: 'AXFR' | number,
  parts: Partial<DnsRequest> & { readonly name?: string; readonly message?: Message } = {},
): DnsRequest {
  const { name = 'example.com', ...rest } = parts;
  const message: Message = {
    ...response({ authoritative: false }),
    response: false,
    questions: [{ name: domainName(name), type: what === 'AXFR' ? rrType.AXFR : rrType.IXFR, class: 1 }],
    authorities: what === 'AXFR' ? [] : [soaOf(what)],
    edns,
  };
  return { message, client: { from, transport: 'tcp' }, key: undefined, limit: 65_535, ...rest };
}

const udp: DnsClient = { from, transport: 'udp' };

async function messagesOf(server: TransferServer, request: DnsRequest): Promise<readonly Message[]> {
  const given = await server.handle(request);
  assert.ok(given !== undefined);
  if (given instanceof Uint8Array) return [decoded(given)];
  const messages: Message[] = [];
  for await (const each of given) {
    assert.ok(each.length <= request.limit);
    messages.push(decoded(each));
  }
  return messages;
}

async function recordsOf(server: TransferServer, request: DnsRequest): Promise<readonly ResourceRecord[]> {
  return (await messagesOf(server, request)).flatMap(({ answers }) => answers);
}

/** Adds the address `192.0.2.serial` to `hN`, and takes away the one that the step before added. */
async function step(keeper: MemoryZoneKeeper, serial: number): Promise<void> {
  const host = (n: number): ResourceRecord => record(`h${n}.example.com. 300 IN A 192.0.2.${n}`);
  const changed = await keeper.change(origin, () =>
    ok({
      from: soaOf(serial),
      to: soaOf(serial + 1),
      removed: serial === 1 ? [] : [host(serial)],
      added: [host(serial + 1)],
    }),
  );
  assert.ok(changed.ok);
}

suite('AXFR', () => {
  test('sends every record once between two SOAs, names in the case of the zone', async () => {
    const { server } = worldOf('x\\.y TXT "a"\n*.w CNAME www\nsub NS ns.sub\nns.sub A 192.0.2.2');
    const records = lines(await recordsOf(server, requestFor('AXFR')));
    assert.equal(records[0], records.at(-1));
    assert.match(records[0] ?? '', / SOA /);
    assert.deepEqual(
      records.slice(1, -1).sort(),
      [
        '*.w.example.com. 300 IN CNAME www.example.com.',
        'WWW.example.com. 300 IN A 192.0.2.80',
        'WWW.example.com. 300 IN A 192.0.2.81',
        'example.com. 300 IN NS ns.example.com.',
        'mail.example.com. 300 IN MX 10 ns.example.com.',
        'ns.example.com. 300 IN A 192.0.2.53',
        'ns.sub.example.com. 300 IN A 192.0.2.2',
        'sub.example.com. 300 IN NS ns.sub.example.com.',
        'x\\.y.example.com. 300 IN TXT "a"',
      ].sort(),
    );
  });

  test('fills messages of 16 KiB, the question and EDNS in the first alone', async () => {
    const { server } = worldOf(hosts(3000));
    const messages = await messagesOf(server, requestFor('AXFR'));
    assert.ok(messages.length > 2 && messages.length < 10, `${messages.length} messages`);
    assert.equal(messages.flatMap(({ answers }) => answers).length, 3000 + 7);
    for (const [index, message] of messages.entries()) {
      assert.deepEqual(
        [
          message.questions.length,
          message.edns !== undefined,
          message.authoritative,
          message.id,
          message.response,
        ],
        [index === 0 ? 1 : 0, index === 0, true, 0x1234, true],
      );
    }
  });

  test('gives a record that is longer than a usual message one of its own', async () => {
    const long = Array.from({ length: 160 }, () => `"${'x'.repeat(250)}"`).join(' ');
    const { server } = worldOf(`a TXT ${long}\nb TXT ${long}`);
    const messages = await messagesOf(server, requestFor('AXFR'));
    assert.equal(
      messages.filter(({ answers }) => answers.some(({ rdata }) => rdata.length > 40_000)).length,
      2,
    );
    assert.equal(messages.flatMap(({ answers }) => answers).length, 9);
  });

  test('goes on in the version that it began with', async () => {
    const { server, keeper } = worldOf(hosts(3000));
    const stream = await server.handle(requestFor('AXFR'));
    assert.ok(stream !== undefined && !(stream instanceof Uint8Array));
    const records: ResourceRecord[] = [];
    for await (const message of stream) {
      if (records.length === 0) await step(keeper, 1);
      records.push(...decoded(message).answers);
    }
    assert.equal(records.length, 3007);
    assert.deepEqual(lines(records.slice(-1)), lines([soaOf(1)]));
    assert.equal(keeper.view(origin)?.serial, 2);
  });
});

suite('IXFR', () => {
  test('sends the steps from the client’s serial on, each between its SOAs', async () => {
    const { server, keeper } = worldOf(hosts(20));
    for (const serial of [1, 2, 3]) await step(keeper, serial);
    const host = (n: number): ResourceRecord => record(`h${n}.example.com. 300 IN A 192.0.2.${n}`);
    const steps = await recordsOf(server, requestFor(2));
    const expected = [
      soaOf(4),
      soaOf(2),
      host(2),
      soaOf(3),
      host(3),
      soaOf(3),
      host(3),
      soaOf(4),
      host(4),
      soaOf(4),
    ];
    assert.deepEqual(lines(steps), lines(expected));
  });

  const current: readonly (readonly [string, number])[] = [
    ['has the same', 4],
    ['has a later one', 5],
    ['has one that is later around the end of numbers', 2 ** 31 - 1],
  ];
  for (const [title, serial] of current) {
    test(`sends the SOA alone to who ${title}`, async () => {
      const { server, keeper } = worldOf();
      for (const each of [1, 2, 3]) await step(keeper, each);
      assert.deepEqual(lines(await recordsOf(server, requestFor(serial))), lines([soaOf(4)]));
    });
  }

  test('sends the whole zone where the journal doesn’t reach back, or has more records than the zone', async () => {
    const { server, keeper } = worldOf();
    for (const serial of [1, 2, 3]) await step(keeper, serial);
    const before = await recordsOf(server, requestFor(0));
    assert.equal(before.length, 8);
    assert.notEqual(before[1]?.type, rrType.SOA);
    for (const serial of [4, 5, 6]) await step(keeper, serial);
    const many = await recordsOf(server, requestFor(1));
    assert.equal(many.length, 8);
    assert.deepEqual(lines([many[0] ?? soaOf(0), many.at(-1) ?? soaOf(0)]), lines([soaOf(7), soaOf(7)]));
  });

  test('over UDP sends the steps where they fit, else the SOA alone', async () => {
    const { server, keeper } = worldOf();
    await step(keeper, 1);
    await step(keeper, 2);
    const fits = await recordsOf(server, requestFor(2, { client: udp, limit: 1232 }));
    assert.equal(fits.length, 6);
    for (const [since, limit] of [
      [2, 200],
      [0, 1232],
    ] as const) {
      const records = await recordsOf(server, requestFor(since, { client: udp, limit }));
      assert.deepEqual(lines(records), lines([soaOf(3)]));
    }
  });

  test('without the client’s SOA, or with something else, is FORMERR', async () => {
    const { server } = worldOf();
    const plain = requestFor(1).message;
    for (const authorities of [
      [],
      [soaOf(1), soaOf(2)],
      [record('example.com. 1 IN A 192.0.2.1')],
      [{ ...soaOf(1), owner: domainName('other.example') }],
      [{ ...soaOf(1), rdata: new Uint8Array(3) }],
    ]) {
      const [message] = await messagesOf(server, requestFor(1, { message: { ...plain, authorities } }));
      assert.equal(formatRcode(message?.rcode ?? -1), 'FORMERR');
    }
  });
});

suite('who may not', () => {
  const keyed: AccessRule = { ...anyone, key: 'key.example' };
  const table: readonly (readonly [string, AccessRule | undefined, DnsRequest, string])[] = [
    ['without a rule', undefined, requestFor('AXFR'), 'REFUSED'],
    ['without the key', keyed, requestFor('AXFR'), 'REFUSED'],
    ['with another key', keyed, requestFor('AXFR', { key: domainName('other.example') }), 'REFUSED'],
    ['from another address', { ...anyone, addresses: ['192.0.2.2'] }, requestFor('AXFR'), 'REFUSED'],
    ['in clear', { ...anyone, tls: true }, requestFor(1), 'REFUSED'],
    ['by UDP', anyone, requestFor('AXFR', { client: udp, limit: 1232 }), 'REFUSED'],
    ['of no zone', anyone, requestFor('AXFR', { name: 'example.org' }), 'NOTAUTH'],
    ['of a name in a zone', anyone, requestFor('AXFR', { name: 'www.example.com' }), 'NOTAUTH'],
    ['of a zone without content', anyone, requestFor('AXFR', { name: 'empty.example' }), 'SERVFAIL'],
  ];
  for (const [title, rule, request, expected] of table) {
    test(title, async () => {
      const { server } = worldOf('', {
        access: () => (rule === undefined ? undefined : rulesOf(rule)),
      });
      const messages = await messagesOf(server, request);
      assert.deepEqual(
        messages.map(({ rcode, answers }) => [formatRcode(rcode), answers.length]),
        [[expected, 0]],
      );
    });
  }

  test('who may gets it', async () => {
    const { server } = worldOf('', { rule: { addresses: ['192.0.2.0/24'], key: 'key.example', tls: true } });
    const client: DnsClient = { from, transport: 'tls' };
    const messages = await messagesOf(server, requestFor('AXFR', { client, key: domainName('KEY.example') }));
    assert.equal(messages[0]?.rcode, 0);
  });
});

suite('limits', () => {
  async function open(server: TransferServer): Promise<AsyncIterator<Uint8Array>> {
    const stream = await server.handle(requestFor('AXFR'));
    assert.ok(stream !== undefined && !(stream instanceof Uint8Array));
    return stream[Symbol.asyncIterator]();
  }

  test('one transfer too many waits until another ends, or is SERVFAIL after a while', async () => {
    const { server, clock } = worldOf('', { limits: { total: 2, perAddress: 2 } });
    const [first, second] = [await open(server), await open(server)];
    const third = open(server);
    await clock.advanceAsync(5000);
    await first.return?.();
    await third;
    const late = messagesOf(server, requestFor('AXFR'));
    await clock.advanceAsync(10_000);
    assert.equal(formatRcode((await late)[0]?.rcode ?? 0), 'SERVFAIL');
    for (let over = false; !over;) {
      const next = second.next();
      await clock.advanceAsync(1);
      over = (await next).done === true;
    }
    await open(server);
  });

  test('a client that takes nothing, or next to nothing, is cut off and its place is free', async () => {
    const { server, clock } = worldOf(hosts(5000), { limits: { total: 1, perAddress: 1 } });
    const idle = await open(server);
    await clock.advanceAsync(60_001);
    await assert.rejects(async () => await idle.next(), /too slowly/);
    const slow = await open(server);
    let taken = 0;
    await assert.rejects(async () => {
      for (; taken < 20; taken++) {
        const [step] = await Promise.all([slow.next(), clock.advanceAsync(50_000)]);
        assert.ok(step.done !== true);
      }
    }, /too slowly/);
    assert.ok(taken > 1);
    await open(server);
  });
});

suite('steps that are read from the store', () => {
  /** A keeper that gives one change at a time, until `end`; `asked` has the serials asked for. */
  const paged = async (options: { readonly end?: number; readonly limits?: SlotLimits } = {}) => {
    const { end = Number.POSITIVE_INFINITY, ...others } = options;
    const { keeper, clock } = worldOf(hosts(40));
    for (let serial = 1; serial < 30; serial++) await step(keeper, serial);
    const asked: number[] = [];
    const server = new TransferServer({
      keeper: {
        enclosing: (name) => keeper.enclosing(name),
        view: (name) => keeper.view(name),
        changesSince: async (name, serial, enoughOctets) => {
          assert.ok(enoughOctets !== undefined && enoughOctets <= 65_536);
          asked.push(serial);
          const changes = await keeper.changesSince(name, serial);
          return asked.length > end ? undefined : changes?.slice(0, 1);
        },
      },
      access: () => rulesOf(anyone),
      clock,
      log: silentLog,
      ...others,
    });
    return { keeper, server, asked };
  };

  test('are sent a page at a time, as if they had been in memory', async () => {
    const { keeper, server, asked } = await paged();
    const inMemory = new TransferServer({
      keeper,
      access: () => rulesOf(anyone),
      clock: new VirtualClock(),
      log: silentLog,
    });
    const sent = lines(await recordsOf(server, requestFor(25)));
    assert.equal(sent.length, 2 + 5 * 4);
    assert.deepEqual(sent, lines(await recordsOf(inMemory, requestFor(25))));
    // Once to weigh them, and once to send them.
    assert.deepEqual(asked, [25, 26, 27, 28, 29, 25, 26, 27, 28, 29]);
    asked.length = 0;
    const overUdp = lines(await recordsOf(server, requestFor(28, { client: udp, limit: 1232 })));
    assert.deepEqual(overUdp, lines(await recordsOf(inMemory, requestFor(28, { client: udp, limit: 1232 }))));
    assert.equal(overUdp.length, 2 + 2 * 4);
    assert.deepEqual(asked, [28, 29]);
  });

  test('are read no further than they are of use', async () => {
    const { server, asked } = await paged();
    assert.equal((await recordsOf(server, requestFor(1))).length, 48);
    const most = asked.length;
    assert.ok(most < 15, `${most} pages for the zone`);
    asked.length = 0;
    assert.equal((await recordsOf(server, requestFor(1, { client: udp, limit: 512 }))).length, 1);
    assert.ok(asked.length < 10, `${asked.length} pages for a datagram`);
  });

  test('end the transfer where the journal is trimmed meanwhile, and its place is free', async () => {
    const { server } = await paged({ end: 7, limits: { total: 1, perAddress: 1 } });
    await assert.rejects(messagesOf(server, requestFor(25)), /trimmed meanwhile/);
    assert.equal((await recordsOf(server, requestFor(25))).length, 48);
  });
});

test('a record that fits no message ends the transfer', async () => {
  const { server } = worldOf(`a TXT ${Array.from({ length: 20 }, () => `"${'x'.repeat(250)}"`).join(' ')}`);
  await assert.rejects(messagesOf(server, requestFor('AXFR', { limit: 4096 })), /fits no message/);
});

test('a view that can’t be read ends the transfer, and its place is free', async () => {
  const { keeper, clock } = worldOf();
  const view = keeper.view(origin) ?? assert.fail();
  const broken: ZoneView = {
    origin,
    serial: 1,
    soa: view.soa,
    rrset: () => undefined,
    rrsets: () => undefined,
    all: () => {
      throw new Error('no such page');
    },
  };
  const log: unknown[] = [];
  const server = new TransferServer({
    keeper: {
      enclosing: () => origin,
      view: () => broken,
      changesSince: () => Promise.resolve([]),
    },
    access: () => rulesOf(anyone),
    clock,
    log: { ...silentLog, warn: (event, fields) => void log.push([event, fields?.['reason']]) },
    limits: { total: 1, perAddress: 1 },
  });
  for (let i = 0; i < 2; i++) await assert.rejects(messagesOf(server, requestFor('AXFR')), /no such page/);
  assert.deepEqual(log.at(-1), ['a transfer was broken off', 'no such page']);
  assert.equal(log.length, 2);
});

test('the packer keeps to its limit whatever the records are', () => {
  const head = response({ edns });
  for (const limit of [512, 600, 1232]) {
    const packer = new MessagePacker(head, limit);
    for (let i = 0; i < 40; i++) {
      const each = record(`h${'o'.repeat(i)}st.example.com. 300 IN MX 10 mail${i}.example.com.`);
      if (packer.add(each)) continue;
      const message = packer.take();
      assert.ok(message.length <= limit);
      decoded(message);
      assert.ok(packer.add(each));
    }
  }
});
