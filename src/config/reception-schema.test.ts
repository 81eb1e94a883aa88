import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { Config } from './config.ts';
import { formatConfigFault } from './config-fault.ts';
import { parseConfig } from './parse-config.ts';

const head = 'hostname: mx.example.com\n';

function read(yaml: string): Config {
  const result = parseConfig(head + yaml, '/signpost.yaml');
  assert.ok(result.ok, result.ok ? '' : result.fault.map(formatConfigFault).join('\n'));
  return result.value;
}

describe('reception', () => {
  test('is careful without a word in the file', () => {
    const { reception } = read('');
    assert.deepEqual(reception.exempt, ['127.0.0.0/8', '::1/128']);
    assert.deepEqual(reception.perAddress, {
      openConnections: 50,
      connections: 120,
      messages: 600,
      recipients: 3000,
      unknownRecipients: 60,
      errors: 120,
      octets: 2 ** 30,
    });
    assert.equal(reception.perNetwork.messages, 2400);
    assert.equal(reception.greetingDelay, 1);
    assert.equal(reception.earlyTalkers, 'refuse');
    assert.deepEqual(reception.tarpit, { free: 5, firstDelay: 1, longestDelay: 15 });
    assert.deepEqual(reception.hello, { ownName: 'refuse', foreignLiteral: 'mark', malformed: 'mark' });
    assert.equal(reception.noReverseName, 'ignore');
    assert.deepEqual(reception.lists, []);
  });

  test('keeps the other defaults of a group where one of its keys is set', () => {
    const { reception } = read(
      'reception: { per-address: { messages: 7, size: 5 MiB }, exempt: [192.0.2.1] }\n',
    );
    assert.equal(reception.perAddress.messages, 7);
    assert.equal(reception.perAddress.octets, 5 * 2 ** 20);
    assert.equal(reception.perAddress.recipients, 3000);
    assert.deepEqual(reception.exempt, ['192.0.2.1/32']);
  });

  test('reads lists in DNS, which block addresses by any answer unless told else', () => {
    const { lists } = read(
      'reception: { lists: [{ zone: BL.example. }, { zone: d.example, about: domain, codes: [127.0.0.2], bits: 6, action: slow }] }\n',
    ).reception;
    const usual = {
      kind: 'block',
      about: 'address',
      codes: ['127.0.0.0/8'],
      bits: undefined,
      action: 'refuse',
    };
    assert.deepEqual(lists, [
      { ...usual, zone: 'bl.example' },
      { ...usual, zone: 'd.example', about: 'domain', codes: ['127.0.0.2/32'], bits: 6, action: 'slow' },
    ]);
  });

  const wrong: readonly (readonly [string, readonly string[]])[] = [
    [
      'reception: { per-address: { mesages: 7 } }\n',
      ["2:29 reception.per-address: there is no key 'mesages' here; did you mean 'messages'?"],
    ],
    [
      'reception: { per-network: { errors: -1 }, greeting-delay: 61 }\n',
      [
        '2:37 reception.per-network.errors: expected a whole number from 0 to 1000000, found the number -1',
        '2:59 reception.greeting-delay: expected a whole number from 0 to 60, found the number 61',
      ],
    ],
    [
      'reception: { exempt: 192.0.2.1, early-talkers: shoot }\n',
      [
        `2:22 reception.exempt: expected a list of address blocks, like ["192.0.2.0/24"], found '192.0.2.1'`,
        "2:48 reception.early-talkers: expected 'refuse' or 'allow', found 'shoot'",
      ],
    ],
    [
      'reception: { tarpit: { first-delay: 10, longest-delay: 5 } }\n',
      ["2:22 reception.tarpit: 'first-delay' is longer than 'longest-delay', which is 5"],
    ],
    [
      'reception: { lists: [{ zone: a, codes: [10.0.0.1] }, { kind: welcome }] }\n',
      [
        "2:41 reception.lists[0].codes[0]: '10.0.0.1' is no answer of a list: they are in 127.0.0.0/8 (RFC 5782 §2.1)",
        "2:54 reception.lists[1]: 'zone' is missing: it must be a zone's name, like example.com",
      ],
    ],
    [
      'reception: { lists: [{ zone: a }, { zone: A }, { zone: b, kind: welcome, action: mark }] }\n',
      [
        '2:43 reception.lists: a stands here twice with the same answers',
        "2:74 reception.lists[2]: 'action' is for block lists; what is on a welcome list is welcome",
      ],
    ],
  ];
  for (const [yaml, faults] of wrong) {
    test(`tells what is wrong with ${yaml.trim()}`, () => {
      const result = parseConfig(head + yaml, '/signpost.yaml');
      assert.deepEqual(
        result.ok ? [] : result.fault.map(({ line, column, message }) => `${line}:${column} ${message}`),
        faults,
      );
    });
  }

  test('every example of docs/refusing.md is right', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/refusing.md'), 'utf8');
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)];
    assert.ok(examples.length > 0);
    for (const [, yaml = ''] of examples) read(yaml);
  });
});
