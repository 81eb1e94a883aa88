import assert from 'node:assert/strict';
import { test } from 'node:test';
import { record } from '../../../test/support/dns-messages.ts';
import { formatType } from '../wire/rdata/registry.ts';
import { targetOf } from './targets.ts';

test('what a record points to, and which records of it belong with the answer', () => {
  const addresses = ['A', 'AAAA'];
  const cases: readonly (readonly [data: string, target: string | undefined, types: readonly string[]])[] = [
    ['NS ns.example.', 'ns.example.', addresses],
    ['MX 10 mx.example.', 'mx.example.', addresses],
    ['MX 0 .', undefined, []],
    ['SRV 0 0 25 mx.example.', 'mx.example.', addresses],
    ['SRV 0 0 0 .', undefined, []],
    ['MB host.example.', 'host.example.', addresses],
    ['MD host.example.', 'host.example.', addresses],
    ['MF host.example.', 'host.example.', addresses],
    ['AFSDB 1 host.example.', 'host.example.', addresses],
    ['RT 10 host.example.', 'host.example.', [...addresses, 'X25', 'ISDN']],
    ['KX 10 host.example.', 'host.example.', addresses],
    ['SVCB 1 svc.example.', 'svc.example.', addresses],
    ['SVCB 1 .', 'owner.example.', addresses],
    ['SVCB 0 svc.example.', 'svc.example.', [...addresses, 'SVCB']],
    ['HTTPS 0 svc.example.', 'svc.example.', [...addresses, 'HTTPS']],
    ['HTTPS 0 .', undefined, []],
    ['CNAME host.example.', undefined, []],
    ['PTR host.example.', undefined, []],
    ['TXT "host.example."', undefined, []],
  ];
  for (const [data, name, types] of cases) {
    const { owner, type, rdata } = record(`owner.example. 60 IN ${data}`);
    const target = targetOf(owner, type, rdata);
    assert.equal(target?.name.toString(), name, data);
    assert.deepEqual(target?.types.map(formatType) ?? [], types, data);
  }
});
