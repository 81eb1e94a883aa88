import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRule } from '../../config/config.ts';
import type { DnsClient } from '../responder.ts';
import { domainName } from '../wire/name.ts';
import { AccessRules } from './access.ts';

function compile(rules: readonly Partial<AccessRule>[]): AccessRules {
  const compiled = AccessRules.compile(
    rules.map((rule) => ({ addresses: [], key: undefined, tls: false, ...rule })),
  );
  return compiled.ok ? compiled.value : assert.fail(compiled.fault);
}

/** `address [key] [tls]` */
function requester(text: string): { client: DnsClient; key: ReturnType<typeof domainName> | undefined } {
  const [address = '', ...rest] = text.split(' ');
  const key = rest.find((word) => word !== 'tls');
  return {
    client: { from: { address, port: 1 }, transport: rest.includes('tls') ? 'tls' : 'tcp' },
    key: key === undefined ? undefined : domainName(key),
  };
}

const table: readonly (readonly [readonly Partial<AccessRule>[], readonly string[], readonly string[]])[] = [
  [[], [], ['127.0.0.1', '127.0.0.1 key.example tls']],
  [[{}], ['192.0.2.1', '2001:db8::1', '192.0.2.1 any tls'], []],
  [
    [{ addresses: ['192.0.2.0/24', '2001:db8::/32'] }],
    ['192.0.2.255', '2001:db8::1', '192.0.2.1 any', '::ffff:192.0.2.1'],
    ['192.0.3.1', '2001:db9::1', 'nonsense'],
  ],
  [[{ key: 'Key.example' }], ['10.0.0.1 key.EXAMPLE'], ['10.0.0.1', '10.0.0.1 other.example']],
  [
    [{ addresses: ['192.0.2.1'], key: 'key.example', tls: true }],
    ['192.0.2.1 key.example tls'],
    ['192.0.2.1 key.example', '192.0.2.1 tls', '192.0.2.2 key.example tls'],
  ],
  [[{ tls: true }, { addresses: ['192.0.2.1'] }], ['10.0.0.1 tls', '192.0.2.1'], ['10.0.0.1']],
];

test('a rule fits whoever meets all that it names, and one that fits is enough', () => {
  for (const [rules, allowed, refused] of table) {
    const access = compile(rules);
    for (const who of allowed) assert.ok(access.allow(requester(who)), `${JSON.stringify(rules)}: ${who}`);
    for (const who of refused) assert.ok(!access.allow(requester(who)), `${JSON.stringify(rules)}: ${who}`);
  }
});

test('all rules that fit are given, in their order', () => {
  const access = compile([{ key: 'a' }, { addresses: ['192.0.2.1'] }, { key: 'b' }, {}]);
  const fitting = access
    .fitting(requester('192.0.2.1 b'))
    .map(({ key, addresses }) => key ?? addresses.join());
  assert.deepEqual(fitting, ['192.0.2.1', 'b', '']);
});

test('what is no range or no name is told', () => {
  const rule = { addresses: [], key: undefined, tls: false };
  assert.deepEqual(AccessRules.compile([{ ...rule, addresses: ['192.0.2/24'] }]), {
    ok: false,
    fault: "'192.0.2/24' is not a range of addresses, like 192.0.2.0/24",
  });
  assert.equal(AccessRules.compile([{ ...rule, key: 'a..b' }]).ok, false);
});
