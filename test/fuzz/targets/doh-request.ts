// HTTP requests to the resolver: method, target and content type in lines of text, then the body in pieces of any size. What comes out as
// a query is no response and has a header, and no body is kept beyond the bound.
import assert from 'node:assert/strict';
import { DohRequestDecoder, mostQueryOctets } from '../../../src/dns/server/doh-request.ts';
import type { FuzzTarget } from '../target.ts';

const seed = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const type = 'application/dns-message';

export const target: FuzzTarget = {
  name: 'doh-request',
  seeds: [
    seed(`GET\n/dns-query?dns=AAABAAABAAAAAAAAAWEAAAEAAQ\n\n\n`),
    seed(`POST\n/dns-query\n${type}\n19\n\0\0\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01`),
    seed(`OPTIONS\n/dns-query\n\n\n`),
    seed(`POST\n/dns-query?dns=AAAA\n${type}; charset=utf-8\n99999\n\0\0\x80`),
  ],
  words: ['dns=', '&', '?', '%2F', '==', type, 'POST', 'GET', '/dns-query', '\n'].map(seed),
  run(input, random) {
    const text = Buffer.from(input).toString('latin1');
    const [method = '', path = '', contentType, contentLength, ...rest] = text.split('\n');
    const body = seed(rest.join('\n'));
    const decoder = new DohRequestDecoder({ method, target: path, contentType, contentLength });
    for (let at = 0; at < body.length;) {
      const length = 1 + random.below(32);
      decoder.push(body.subarray(at, at + length));
      at += length;
    }
    const verdict = decoder.end();
    if (verdict.kind === 'refused') assert.match(verdict.text, /^[A-Z'].+\.$/);
    if (verdict.kind !== 'query') return;
    assert.ok(verdict.query.length >= 12 && verdict.query.length <= mostQueryOctets);
    assert.equal((verdict.query[2] ?? 0) & 0x80, 0);
  },
};
