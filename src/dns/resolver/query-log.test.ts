// The query log of a front in a small internet: what its lines say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query } from '../../../test/support/dns-messages.ts';
import { frontWithPackets } from '../../../test/support/resolver-front.ts';
import { signedWorld } from '../../../test/support/signed-world.ts';
import { VirtualClock } from '../../lib/clock.ts';
import type { DnsClient } from '../responder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { QueryLog } from './query-log.ts';

const past = Math.floor(Date.UTC(2020, 0, 1) / 1000);

function logged(
  questions: readonly (readonly [name: string, type?: number, client?: DnsClient])[],
): readonly string[] {
  const { clock, resolver } = signedWorld({
    'hashed.com.': { inception: past, expiration: past + 86_400 },
  });
  const lines: string[] = [];
  const { onAnswered } = new QueryLog({ oneIn: 1, clock, write: (line) => lines.push(line) });
  const front = frontWithPackets(resolver, ['192.0.2.0/24'], { onAnswered });
  for (const [name, type = rrType.A, client = local] of questions) {
    front.respond(encodeMessage(query(name, type)), client, () => undefined);
    clock.run(() => front.pending === 0);
  }
  return lines.map((line) => {
    assert.ok(line.endsWith('}\n'));
    const { at, ms, error, ...entry } = JSON.parse(line) as Record<string, unknown>;
    assert.match(String(at), /^2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(typeof ms, 'number');
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '-';
    return [...Object.values(entry), code].join(' ');
  });
}

const local: DnsClient = { from: { address: '192.0.2.9', port: 4242 }, transport: 'udp' };

test('a line for each question: who, by what, what, and what became of it', () => {
  assert.deepEqual(
    logged([
      ['www.example.com.'],
      ['www.example.com.'],
      ['nope.example.com.', rrType.MX, { ...local, transport: 'tls' }],
      ['www.plain.com.'],
      ['www.hashed.com.'],
      ['www.example.com.', rrType.ANY],
      ['a\\"\\010.example.com.', rrType.A, { ...local, from: { address: '198.51.100.1', port: 1 } }],
    ]),
    [
      '192.0.2.9 udp www.example.com. A NOERROR false secure -',
      '192.0.2.9 udp www.example.com. A NOERROR true secure -',
      '192.0.2.9 tls nope.example.com. MX NXDOMAIN false secure -',
      '192.0.2.9 udp www.plain.com. A NOERROR false insecure -',
      '192.0.2.9 udp www.hashed.com. A SERVFAIL false bogus 7',
      '192.0.2.9 udp www.example.com. ANY NOERROR true  -',
    ],
  );
});

test('a sample is every so-many-th question', () => {
  let lines = 0;
  const log = new QueryLog({ oneIn: 100, clock: new VirtualClock(), write: () => (lines += 1) });
  const question = { name: domainName('a.'), type: 1, class: 1 };
  const answered = { client: local, question, rcode: 0, ms: 1, atOnce: true } as const;
  for (let i = 0; i < 1000; i++) log.onAnswered({ ...answered, security: undefined, error: undefined });
  assert.equal(lines, 10);
});

test('the latest are at hand, the newest first, and no more of them than a bound', () => {
  const log = new QueryLog({ oneIn: 1, clock: new VirtualClock(), write: () => undefined });
  const question = { name: domainName('a.'), type: 1, class: 1 };
  const answered = { client: local, question, rcode: 0, atOnce: true } as const;
  assert.deepEqual(log.latest(5), []);
  for (let ms = 1; ms <= 1_234; ms++)
    log.onAnswered({ ...answered, ms, security: undefined, error: undefined });
  assert.deepEqual(
    log.latest(3).map(({ ms }) => ms),
    [1_234, 1_233, 1_232],
  );
  assert.equal(log.latest(5_000).length, 1_000);
  assert.equal(log.latest(5_000).at(-1)?.ms, 235);
});
