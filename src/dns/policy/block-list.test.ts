import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainName } from '../wire/name.ts';
import { domainLines, hostsLines } from './list-lines.ts';
import { NameTable, NameTableBuilder } from './name-table.ts';

const seeds = [0x12345678, 0x9abcdef0] as const;

function listed(
  lines: typeof domainLines,
  text: string,
): { readonly names: readonly string[]; readonly unread: number } {
  let unread = 0;
  const names = [...lines(text, () => (unread += 1))].map(
    ({ name, below }) => `${below ? '*.' : ''}${name.toString()}`,
  );
  return { names, unread };
}

test('a list of domains', () => {
  const text =
    '# ads\r\nAds.Example\n*.tracker.example # all of it\n\n;old style\n..\n*.\nmany words here\nlast.example.';
  assert.deepEqual(listed(domainLines, text), {
    names: ['ads.example.', '*.tracker.example.', 'last.example.'],
    unread: 3,
  });
});

test('a list in the form of /etc/hosts', () => {
  const text =
    '127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 ads.example tracker.example #x\n0.0.0.0 0.0.0.0\nnonsense\n0.0.0.0 ..';
  assert.deepEqual(listed(hostsLines, text), { names: ['ads.example.', 'tracker.example.'], unread: 1 });
});

test('the nearest entry counts: the name itself, then the wildcards above it', () => {
  const builder = new NameTableBuilder(seeds);
  const add = (name: string, action: number, below = false): void =>
    builder.add(domainName(name).wire, action, below);
  add('a.example.', 1);
  add('example.', 2, true);
  add('deep.a.example.', 3, true);
  add('a.example.', 9);
  add('.', 7, true);
  const table = new NameTable(builder.build());
  const find = (name: string): unknown => {
    const found = table.find(domainName(name));
    return found && [found.action, found.labels, found.below];
  };
  assert.deepEqual(find('a.example.'), [1, 2, false]);
  assert.deepEqual(find('b.example.'), [2, 1, true]);
  assert.deepEqual(find('x.a.example.'), [2, 1, true]);
  assert.deepEqual(find('x.y.deep.a.example.'), [3, 3, true]);
  assert.deepEqual(find('deep.a.example.'), [2, 1, true]);
  assert.deepEqual(find('example.'), [7, 0, true]);
  assert.equal(find('.'), undefined);
});

test('a hundred thousand names: all are found, others are not, in less than 16 octets each', () => {
  const builder = new NameTableBuilder(seeds);
  const names = 100_000;
  for (let i = 0; i < names; i++) builder.add(domainName(`host${i}.zone${i % 977}.example.`).wire, 1, false);
  const data = builder.build();
  const table = new NameTable(data);
  const octets = data.high.byteLength + data.low.byteLength + data.exact.byteLength + data.below.byteLength;
  assert.ok(octets / names < 16, `${octets / names} octets a name`);
  for (let i = 0; i < names; i += 7)
    assert.ok(table.find(domainName(`host${i}.zone${i % 977}.example.`)), `host${i}`);
  for (let i = 0; i < names; i += 7)
    assert.equal(table.find(domainName(`host${i}.zone${(i + 1) % 977}.example.`)), undefined, `host${i}`);
});

test('the longest names are taken, too', () => {
  const longest = domainName('a.'.repeat(127));
  const builder = new NameTableBuilder(seeds);
  builder.add(longest.wire, 1, false);
  assert.ok(new NameTable(builder.build()).find(longest));
});
