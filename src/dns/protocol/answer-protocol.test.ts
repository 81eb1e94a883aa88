// What options, limits and CHAOS questions are answered with. Which of them are answered at all: test/conformance/rfc8906.test.ts.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { queryFor, zoneFromText } from '../../../test/support/dns-authority.ts';
import type { QueryOptions } from '../../../test/support/dns-authority.ts';
import { hexToBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import type { DnsClient } from '../responder.ts';
import { formatRcode, rrClass } from '../wire/codes.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import { ednsOption, extendedError } from '../wire/edns-option.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import type { Message } from '../wire/message.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { AnswerProtocol } from './answer-protocol.ts';
import type { ProtocolSettings } from './answer-protocol.ts';
import { Authority } from '../authority/authority.ts';

const zones = new ZoneSet([
  zoneFromText(
    'example.com.',
    `$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\nns A 192.0.2.1\n*.wild A 192.0.2.2\nsub NS ns.sub\nns.sub A 192.0.2.3\n${Array.from(
      { length: 30 },
      (_, i) => `large TXT "${i} ${'x'.repeat(30 + i)}"\n`,
    ).join('')}`,
  ),
]);

interface Bench {
  readonly clock: VirtualClock;
  readonly octets: (question: string, options?: Asked) => Uint8Array | undefined;
  readonly ask: (question: string, options?: Asked) => Message | undefined;
}

interface Asked extends QueryOptions {
  readonly transport?: DnsClient['transport'];
  readonly from?: string;
  /** Hexadecimal. */
  readonly options?: readonly (readonly [code: number, data: string])[];
}

function benchOf(settings: Partial<ProtocolSettings>): Bench {
  const clock = new VirtualClock();
  const protocol = new AnswerProtocol({ udpSize: 1232, ...settings }, clock, seededRandom(1));
  const authority = new Authority(zones, { protocol });
  const octets: Bench['octets'] = (question, asked = {}) => {
    const options = asked.options?.map(([code, data]) => ({ code, bytes: hex(data) }));
    const query = queryFor(question, { ...asked, ...(options && { edns: { ...asked.edns, options } }) });
    let response: Uint8Array | undefined;
    const from = { address: asked.from ?? '192.0.2.99', port: 5353 };
    authority.respond(query, { from, transport: asked.transport ?? 'udp' }, (reply) => (response = reply));
    return response;
  };
  const ask: Bench['ask'] = (question, asked) => {
    const response = octets(question, asked);
    if (response === undefined) return undefined;
    const message = decodeMessage(response);
    return message.ok ? message.value : assert.fail(message.fault.reason);
  };
  return { clock, octets, ask };
}

function hex(text: string): Uint8Array {
  return hexToBytes(text) ?? assert.fail(text);
}

function optionOf(message: Message | undefined, code: number): string | undefined {
  return message?.edns?.options.find((option) => option.code === code)?.bytes.toHex();
}

suite('options', () => {
  test('NSID tells the identity, or nothing where there is none (RFC 5001 §2.2)', () => {
    const asked: Asked = { options: [[ednsOption.NSID, '']] };
    assert.equal(
      optionOf(benchOf({ identity: 'ns1' }).ask('example.com. SOA', asked), ednsOption.NSID),
      '6e7331',
    );
    assert.equal(optionOf(benchOf({}).ask('example.com. SOA', asked), ednsOption.NSID), undefined);
    // Header, question and OPT must fit 512 octets.
    const long = benchOf({ identity: 'n'.repeat(1000) }).ask('example.com. SOA', asked);
    assert.equal(optionOf(long, ednsOption.NSID), '6e'.repeat(128));
  });

  test('TCP keepalive tells the idle time in tenths of a second (RFC 7828 §3.1)', () => {
    const asked: Asked = { transport: 'tcp', options: [[ednsOption.KEEPALIVE, '']] };
    const told = benchOf({ idleSeconds: 30 }).ask('example.com. SOA', asked);
    assert.equal(optionOf(told, ednsOption.KEEPALIVE), '012c');
  });

  test('padding fills blocks of 468 octets, up to the largest message (RFC 8467 §4.1)', () => {
    const bench = benchOf({ identity: 'ns1', cookieSecrets: [new Uint8Array(16)] });
    for (const question of [
      'example.com. SOA',
      'large.example.com. TXT',
      'nowhere.example.com. A',
      'org. A',
    ]) {
      for (const others of [
        [],
        [[ednsOption.NSID, '']],
        [[ednsOption.COOKIE, '0102030405060708']],
      ] as const) {
        const options = [...others, [ednsOption.PADDING, '0000']] as const;
        const padded = bench.octets(question, { transport: 'tls', options }) ?? assert.fail();
        assert.equal(padded.length % 468, 0, `${question}: ${padded.length}`);
        const plain = bench.octets(question, { transport: 'tls', options: others }) ?? assert.fail();
        assert.ok(padded.length - plain.length <= 468 + 4);
      }
    }
  });

  test('refusals say why (RFC 8914 §4)', () => {
    const bench = benchOf({});
    const reasons: readonly (readonly [string, string, number, Asked?])[] = [
      ['example.net. A', 'REFUSED', extendedError.NOT_AUTHORITATIVE],
      ['example.com. A', 'REFUSED', extendedError.NOT_AUTHORITATIVE, { class: rrClass.HS }],
      ['example.com. AXFR', 'REFUSED', extendedError.PROHIBITED],
      ['example.com. MAILA', 'NOTIMP', extendedError.NOT_SUPPORTED],
    ];
    for (const [question, code, reason, asked] of reasons) {
      const message = bench.ask(question, { edns: {}, ...asked });
      assert.equal(formatRcode(message?.rcode ?? -1), code, question);
      assert.equal(optionOf(message, ednsOption.EDE), reason.toString(16).padStart(4, '0'), question);
    }
    // Of one query the reason is not the next one's.
    assert.equal(optionOf(bench.ask('example.com. A', { edns: {} }), ednsOption.EDE), undefined);
  });

  test('a cookie makes room: the answer stays within the client’s size', () => {
    const bench = benchOf({ identity: 'n'.repeat(100), cookieSecrets: [new Uint8Array(16)] });
    for (let udpSize = 512; udpSize <= 1232; udpSize += 9) {
      const options = [
        [ednsOption.NSID, ''],
        [ednsOption.COOKIE, '0102030405060708'],
      ] as const;
      const octets = bench.octets('large.example.com. TXT', { edns: { udpSize }, options }) ?? assert.fail();
      assert.ok(octets.length <= udpSize);
      const message = decodeMessage(octets);
      assert.ok(message.ok && message.value.truncated && message.value.edns?.options.length === 2);
    }
  });
});

suite('CHAOS (RFC 4892)', () => {
  const bench = benchOf({ identity: 'ns1.example', version: 'Signpost' });
  const chaos: Asked = { class: rrClass.CH };
  for (const [question, text] of [
    ['id.server. TXT', '"ns1.example"'],
    ['HOSTNAME.bind. TXT', '"ns1.example"'],
    ['version.server. TXT', '"Signpost"'],
    ['version.bind. ANY', '"Signpost"'],
  ] as const) {
    test(question, () => {
      const message = bench.ask(question, chaos);
      const [record] = message?.answers ?? [];
      assert.ok(record);
      assert.deepEqual([record.ttl, record.class, formatRdata(16, record.rdata)], [0, rrClass.CH, text]);
    });
  }

  test('hidden, of another type, or another name: refused', () => {
    for (const [question, settings] of [
      ['id.server. TXT', {}],
      ['version.bind. TXT', { identity: 'ns1' }],
      ['id.server. A', { identity: 'ns1' }],
      ['authors.bind. TXT', { identity: 'ns1', version: 'x' }],
      ['example.com. SOA', { identity: 'ns1' }],
    ] as const) {
      assert.equal(formatRcode(benchOf(settings).ask(question, chaos)?.rcode ?? -1), 'REFUSED', question);
    }
    // The names mean nothing in class IN.
    assert.equal(formatRcode(bench.ask('id.server. TXT')?.rcode ?? -1), 'REFUSED');
  });
});

suite('rate limit', () => {
  const rateLimit = { perSecond: 3, slip: 2, exempt: [] };

  /** A word for each of `count` answers: its code, `TC`, or `-` for silence. */
  function flood(bench: Bench, count: number, question: (i: number) => string, asked?: Asked): string {
    return Array.from({ length: count }, (_, i) => {
      const message = bench.ask(question(i), asked);
      if (message === undefined) return '-';
      return message.truncated ? 'TC' : formatRcode(message.rcode);
    }).join(' ');
  }

  test('one name: answers, then silence and truncation in turn', () => {
    assert.equal(
      flood(benchOf({ rateLimit }), 7, () => 'ns.example.com. A'),
      'NOERROR NOERROR NOERROR - TC - TC',
    );
  });

  for (const [what, name, code] of [
    ['names that do not exist count as their zone', (i: number) => `n${i}.example.com. A`, 'NXDOMAIN'],
    ['names of a wildcard count as the wildcard', (i: number) => `n${i}.wild.example.com. A`, 'NOERROR'],
    ['names below a cut count as the cut', (i: number) => `n${i}.sub.example.com. A`, 'NOERROR'],
    ['errors count together', (i: number) => `n${i}.example.net. A`, 'REFUSED'],
  ] as const) {
    test(what, () => {
      assert.equal(flood(benchOf({ rateLimit }), 5, name), `${code} ${code} ${code} - TC`);
    });
  }

  test('truncated answers hold nothing but the question', () => {
    const bench = benchOf({ rateLimit: { ...rateLimit, slip: 1 } });
    const query = queryFor('ns.example.com. A');
    flood(bench, 3, () => 'ns.example.com. A');
    const slip = bench.octets('ns.example.com. A') ?? assert.fail();
    assert.equal(slip.length, query.length);
    assert.deepEqual(slip.subarray(4), query.subarray(4));
  });

  test('a client with a cookie is told ours above the limit, and has none with it (RFC 7873 §5.2.3)', () => {
    const bench = benchOf({ rateLimit, cookieSecrets: [new Uint8Array(16)] });
    const name = (): string => 'ns.example.com. A';
    const part = '0102030405060708';
    const options = [[ednsOption.COOKIE, part]] as const;
    assert.equal(flood(bench, 5, name, { options }), 'NOERROR NOERROR NOERROR - BADCOOKIE');
    assert.equal(flood(bench, 1, name, { options }), '-');
    const told = optionOf(bench.ask(name(), { options }), ednsOption.COOKIE) ?? assert.fail();
    assert.equal(told.length, 48);
    const right: Asked = { options: [[ednsOption.COOKIE, told]] };
    assert.equal(flood(bench, 5, name, right), 'NOERROR NOERROR NOERROR NOERROR NOERROR');
    // Somebody else's is worth nothing.
    assert.equal(flood(bench, 2, name, { ...right, from: '192.0.2.98' }), '- BADCOOKIE');
  });

  test('TCP and TLS have no limit: their clients are not forged', () => {
    const bench = benchOf({ rateLimit });
    for (const transport of ['tcp', 'tls'] as const) {
      const answers = flood(bench, 20, () => 'ns.example.com. A', { transport });
      assert.equal(answers, Array.from({ length: 20 }, () => 'NOERROR').join(' '));
    }
  });

  test('time brings answers back', () => {
    const bench = benchOf({ rateLimit });
    flood(bench, 9, () => 'ns.example.com. A');
    bench.clock.advance(1000);
    assert.equal(
      flood(bench, 4, () => 'ns.example.com. A'),
      'NOERROR NOERROR NOERROR -',
    );
  });
});
