import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainIn, formatChain } from './chain-text.ts';
import type { ChainLink, JourneyStep } from './journey.ts';

const algorithm = 'ECDSAP256SHA256';
const rootKeys: ChainLink = {
  zone: '.',
  checks: 'keys',
  records: '. DNSKEY',
  dsTags: [20326, 38696],
  anchored: true,
  keyTags: [20326, 61050],
  signedBy: 20326,
  algorithm: 'RSASHA256',
  verdict: 'secure',
};
const comDs: ChainLink = {
  zone: '.',
  checks: 'delegation',
  records: 'com. DS',
  dsTags: [19718],
  anchored: false,
  keyTags: [20326, 61050],
  signedBy: 61050,
  algorithm: 'RSASHA256',
  verdict: 'secure',
};
const comKeys: ChainLink = {
  ...comDs,
  zone: 'com.',
  checks: 'keys',
  records: 'com. DNSKEY',
  keyTags: [19718, 40097],
  signedBy: 19718,
  algorithm,
};
const { signedBy: _, ...unsigned } = comDs;
const top = ['.', '✓ . DNSKEY 20326, 61050: trust anchor 20326, 38696; signed by key 20326 (RSASHA256)'];
const down = [
  ...top,
  '✓ com. DS 19718: signed by key 61050 (RSASHA256)',
  '  com.',
  '  ✓ com. DNSKEY 19718, 40097: DS 19718; signed by key 19718 (ECDSAP256SHA256)',
];

const cases: readonly (readonly [what: string, links: readonly ChainLink[], lines: readonly string[]])[] = [
  [
    'a chain that holds',
    [
      rootKeys,
      comDs,
      comKeys,
      { ...comKeys, checks: 'answer', records: 'www.com. A', dsTags: [], signedBy: 40097 },
    ],
    [...down, '  ✓ www.com. A: signed by key 40097 (ECDSAP256SHA256)', 'secure: each link holds'],
  ],
  [
    'one that ends at an unsigned zone',
    [rootKeys, { ...comDs, dsTags: [], records: 'net. DS', verdict: 'insecure' }],
    [...top, '○ no net. DS: signed by key 61050 (RSASHA256)', 'insecure: the chain ends at net. DS'],
  ],
  [
    'one that breaks',
    [
      rootKeys,
      comDs,
      {
        ...unsigned,
        zone: 'com.',
        checks: 'keys',
        records: 'com. DNSKEY',
        keyTags: [1, 2],
        verdict: 'bogus',
        reason: 'no key is that of a DS record',
        extendedError: 9,
      },
    ],
    [
      ...down.slice(0, 4),
      '  ✗ com. DNSKEY 1, 2: DS 19718; no key is that of a DS record',
      'bogus: the chain breaks at com. DNSKEY (extended error 9)',
    ],
  ],
  [
    'an answer that is not signed',
    [
      rootKeys,
      {
        ...unsigned,
        checks: 'denial',
        records: 'a.\u001b[2J. A',
        dsTags: [],
        verdict: 'bogus',
        reason: 'the proof is missing',
      },
    ],
    [
      ...top,
      "✗ no a.?[2J. A: the zone's keys are 20326, 61050; the proof is missing",
      'bogus: the chain breaks at a.?[2J. A',
    ],
  ],
];

for (const [what, links, lines] of cases) {
  test(what, () => assert.deepEqual(formatChain(links).split('\n'), lines));
}

test('marks are painted; links come in the order of their steps, without those of look-ups on the way', () => {
  assert.ok(formatChain([rootKeys], (code, text) => `<${code}>${text}`).includes('<32>✓'));
  const step: JourneyStep = { step: 'D8', at: 0, ms: 0, ok: true, text: '' };
  const nested = { ...step, steps: [{ ...step, link: comDs }] };
  assert.deepEqual(chainIn([{ ...step, link: rootKeys }, nested, { ...step, link: comKeys }]), [
    rootKeys,
    comKeys,
  ]);
});
