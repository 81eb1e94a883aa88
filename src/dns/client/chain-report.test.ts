// What an operator sees of validation in a small signed internet: every link of the chain from the anchor down, and where it breaks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedWorld } from '../../../test/support/signed-world.ts';
import type { ZoneChanges } from '../../../test/support/signed-world.ts';
import { chainIn, formatChain } from '../../lib/chain-text.ts';
import { parseType } from '../wire/rr-type.ts';
import { domainName } from '../wire/name.ts';
import { reportFromResolver } from './name-report.ts';

async function chainOf(
  name: string,
  type: string,
  changes: Readonly<Record<string, ZoneChanges>> = {},
): Promise<readonly string[]> {
  const { resolver, clock } = signedWorld(changes);
  const question = { name: domainName(name), type: parseType(type) ?? 0, dnssec: true };
  const report = reportFromResolver(resolver, question, clock);
  clock.run(() => resolver.inFlight === 0);
  const told = await report;
  assert.ok(told.ok);
  // Keys are made anew for each run, so that tags are never the same.
  return formatChain(chainIn(told.value.journey))
    .replaceAll(/\b\d{1,5}\b(?=[,:;\n ]|$)/g, '#')
    .replaceAll(/#(?:, #)+/g, '#')
    .split('\n');
}

const signed = 'signed by key # (ED25519)';
const downToCom = [
  '.',
  `✓ . DNSKEY #: trust anchor #; ${signed}`,
  `✓ com. DS #: ${signed}`,
  '  com.',
  `  ✓ com. DNSKEY #: DS #; ${signed}`,
];

test('a signed name: from the anchor to the answer, each link with its keys', async () => {
  assert.deepEqual(await chainOf('www.example.com.', 'A'), [
    ...downToCom,
    `  ✓ example.com. DS #: ${signed}`,
    '    example.com.',
    `    ✓ example.com. DNSKEY #: DS #; ${signed}`,
    `    ✓ www.example.com. A: ${signed}`,
    'secure: each link holds',
  ]);
});

test('a name below an unsigned zone: where the chain ends', async () => {
  const lines = await chainOf('www.plain.com.', 'A');
  assert.deepEqual(lines.slice(0, downToCom.length), downToCom);
  assert.match(lines[downToCom.length] ?? '', /^ {2}○ no plain\.com\. DS/);
  assert.match(lines.at(-1) ?? '', /^insecure: the chain ends at/);
});

test('keys that are not those of the DS records: which zone, and why', async () => {
  const other = 'example.com. 3600 DS 1 13 2 ' + '00'.repeat(32);
  const lines = await chainOf('www.example.com.', 'A', { 'example.com.': { ds: () => other } });
  assert.match(lines.find((line) => line.includes('✗')) ?? '', /^ {4}✗ example\.com\. DNSKEY.*: .*DS #; .+/);
  assert.match(
    lines.at(-1) ?? '',
    /^bogus: the chain breaks at example\.com\. DNSKEY \(extended error \d+\)$/,
  );
});

test('a signature that has ended: which record', async () => {
  const past = Math.floor(Date.UTC(2020, 0, 1) / 1000);
  const lines = await chainOf('www.example.com.', 'A', {
    'example.com.': { inception: past, expiration: past + 86_400 },
  });
  assert.match(lines.find((line) => line.includes('✗')) ?? '', /expired|ended/);
  assert.match(lines.at(-1) ?? '', /extended error 7/);
});
