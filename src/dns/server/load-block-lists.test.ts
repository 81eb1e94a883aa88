import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BlockListConfig } from '../../config/reach-config.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { Policy } from '../policy/policy.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import { domainName } from '../wire/name.ts';
import { parseType } from '../wire/rr-type.ts';
import { loadBlockLists } from './load-block-lists.ts';

const rpz = `$ORIGIN rpz.example.
@ 300 SOA ns.rpz.example. admin.rpz.example. 1 3600 600 86400 300
@ 300 NS ns.rpz.example.
nx.example CNAME .
*.nx.example CNAME .
nodata.example CNAME *.
drop.example CNAME rpz-drop.
ok.ads.example CNAME rpz-passthru.
old.ads.example CNAME old.ads.example.
data.example A 192.0.2.66
data.example A 192.0.2.67
*.data.example TXT "not for you"
alias.example CNAME walled.garden.
*.walled.example CNAME *.garden.
tcp.example CNAME rpz-tcp-only.
32.1.2.0.192.rpz-ip CNAME .
`;

test('lists of each kind: the first that knows a name decides, and says why', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'signpost-lists-'));
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, text);
    return path;
  };
  const plain = { action: 'nxdomain', records: [], reason: 'blocked' } as const;
  const lists: readonly BlockListConfig[] = [
    { ...plain, file: await write('rpz', rpz), format: 'rpz', action: undefined },
    { ...plain, file: await write('pass', 'good.ads.example\n'), format: 'domains', action: 'pass' },
    { ...plain, file: await write('ads', '*.ads.example\n'), format: 'domains', reason: 'filtered' },
    {
      ...plain,
      file: await write('hosts', '0.0.0.0 sinkhole.example\n'),
      format: 'hosts',
      action: 'records',
      records: ['A 192.0.2.1', '60 A 192.0.2.2'],
    },
    { ...plain, file: await write('quiet', '*.quiet.example'), format: 'domains', action: 'drop' },
  ];
  const means = { random: seededRandom(1), log: silentLog };
  const { lists: filters, faults } = await loadBlockLists(lists, means);
  assert.deepEqual(faults, []);
  const policy = new Policy({ filters });
  const ask = (question: string, filtered = true): string => {
    const [name = '', type = 'A'] = question.split(' ');
    const sought = { name: domainName(`${name}.`), type: parseType(type) ?? 0 };
    const answer = policy.answer(sought, { filtered, route: undefined });
    if (answer === undefined) return 'the world';
    const { kind, note } = answer;
    const data =
      answer.kind === 'records' || answer.kind === 'alias'
        ? answer.rrset.rdatas.map((rdata) => formatRdata(answer.rrset.type, rdata)).join(' ')
        : kind;
    return `${data} (${note?.code})`;
  };
  const expected: Readonly<Record<string, string>> = {
    'nx.example': 'nxdomain (15)',
    'a.b.nx.example': 'nxdomain (15)',
    'nodata.example': 'nodata (15)',
    'drop.example': 'drop (15)',
    'a.drop.example': 'the world',
    'ok.ads.example': 'the world',
    'old.ads.example': 'the world',
    'good.ads.example': 'the world',
    'bad.ads.example': 'nxdomain (17)',
    'ads.example': 'the world',
    'data.example': '192.0.2.66 192.0.2.67 (4)',
    'data.example AAAA': 'nodata (4)',
    'x.data.example TXT': '"not for you" (4)',
    'alias.example AAAA': 'walled.garden. (4)',
    'a.walled.example': 'a.walled.example.garden. (4)',
    'tcp.example': 'the world',
    'sinkhole.example': '192.0.2.1 192.0.2.2 (4)',
    'sinkhole.example TXT': 'nodata (4)',
    'a.quiet.example': 'drop (15)',
  };
  for (const [question, answer] of Object.entries(expected)) {
    assert.equal(ask(question), answer, question);
    // Mail's own questions are not filtered.
    assert.equal(ask(question, false), 'the world', question);
  }
});

test('lists that are none', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'signpost-lists-'));
  const file = join(folder.path, 'rpz');
  await writeFile(file, 'nx.example. CNAME .\n');
  const plain = { action: undefined, records: [], reason: 'blocked' } as const;
  const { faults } = await loadBlockLists(
    [
      { ...plain, file, format: 'rpz' },
      { ...plain, file: join(folder.path, 'missing'), format: 'hosts' },
      { ...plain, file, format: 'domains', action: 'records', records: ['A nonsense'] },
    ],
    { random: seededRandom(1), log: silentLog },
  );
  assert.equal(faults.length, 3);
  assert.match(faults[0] ?? '', /has no SOA record/);
  assert.match(faults[1] ?? '', /missing can't be read: ENOENT/);
  assert.match(faults[2] ?? '', /^resolver\.block: 'A nonsense': /);
});
