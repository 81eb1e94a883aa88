// NOTIFY both ways under a clock that is moved by hand: secondaries that answer, are silent, lose datagrams or refuse; and who is believed.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { ok } from '../../lib/result.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Network } from '../../lib/transport.ts';
import { zoneFromText } from '../../../test/support/dns-authority.ts';
import { decoded, record, response } from '../../../test/support/dns-messages.ts';
import { MemoryZoneKeeper } from '../../../test/support/memory-zone-keeper.ts';
import { AccessRules } from '../desk/access.ts';
import { replyTo } from '../desk/reply.ts';
import type { DnsRequest } from '../desk/request.ts';
import { TsigKeys } from '../tsig/tsig-key.ts';
import type { TsigKey } from '../tsig/tsig-key.ts';
import { verifyRequest } from '../tsig/verify-request.ts';
import { formatRcode, opcode, rcode } from '../wire/codes.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { formatRecord } from '../wire/presentation.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { notifyHandler } from './notify-receiver.ts';
import { NotifySender } from './notify-sender.ts';
import type { NotifySenderOptions, NotifyTarget } from './notify-sender.ts';

const key: TsigKey = {
  name: domainName('key.example'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(3),
};

function soaOf(serial: number, zone = 'example.com'): ResourceRecord {
  return record(`${zone}. 300 IN SOA ns.${zone}. host.${zone}. ${serial} 3600 600 86400 300`);
}

function zoneText(): string {
  return '$TTL 300\n@ SOA ns host 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n';
}

/** How many datagrams a secondary loses before it answers, by which code it answers, and how long that takes. */
interface Manner {
  readonly loses?: number;
  readonly code?: number;
  readonly delay?: number;
  /** Believes what is signed alone. */
  readonly key?: TsigKey;
}

class Secondaries implements Network {
  readonly #clock: VirtualClock;
  readonly #start: number;
  readonly #manners = new Map<string, { manner: Manner; lost: number }>();
  /** `12.000 192.0.2.1 example.com. 7` */
  heard: string[] = [];
  most = 0;
  #open = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#start = clock.now();
  }

  put(address: string, manner: Manner): void {
    this.#manners.set(address, { manner, lost: 0 });
  }

  openFlow(...[to, onDatagram]: Parameters<Network['openFlow']>): ReturnType<Network['openFlow']> {
    this.#open += 1;
    this.most = Math.max(this.most, this.#open);
    let open = true;
    return {
      send: (bytes) => {
        const answer = this.#take(to.address, bytes);
        const delay = this.#manners.get(to.address)?.manner.delay ?? 10;
        if (answer !== undefined) this.#clock.after(delay, () => void (open && onDatagram(answer)));
      },
      [Symbol.dispose]: () => {
        if (open) this.#open -= 1;
        open = false;
      },
    };
  }

  connect(): Promise<never> {
    return Promise.reject(new ConnectionFault('refused', 'nobody listens there'));
  }

  #take(address: string, bytes: Uint8Array): Uint8Array | undefined {
    const secondary = this.#manners.get(address);
    const signature = verifyRequest(bytes, new TsigKeys([key]), this.#clock.now());
    const message = decoded(signature.kind === 'verified' ? signature.message : bytes);
    const [soa] = message.answers;
    assert.deepEqual([message.opcode, message.authoritative, message.response], [opcode.NOTIFY, true, false]);
    assert.deepEqual(message.questions[0]?.type, rrType.SOA);
    const time = ((this.#clock.now() - this.#start) / 1000).toFixed(3);
    const serial = formatRecord(soa ?? assert.fail('no SOA')).split(/\s+/)[6] ?? '';
    this.heard.push(`${time} ${address} ${message.questions[0]?.name.toString()} ${serial}`);
    if (secondary === undefined) return undefined;
    const { manner } = secondary;
    if (secondary.lost++ < (manner.loses ?? 0)) return undefined;
    const reply = encodeMessage(replyTo(message, { rcode: manner.code ?? 0, authoritative: true }));
    if (manner.key === undefined) return reply;
    return signature.kind === 'verified' ? signature.signer.sign(reply, this.#clock.now()) : undefined;
  }
}

function target(address: string, parts: Partial<NotifyTarget> = {}): NotifyTarget {
  return { endpoint: { address, port: 53 }, key: undefined, tls: undefined, ...parts };
}

interface World {
  readonly clock: VirtualClock;
  readonly keeper: MemoryZoneKeeper;
  readonly secondaries: Secondaries;
  readonly sender: NotifySender;
  readonly log: string[];
}

function worldOf(
  targets: (origin: DomainName) => readonly NotifyTarget[],
  options: Partial<NotifySenderOptions> & {
    readonly zones?: readonly string[];
    readonly manners?: Readonly<Record<string, Manner>>;
    /** Zones that are told of at the start. */
    readonly told?: readonly string[];
  } = {},
): World {
  const { zones = ['example.com'], manners = {}, told = [], ...rest } = options;
  const clock = new VirtualClock();
  const keeper = new MemoryZoneKeeper(new ZoneSet(zones.map((zone) => zoneFromText(`${zone}.`, zoneText()))));
  const secondaries = new Secondaries(clock);
  const log: string[] = [];
  const write = (event: string): void => void log.push(event);
  for (const [address, manner] of Object.entries(manners)) secondaries.put(address, manner);
  const kept: Log = { ...silentLog, info: write, warn: write };
  const sender = new NotifySender({
    keeper,
    targets,
    network: secondaries,
    clock,
    random: seededRandom(1),
    log: kept,
    ...rest,
  });
  sender.start(told.map(domainName));
  return { clock, keeper, secondaries, sender, log };
}

async function change(keeper: MemoryZoneKeeper, serial: number): Promise<void> {
  const changed = await keeper.change(domainName('example.com'), () =>
    ok({
      from: soaOf(serial),
      to: soaOf(serial + 1),
      removed: [],
      added: [record(`h${serial}.example.com. 300 IN A 192.0.2.1`)],
    }),
  );
  assert.ok(changed.ok);
}

suite('telling', () => {
  test('each secondary is told of a change once, and of the start when asked to', async () => {
    const { clock, keeper, secondaries, sender, log } = worldOf(
      () => [target('192.0.2.1'), target('192.0.2.2')],
      { manners: { '192.0.2.1': {}, '192.0.2.2': {} }, told: ['example.com'] },
    );
    await clock.advanceAsync(1000);
    await change(keeper, 1);
    await clock.advanceAsync(100_000);
    assert.deepEqual(secondaries.heard, [
      '0.000 192.0.2.1 example.com. 1',
      '0.000 192.0.2.2 example.com. 1',
      '1.000 192.0.2.1 example.com. 2',
      '1.000 192.0.2.2 example.com. 2',
    ]);
    assert.equal(sender.pending, 0);
    assert.equal(log.filter((line) => line === 'a secondary was notified').length, 4);
  });

  test('a hundred changes while it is being told make one more NOTIFY, of the last', async () => {
    const { clock, keeper, secondaries } = worldOf(() => [target('192.0.2.1')]);
    secondaries.put('192.0.2.1', { delay: 500 });
    for (let serial = 1; serial <= 100; serial++) await change(keeper, serial);
    await clock.advanceAsync(10_000);
    assert.deepEqual(secondaries.heard, [
      '0.000 192.0.2.1 example.com. 2',
      '0.500 192.0.2.1 example.com. 101',
    ]);
  });

  test('a lost datagram is sent again soon; a silent secondary after 60 s, 2, 4, 8 and 16 minutes, and then no more', async () => {
    const { clock, keeper, secondaries, sender, log } = worldOf((): readonly NotifyTarget[] => [
      target('192.0.2.1'),
      target('192.0.2.9'),
    ]);
    secondaries.put('192.0.2.1', { loses: 1 });
    await change(keeper, 1);
    await clock.advanceAsync(4_000_000);
    const at = (address: string): string[] =>
      secondaries.heard.filter((line) => line.includes(address)).map((line) => line.split('.')[0] ?? '');
    assert.equal(at('192.0.2.1').length, 2);
    assert.deepEqual(at('192.0.2.9'), [
      '0',
      '1',
      '64',
      '66',
      '189',
      '190',
      '433',
      '435',
      '918',
      '919',
      '1882',
      '1884',
    ]);
    assert.equal(sender.pending, 0);
    assert.equal(log.at(-1), 'a secondary was not notified: it never answers');
  });

  test('a new change tells a silent secondary at once', async () => {
    const { clock, keeper, secondaries } = worldOf(() => [target('192.0.2.1')]);
    await change(keeper, 1);
    await clock.advanceAsync(30_000);
    secondaries.put('192.0.2.1', {});
    await change(keeper, 2);
    await clock.advanceAsync(300_000);
    assert.equal(secondaries.heard.at(-1), '30.000 192.0.2.1 example.com. 3');
  });

  test('a secondary that refuses is told no more, and the log says so', async () => {
    const { clock, keeper, secondaries, log } = worldOf(() => [target('192.0.2.1')]);
    secondaries.put('192.0.2.1', { code: rcode.NOTIMP });
    await change(keeper, 1);
    await clock.advanceAsync(300_000);
    assert.equal(secondaries.heard.length, 1);
    assert.deepEqual(log, ['a secondary doesn’t take our NOTIFY']);
  });

  test('with a key NOTIFY is signed, and no answer believed that isn’t', async () => {
    const { clock, keeper, secondaries, sender } = worldOf(() => [
      target('192.0.2.1', { key }),
      target('192.0.2.2', { key }),
    ]);
    secondaries.put('192.0.2.1', { key });
    secondaries.put('192.0.2.2', {});
    await change(keeper, 1);
    await clock.advanceAsync(20_000);
    assert.deepEqual(secondaries.heard.filter((line) => line.includes('192.0.2.1')).length, 1);
    assert.equal(sender.pending, 1);
  });

  test('of many zones so many are told at once and no more, and all in the end', async () => {
    const zones = Array.from({ length: 200 }, (_, i) => `z${i}.example`);
    const { clock, secondaries, sender } = worldOf(() => [target('192.0.2.1'), target('192.0.2.2')], {
      zones,
      limits: { total: 12, perTarget: 8 },
      manners: { '192.0.2.1': { delay: 100 }, '192.0.2.2': { delay: 100 } },
      told: zones,
    });
    assert.equal(sender.pending, 400);
    await clock.advanceAsync(100_000);
    assert.equal(secondaries.most, 12);
    assert.equal(new Set(secondaries.heard.map((line) => line.replace(/^\S+/, ''))).size, 400);
    assert.equal(secondaries.heard.length, 400);
    assert.equal(sender.pending, 0);
  });

  test('a zone that is taken away, or a sender that ends, tells nobody any more', async () => {
    const { clock, keeper, secondaries, sender } = worldOf(() => [target('192.0.2.1')], {
      zones: ['example.com', 'example.org'],
      told: ['example.com', 'example.org'],
    });
    await clock.advanceAsync(10_000);
    const before = secondaries.heard.length;
    await keeper.remove(domainName('example.com'));
    assert.equal(sender.pending, 1);
    sender[Symbol.dispose]();
    await clock.advanceAsync(1_000_000);
    assert.equal(secondaries.heard.length, before);
    assert.equal(clock.nextTimer(), undefined);
  });
});

suite('being told', () => {
  function rulesFor(address: string): AccessRules {
    const rules = AccessRules.compile([{ addresses: [address], key: 'key.example', tls: false }]);
    return rules.ok ? rules.value : assert.fail(rules.fault);
  }

  const told: string[] = [];
  const handle = notifyHandler({
    zone: (origin) =>
      origin.equals(domainName('example.com'))
        ? { origin, primaries: ['192.0.2.1'], notifyFrom: rulesFor('198.51.100.1') }
        : undefined,
    notified: (origin, serial, from) => void told.push(`${origin.toString()} ${serial} ${from.address}`),
    log: silentLog,
  });

  function requestFrom(address: string, parts: Partial<Message> = {}, signed = false): DnsRequest {
    const message: Message = {
      ...response(),
      response: false,
      opcode: opcode.NOTIFY,
      questions: [{ name: domainName('example.com'), type: rrType.SOA, class: 1 }],
      ...parts,
    };
    return {
      message,
      client: { from: { address, port: 53 }, transport: 'udp' },
      key: signed ? key.name : undefined,
      limit: 512,
    };
  }

  const of = (name: string, type: number = rrType.SOA, rrClass = 1): Partial<Message> => ({
    questions: [{ name: domainName(name), type, class: rrClass }],
  });
  const table: readonly (readonly [string, DnsRequest, string, readonly string[]])[] = [
    ['a primary', requestFrom('192.0.2.1'), 'NOERROR', ['example.com. undefined 192.0.2.1']],
    [
      'a primary with its serial',
      requestFrom('192.0.2.1', { answers: [soaOf(7)] }),
      'NOERROR',
      ['example.com. 7 192.0.2.1'],
    ],
    [
      'a primary with another zone’s serial',
      requestFrom('192.0.2.1', { answers: [soaOf(7, 'example.org')] }),
      'NOERROR',
      ['example.com. undefined 192.0.2.1'],
    ],
    [
      'who is allowed to',
      requestFrom('198.51.100.1', {}, true),
      'NOERROR',
      ['example.com. undefined 198.51.100.1'],
    ],
    ['who is allowed to, without the key', requestFrom('198.51.100.1'), 'REFUSED', []],
    ['a stranger', requestFrom('203.0.113.1', { answers: [soaOf(9)] }), 'REFUSED', []],
    ['of a zone that isn’t ours', requestFrom('192.0.2.1', of('example.org')), 'NOTAUTH', []],
    ['of a name in a zone', requestFrom('192.0.2.1', of('www.example.com')), 'NOTAUTH', []],
    ['of another class', requestFrom('192.0.2.1', of('example.com', rrType.SOA, 3)), 'NOTAUTH', []],
    ['of another type', requestFrom('192.0.2.1', of('example.com', rrType.A)), 'NOTIMP', []],
  ];
  for (const [title, request, code, expected] of table) {
    test(title, async () => {
      told.length = 0;
      const given = await handle(request);
      assert.ok(given instanceof Uint8Array);
      const answer = decoded(given);
      assert.equal(formatRcode(answer.rcode), code);
      assert.deepEqual([answer.opcode, answer.response, answer.questions.length], [opcode.NOTIFY, true, 1]);
      assert.deepEqual(told, expected);
    });
  }
});
