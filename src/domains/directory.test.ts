import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, MemoryPeople } from '../../test/support/memory-people.ts';
import { VirtualClock } from '../lib/clock.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import { unreachable } from '../lib/result.ts';
import { StoreFault } from '../mailbox/message.ts';
import type { AccountId } from '../mailbox/message.ts';
import { Directory } from './directory.ts';
import type { Poster, Route } from './directory.ts';

const clock = new VirtualClock();

function people(): MemoryPeople {
  return new MemoryPeople()
    .domain('empty.example')
    .domain('example.com')
    .domain('example.org', { catchAll: 'carol@example.org' })
    .domain('example.net', { aliasOf: 'example.com' })
    .domain('loop.example', { catchAll: 'nobody@loop.example' })
    .domain('away.example', { catchAll: 'all@elsewhere.example' })
    .domain('xn--bcher-kva.example')
    .account('alice@example.com')
    .account('bob@example.com')
    .account('Postmaster@example.org')
    .account('carol@example.org')
    .account('a.b@example.com')
    .account('real+tag@example.com')
    .account('Jörg@bücher.example')
    .alias('info@example.com', 'alice@example.com')
    .alias('abuse@example.com', 'bob@example.com')
    .alias('out@example.com', 'x@elsewhere.example', 'X@elsewhere.example', 'bob+work@example.net')
    .alias('gone@example.com', 'nobody@example.com')
    .alias('half@example.com', 'nobody@example.com', 'bob@example.com')
    .alias('deep@example.com', 'info@example.com', 'out@example.com', 'team@example.com')
    .alias('ping@example.com', 'pong@example.com', 'alice@example.com')
    .alias('pong@example.com', 'ping@example.com')
    .alias('to-loop@example.com', 'x@loop.example')
    .alias('tagged@example.com', 'away@away.example')
    .group('team@example.com', ['alice@example.com', 'bob@example.com', 'info@example.com', 'y@else.example'])
    .group('inner@example.com', ['z@else.example', 'team@example.com'], { owner: 'boss@example.org' })
    .group('nobody-yet@example.com', []);
}

/** `account 1`, or the targets of a list: `2 y@else.example (by postmaster@example.com)`, `*` where a group stands between. */
function shown(route: Route): string {
  switch (route.kind) {
    case 'mailbox':
      return `account ${route.account}`;
    case 'list':
      return route.expansion.targets
        .map((target) =>
          target.kind === 'mailbox'
            ? `${target.account}${target.byGroup ? '*' : ''}`
            : `${formatMailAddress(target.address)}${target.owner === undefined ? '' : ` (by ${formatMailAddress(target.owner)})`}`,
        )
        .join(' ');
    case 'closed':
      return `closed ${formatMailAddress(route.group)}`;
    case 'tangled':
    case 'unknown':
    case 'foreign':
      return route.kind;
    default:
      return unreachable(route);
  }
}

const cases: readonly (readonly [recipient: string | MailAddress, expected: string])[] = [
  ['alice@example.com', 'account 1'],
  // RFC 5321 §2.4: case in our local parts is ours to fold; quotes are no part of a name (§4.1.2).
  ['ALICE@example.com', 'account 1'],
  ['"alice"@example.com', 'account 1'],
  ['"a.b"@example.com', 'account 5'],
  ['"a\\.b"@example.com', 'account 5'],
  ['alice@EXAMPLE.com', 'account 1'],
  ['alice@example.org', '4'],
  ['alice@foreign.example', 'foreign'],
  ['alice@[192.0.2.1]', 'foreign'],
  // RFC 6531: any form of the letters, and of the domain.
  ['jo\u0308rg@b\u00fccher.example', 'account 7'],
  ['JÖRG@xn--bcher-kva.example', 'account 7'],
  ['nobody@bücher.example', 'unknown'],
  // RFC 5321 §4.5.1, RFC 2142: the domain's oldest account, where none has the name; of all, where the domain has none.
  ['postmaster@example.com', 'account 1'],
  ['PostMaster@example.com', 'account 1'],
  ['postmaster@example.org', 'account 3'],
  ['abuse@example.org', 'account 3'],
  ['abuse@example.com', '2'],
  ['hostmaster@example.com', 'account 1'],
  ['postmaster@empty.example', 'account 1'],
  ['postmaster@example.net', 'account 1'],
  ['postmaster@foreign.example', 'foreign'],
  [{ localPart: 'postmaster', domain: '' }, 'account 1'],
  [{ localPart: 'alice', domain: '' }, 'unknown'],
  // Tags.
  ['alice+shop@example.com', 'account 1'],
  ['alice+a+b@example.com', 'account 1'],
  ['alice+@example.com', 'account 1'],
  ['+alice@example.com', 'unknown'],
  ['real+tag@example.com', 'account 6'],
  ['real@example.com', 'unknown'],
  ['info+x@example.com', '1'],
  ['nobody+x@example.com', 'unknown'],
  // Domains that are others' names.
  ['alice@example.net', 'account 1'],
  ['alice+x@example.net', 'account 1'],
  ['info@example.net', '1'],
  ['nobody@example.net', 'unknown'],
  // Catch-alls.
  ['whoever@example.org', '4'],
  ['carol@example.org', 'account 4'],
  ['whoever@away.example', 'all@elsewhere.example'],
  ['whoever@loop.example', 'unknown'],
  ['to-loop@example.com', 'unknown'],
  // Lists: to their ends, each once, and no further than once around.
  ['info@example.com', '1'],
  ['out@example.com', '2 x@elsewhere.example X@elsewhere.example'],
  ['gone@example.com', 'unknown'],
  ['half@example.com', '2'],
  ['ping@example.com', '1'],
  ['pong@example.com', '1'],
  ['tagged@example.com', 'all@elsewhere.example'],
  ['team@example.com', '1* 2* y@else.example (by postmaster@example.com)'],
  ['nobody-yet@example.com', 'unknown'],
  // Through aliases alone is nearer than through a group, whichever came first.
  [
    'deep@example.com',
    '1 2 x@elsewhere.example X@elsewhere.example y@else.example (by postmaster@example.com)',
  ],
  [
    'inner@example.com',
    '1* 2* z@else.example (by boss@example.org) y@else.example (by postmaster@example.com)',
  ],
];

for (const [recipient, expected] of cases) {
  const address = typeof recipient === 'string' ? addressOf(recipient) : recipient;
  test(`${typeof recipient === 'string' ? recipient : `<${recipient.localPart}>`} is ${expected}`, async () => {
    const directory = new Directory(people().needs(clock));
    assert.equal(shown(await directory.route(address)), expected);
    assert.equal(shown(await directory.route(address)), expected, 'again');
  });
}

test('the separator of tags is another, or there is none', async () => {
  const dash = new Directory(people().needs(clock, '-'));
  assert.equal(shown(await dash.route(addressOf('alice-shop@example.com'))), 'account 1');
  assert.equal(shown(await dash.route(addressOf('alice+shop@example.com'))), 'unknown');
  assert.equal(shown(await dash.route(addressOf('to-loop@example.com'))), 'unknown');
  const none = new Directory({ ...people().needs(clock), separator: undefined });
  assert.equal(shown(await none.route(addressOf('alice+shop@example.com'))), 'unknown');
  assert.equal(shown(await none.route(addressOf('real+tag@example.com'))), 'account 6');
});

test('a domain without any account of ours has nobody behind its postmaster', async () => {
  const directory = new Directory(new MemoryPeople().domain('example.com').needs(clock));
  assert.equal(shown(await directory.route(addressOf('postmaster@example.com'))), 'unknown');
  const none = new Directory(new MemoryPeople().needs(clock));
  assert.equal(shown(await none.route({ localPart: 'postmaster', domain: '' })), 'unknown');
});

const members = new MemoryPeople()
  .domain('example.com')
  .account('alice@example.com')
  .account('bob@example.com')
  .account('eve@example.com')
  .alias('sales@example.com', 'alice@example.com')
  .group('staff@example.com', ['sales@example.com', 'friend@else.example', 'more@example.com'], {
    posting: 'members',
  })
  .group('more@example.com', ['bob@example.com'])
  .group('empty@example.com', [], { posting: 'members' })
  .alias('all@example.com', 'staff@example.com', 'eve@example.com');

const posts: readonly (readonly [to: string, account: number | undefined, from: string, taken: boolean])[] = [
  ['staff@example.com', 1, 'alice@example.com', true],
  ['staff@example.com', 1, '<>', true],
  ['staff+x@example.com', 2, 'bob@example.com', true],
  ['staff@example.com', 3, 'eve@example.com', false],
  // Who has not logged in may write any name of ours.
  ['staff@example.com', undefined, 'alice@example.com', false],
  ['staff@example.com', undefined, 'bob@example.com', false],
  ['staff@example.com', undefined, 'Friend@else.example', true],
  ['staff@example.com', undefined, 'other@else.example', false],
  ['staff@example.com', undefined, '<>', false],
  // No way around it.
  ['all@example.com', 3, 'eve@example.com', false],
  ['all@example.com', 2, 'bob@example.com', true],
  ['more@example.com', undefined, 'anybody@else.example', true],
];

for (const [to, account, from, taken] of posts) {
  const who = account === undefined ? `a stranger as ${from}` : `account ${account} as ${from}`;
  test(`${who} ${taken ? 'may' : "mayn't"} send to ${to}`, async () => {
    const directory = new Directory(members.needs(clock));
    const poster: Poster = {
      account: account as AccountId | undefined,
      reversePath: from === '<>' ? undefined : addressOf(from),
    };
    const route = await directory.route(addressOf(to), poster);
    assert.equal(route.kind, taken ? 'list' : 'closed');
    assert.equal((await directory.route(addressOf(to))).kind, 'list', 'without a poster nobody is refused');
  });
}

test('lists too deep or too long are said to be tangled, and cost bounded work', async () => {
  const world = new MemoryPeople().domain('example.com').account('alice@example.com');
  for (let i = 0; i < 12; i++) world.alias(`l${i}@example.com`, `l${i + 1}@example.com`);
  world.alias('l12@example.com', 'alice@example.com');
  for (let i = 0; i < 3; i++) {
    const many = Array.from({ length: 4000 }, (_, n) => `u${n}@e${i}.example`);
    world.group(`big${i}@example.com`, many);
  }
  world.group('huge@example.com', ['big0@example.com', 'big1@example.com', 'big2@example.com']);
  const directory = new Directory(world.needs(clock));
  const deep = await directory.route(addressOf('l0@example.com'));
  assert.ok(
    deep.kind === 'tangled' &&
      /l0@example\.com can't be expanded: lists stand in lists 10 deep/.test(deep.reason),
  );
  assert.equal(shown(await directory.route(addressOf('l4@example.com'))), '1');
  const huge = await directory.route(addressOf('huge@example.com'));
  assert.ok(huge.kind === 'tangled' && /more than 10000 addresses/.test(huge.reason));
  const big = await directory.route(addressOf('big0@example.com'));
  assert.ok(big.kind === 'list' && big.expansion.targets.length === 4000);
});

test('a change is seen by the next recipient', async () => {
  const world = people();
  const directory = new Directory(world.needs(clock));
  assert.equal(shown(await directory.route(addressOf('gone@example.com'))), 'unknown');
  assert.equal(shown(await directory.route(addressOf('half@example.com'))), '2');
  world.account('nobody@example.com');
  assert.equal(shown(await directory.route(addressOf('gone@example.com'))), '8');
  assert.equal(shown(await directory.route(addressOf('half@example.com'))), '8 2');
});

test('an address is compared without its tag, and in the domain that it really is in', async () => {
  const directory = new Directory(people().needs(clock));
  for (const [written, plain] of [
    ['alice+x@example.net', 'alice@example.com'],
    ['+x@example.com', '+x@example.com'],
    ['user+x@elsewhere.example', 'user+x@elsewhere.example'],
  ] as const)
    assert.equal(formatMailAddress(await directory.plain(addressOf(written))), plain);
});

test('a store that fails once is asked again, and many who ask at once have a list expanded once', async () => {
  const world = people();
  const needs = world.needs(clock);
  let [looked, fails] = [0, true];
  const findAccount = async (address: MailAddress): ReturnType<typeof needs.accounts.findAccount> => {
    looked++;
    if (fails && address.localPart === 'bob') throw new StoreFault('broken', 'the store has failed');
    return await needs.accounts.findAccount(address);
  };
  const directory = new Directory({ ...needs, accounts: { ...needs.accounts, findAccount } });
  await assert.rejects(directory.route(addressOf('team@example.com')), StoreFault);
  fails = false;
  looked = 0;
  const routes = await Promise.all(
    Array.from({ length: 10 }, () => directory.route(addressOf('team@example.com'))),
  );
  assert.ok(routes.every(({ kind }) => kind === 'list'));
  // Each looks for the address itself; its five targets, one of them a list with one, are looked for once.
  assert.equal(looked, 10 + 4);
});
