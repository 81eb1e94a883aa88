// What validation costs an honest zone: each thing is asked for once and checked once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedWorld } from '../../../test/support/signed-world.ts';
import { validationAlgorithms } from '../dnssec/algorithm.ts';
import { KeyRing } from '../dnssec/zone-key.ts';

/** In this order: each question finds what those before it brought. */
const questions: readonly (readonly [question: string, checks: number, asked: readonly string[]])[] = [
  [
    // The DNSKEY sets of the root, com and example.com, the DS sets of the two, and the answer.
    'www.example.com. A',
    6,
    [
      '. NS',
      'com. A',
      'example.com. A',
      'www.example.com. A',
      '. DNSKEY',
      'com. DNSKEY',
      'example.com. DNSKEY',
    ],
  ],
  ['www.example.com. A', 0, []],
  // The NSEC record, and the SOA that came with it.
  ['www.example.com. AAAA', 2, ['www.example.com. AAAA']],
  // The CNAME, which leads to what is known.
  ['alias.example.com. A', 1, ['alias.example.com. A']],
  ['mail.example.com. MX', 1, ['mail.example.com. MX']],
  // Its keys, their DS set, and the answer.
  ['www.shop.com. A', 3, ['shop.com. A', 'www.shop.com. A', 'shop.com. DNSKEY']],
];

test('each signature is checked once, and each key set asked for once', () => {
  let checks = 0;
  const counted = [...validationAlgorithms].map(([number, algorithm]) => {
    const verify: typeof algorithm.verify = (...given) => {
      checks += 1;
      return algorithm.verify(...given);
    };
    return [number, { ...algorithm, verify }] as const;
  });
  const world = signedWorld({}, { keyRing: new KeyRing(new Map(counted)) });
  const told: (typeof questions)[number][] = [];
  for (const [question] of questions) {
    checks = 0;
    const [name = '', type = ''] = question.split(' ');
    assert.equal(world.ask(name, type).security, 'secure', question);
    told.push([question, checks, world.internet.asked.map((each) => each.question)]);
  }
  assert.deepEqual(told, questions);
});
