import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DohRequestDecoder, mostQueryOctets } from './doh-request.ts';
import type { DohHead, DohVerdict } from './doh-request.ts';

const query = Uint8Array.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1]);
const head = (more: Partial<DohHead>): DohHead => ({
  method: 'POST',
  target: '/dns-query',
  contentType: 'application/dns-message',
  contentLength: undefined,
  ...more,
});

const inWords = (verdict: DohVerdict | undefined): string => {
  if (verdict === undefined) return 'wanted';
  return verdict.kind === 'refused' ? String(verdict.status) : verdict.kind;
};

/** Status of the head alone, and of what the end comes to after `body`. */
const cases: readonly (readonly [what: string, head: DohHead, at: string, body: Uint8Array, end: string])[] =
  [
    ['a query', head({}), 'wanted', query, 'query'],
    ['nothing', head({}), 'wanted', new Uint8Array(0), '400'],
    ['less than a header', head({}), 'wanted', query.subarray(0, 11), '400'],
    ['as long as it may be', head({}), 'wanted', new Uint8Array(mostQueryOctets), 'query'],
    ['longer', head({}), 'wanted', new Uint8Array(mostQueryOctets + 1), '413'],
    ['a length that is too long', head({ contentLength: '4097' }), '413', query, '413'],
    ['a length that is none', head({ contentLength: 'x' }), 'wanted', query, 'query'],
    ['no content type', head({ contentType: undefined }), '415', query, '415'],
    ['another path', head({ target: '/' }), '404', query, '404'],
    ['a whole URI', head({ target: 'https://a.example/dns-query' }), '404', query, '404'],
    ['preflight', head({ method: 'OPTIONS' }), 'preflight', query, 'preflight'],
    ['another method', head({ method: 'DELETE' }), '405', query, '405'],
    ['an empty method', head({ method: '' }), '405', query, '405'],
    [
      'GET',
      head({ method: 'GET', target: '/dns-query?dns=AAABAAABAAAAAAAAAWEAAAEAAQ' }),
      'query',
      query,
      'query',
    ],
    ['GET without it', head({ method: 'GET', target: '/dns-query?' }), '400', query, '400'],
  ];

for (const [what, request, at, body, end] of cases) {
  test(`${what}: ${end}, wherever the body is split`, () => {
    for (let split = 0; split <= body.length; split += body.length > 100 ? 499 : 1) {
      const decoder = new DohRequestDecoder(request);
      assert.equal(inWords(decoder.verdict), at);
      decoder.push(body.subarray(0, split));
      decoder.push(body.subarray(split));
      const verdict = decoder.end();
      assert.equal(inWords(verdict), end);
      assert.equal(decoder.end(), verdict);
      if (verdict.kind === 'query' && request.method === 'POST') assert.deepEqual(verdict.query, body);
      if (verdict.kind === 'query' && request.method === 'GET')
        assert.deepEqual(Uint8Array.from(verdict.query), query);
    }
  });
}

test('no more of a body is kept than a query may have', () => {
  const decoder = new DohRequestDecoder(head({}));
  let octets = 0;
  while (decoder.push(query) === undefined) octets += query.length;
  assert.ok(octets <= mostQueryOctets && octets > mostQueryOctets - query.length);
  assert.equal(inWords(decoder.push(query)), '413');
});
