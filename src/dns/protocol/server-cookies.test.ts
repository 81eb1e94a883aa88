// RFC 9018 appendix A, and the edges of RFC 7873 §5.2.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hexToBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { parseIpv4, parseIpv6 } from '../wire/ip-address.ts';
import { cookieState, ServerCookies } from './server-cookies.ts';
import { sipHash24, sipKey } from './sip-hash.ts';

function hex(text: string): Uint8Array {
  return hexToBytes(text.replaceAll(' ', '')) ?? assert.fail(text);
}

function addressOf(text: string): Uint8Array {
  return parseIpv4(text) ?? parseIpv6(text) ?? assert.fail(text);
}

interface Exchange {
  readonly secrets: readonly string[];
  readonly address: string;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly cookie: string;
}

/** What a query's cookie comes to, and the cookie of the answer. */
function exchange({ secrets, address, at, cookie }: Exchange): readonly [number, string] {
  const cookies = new ServerCookies(secrets.map(hex), new VirtualClock(at * 1000));
  // Amid other octets, so that offsets count.
  const query = hex(`ffff${cookie}ff`);
  const addresses = hex(`ee${addressOf(address).toHex()}`);
  const state = cookies.read(query, 2, query.length - 3, addresses, 1, addresses.length - 1);
  const out = new Uint8Array(30);
  cookies.write(out, 3);
  return [state, out.subarray(3, 27).toHex()];
}

const secret = 'e5e973e5a6b2a43f48e7dc849e37bfcf';
const clientPart = '2464c4abcf10c957';
const address = '198.51.100.100';
const fresh = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
const made = 1559731985;

suite('RFC 9018 appendix A', () => {
  test('A.1: learning a new server cookie', () => {
    assert.deepEqual(exchange({ secrets: [secret], address, at: made, cookie: clientPart }), [
      cookieState.clientOnly,
      fresh,
    ]);
  });

  test('A.2: learning a renewed one', () => {
    assert.deepEqual(exchange({ secrets: [secret], address, at: 1559734385, cookie: fresh }), [
      cookieState.right,
      '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
    ]);
  });

  test('A.3: another client, whose cookie has reserved octets set', () => {
    const cookie = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5';
    assert.deepEqual(exchange({ secrets: [secret], address: '203.0.113.203', at: 1559734700, cookie }), [
      // §4.3: more than an hour old.
      cookieState.wrong,
      'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e',
    ]);
    assert.deepEqual(exchange({ secrets: [secret], address: '203.0.113.203', at: 0x5cf78f71 + 60, cookie }), [
      cookieState.right,
      cookie,
    ]);
  });

  test('A.4: an IPv6 query with a rolled-over secret', () => {
    const secrets = ['dd3bdf9344b678b185a6f5cb60fca715', '445536bcd2513298075a5d379663c962'];
    const ip = '2001:db8:220:1:59de:d0f4:8769:82b8';
    const cookie = '22681ab97d52c298010000005cf7c57926556bd0934c72f8';
    const renewed = '22681ab97d52c298010000005cf7c609a6bb79d16625507a';
    const at = 1559741961;
    const [old = '', current = ''] = secrets;
    assert.deepEqual(exchange({ secrets: [current, old], address: ip, at, cookie }), [
      cookieState.right,
      renewed,
    ]);
    assert.deepEqual(exchange({ secrets: [current], address: ip, at, cookie }), [cookieState.wrong, renewed]);
  });
});

suite('RFC 9018 §4.3: how long a cookie is believed', () => {
  for (const [age, state, same] of [
    [0, cookieState.right, true],
    [1800, cookieState.right, true],
    [1801, cookieState.right, false],
    [3600, cookieState.right, false],
    [3601, cookieState.wrong, false],
    [-300, cookieState.right, true],
    [-301, cookieState.wrong, false],
  ] as const) {
    test(`${age} s old`, () => {
      const [found, next] = exchange({ secrets: [secret], address, at: made + age, cookie: fresh });
      assert.deepEqual([found, next === fresh], [state, same]);
    });
  }

  test('over the end of 32-bit time', () => {
    const before = 0xffff_fff0;
    const [, cookie] = exchange({ secrets: [secret], address, at: before, cookie: clientPart });
    assert.deepEqual(exchange({ secrets: [secret], address, at: before + 60, cookie }), [
      cookieState.right,
      cookie,
    ]);
  });
});

suite('what is not ours', () => {
  const wrong: readonly (readonly [string, Partial<Exchange>])[] = [
    ['another address', { address: '198.51.100.101' }],
    ['another client part', { cookie: fresh.replace('2464', '2465') }],
    ['another version', { cookie: fresh.replace('957010000005', '957020000005') }],
    ['another hash', { cookie: fresh.replace(/80$/, '81') }],
    ['another secret', { secrets: ['00000000000000000000000000000000'] }],
    ['eight octets of a server part', { cookie: fresh.slice(0, 32) }],
    ['thirty-two octets of one', { cookie: `${fresh}${'00'.repeat(16)}` }],
  ];
  for (const [what, change] of wrong) {
    test(what, () => {
      const [state, next] = exchange({ secrets: [secret], address, at: made, cookie: fresh, ...change });
      assert.equal(state, cookieState.wrong);
      assert.equal(next.length, 48);
    });
  }

  test('RFC 7873 §5.2.2: lengths that no cookie has', () => {
    for (const length of [0, 1, 7, 9, 15, 41, 100]) {
      const cookie = 'ab'.repeat(length);
      assert.equal(exchange({ secrets: [secret], address, at: made, cookie })[0], -1, String(length));
    }
  });
});

test('SipHash-2-4: the vectors of its reference implementation', () => {
  const key = sipKey(Uint8Array.from({ length: 16 }, (_, i) => i));
  const input = Uint8Array.from({ length: 64 }, (_, i) => i);
  const expected: readonly (readonly [number, string])[] = [
    [0, '310e0edd47db6f72'],
    [1, 'fd67dc93c539f874'],
    [15, 'e545be4961ca29a1'],
  ];
  for (const [length, hash] of expected) {
    const out = new Uint8Array(10);
    sipHash24(key, input, 0, length, out, 1);
    assert.equal(out.subarray(1, 9).toHex(), hash, String(length));
  }
});
