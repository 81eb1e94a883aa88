import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import type { HttpRequest } from '../../net/http-request.ts';
import type { DnsReply } from '../responder.ts';
import { dohHandler } from './doh.ts';
import type { DohOptions } from './doh.ts';

const query = Uint8Array.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1]);

/** Sends one POST; gives what is answered, the answers of the responder, and the clock. */
function post(options: DohOptions = {}) {
  const clock = new VirtualClock();
  const given: [number, Readonly<Record<string, string>>, string][] = [];
  const replies: DnsReply[] = [];
  const handler = dohHandler(
    { respond: (_query, _client, reply) => replies.push(reply) },
    { clock, ...options },
  );
  const request: HttpRequest = {
    remote: { address: '192.0.2.1', port: 4242 },
    method: 'POST',
    target: '/dns-query',
    header: (name) => (name === 'content-type' ? 'application/dns-message' : undefined),
    readBody: (take) => {
      for (const octet of query) take(Uint8Array.of(octet));
      take(undefined);
    },
    respond: (status, headers, body) => given.push([status, headers, Buffer.from(body).toString()]),
  };
  handler(request);
  return { clock, given, replies };
}

test('a client over its limit is told to wait, and the resolver is not asked', () => {
  const asked: string[] = [];
  const { given, replies } = post({ overLimit: (address) => asked.push(address) > 0 });
  assert.deepEqual(asked, ['192.0.2.1']);
  assert.equal(replies.length, 0);
  const [[status, headers, text] = []] = given;
  assert.equal(status, 429);
  assert.equal(headers?.['retry-after'], '1');
  assert.match(text ?? '', /^Too many queries/);
});

test('where the resolver says nothing, HTTP says so in the end', () => {
  const { clock, given, replies } = post({ answerMs: 500 });
  clock.advance(499);
  assert.deepEqual(given, []);
  clock.advance(1);
  assert.equal(given[0]?.[0], 504);
  assert.equal(given[0][1]['cache-control'], 'no-store');
  assert.equal(replies.length, 1);
});

test('an answer in time stops the clock', () => {
  const { clock, given, replies } = post({ answerMs: 500 });
  replies[0]?.(Uint8Array.from([...query.subarray(0, 2), 0x81, 0x82, ...query.subarray(4)]));
  clock.advance(1000);
  assert.deepEqual(
    given.map(([status]) => status),
    [200],
  );
});
