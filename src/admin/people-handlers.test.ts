// What the admin API says of domains, accounts, aliases and groups, over a store of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnderTest } from '../../test/contract/store-under-test.ts';
import { seededRandom } from '../lib/random.ts';
import type { Result } from '../lib/result.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Admin, AdminFault } from './api.ts';
import { adminHandlers } from './handlers.ts';
import { routes } from './api.ts';

async function openAdmin(): Promise<
  AsyncDisposable & { readonly admin: Admin; readonly under: StoreUnderTest }
> {
  const under = await StoreUnderTest.open((folder, clock) => openSqliteStore(folder, { clock }));
  const { store } = under;
  const stores = { domains: store, accounts: store, lists: store, queue: store, journeys: store };
  const none = { resolve: undefined, zones: undefined, server: undefined };
  const admin = adminHandlers({ stores, random: seededRandom(1), separator: '+', ...none });
  return { admin, under, [Symbol.asyncDispose]: () => under[Symbol.asyncDispose]() };
}

const createdAt = '2026-01-01T00:00:00.000Z';

test('an alias is made, grows, is shown with what nobody has, and goes', async () => {
  await using opened = await openAdmin();
  const { admin, under } = opened;
  await under.account('alice');
  const alias = { kind: 'alias', address: 'Sales@Example.com' } as const;
  const targets = ['alice+shop@example.com', 'typo@example.com', 'x@elsewhere.example'];
  const made = done(await admin.addTargets({ ...alias, targets }));
  assert.deepEqual(made, {
    address: 'Sales@example.com',
    kind: 'alias',
    targets,
    nobody: ['typo@example.com'],
    posting: null,
    owner: null,
    createdAt,
  });
  assert.deepEqual(done(await admin.listLists({ kind: 'alias' })), [made]);
  assert.deepEqual(done(await admin.listLists({ kind: 'group' })), []);
  assert.deepEqual(done(await admin.listLists({ kind: 'alias', domain: 'example.org' })), []);
  const less = done(await admin.removeTargets({ ...alias, targets: ['typo@example.com'] }));
  assert.deepEqual([less.targets.length, less.nobody], [2, []]);
  assert.deepEqual(done(await admin.showList(alias)), less);
  done(await admin.removeList(alias));
  assert.deepEqual(done(await admin.listLists({ kind: 'alias' })), []);
});

test('a group has rules', async () => {
  await using opened = await openAdmin();
  const { admin, under } = opened;
  await under.account('alice');
  const group = { kind: 'group', address: 'team@example.com' } as const;
  const made = done(await admin.addTargets({ ...group, targets: [] }));
  assert.deepEqual([made.targets, made.posting, made.owner], [[], 'anyone', null]);
  const { address } = group;
  const set = done(await admin.setGroup({ address, posting: 'members', owner: 'boss@example.org' }));
  assert.deepEqual([set.posting, set.owner], ['members', 'boss@example.org']);
  const half = done(await admin.setGroup({ address, owner: null }));
  assert.deepEqual([half.posting, half.owner], ['members', null]);
});

test('a domain is another name, and has a catch-all', async () => {
  await using opened = await openAdmin();
  const { admin } = opened;
  done(await admin.addDomain({ name: 'example.com' }));
  const other = done(await admin.addDomain({ name: 'Bücher.example', aliasOf: 'Example.com' }));
  assert.deepEqual(other, {
    name: 'xn--bcher-kva.example',
    createdAt,
    aliasOf: 'example.com',
    catchAll: null,
    accounts: [],
  });
  const set = done(await admin.setCatchAll({ name: 'example.com', address: 'x@elsewhere.example' }));
  assert.equal(set.catchAll, 'x@elsewhere.example');
  assert.deepEqual(done(await admin.showDomain({ name: 'example.com' })), set);
  assert.equal(done(await admin.setCatchAll({ name: 'example.com', address: null })).catchAll, null);
});

test('an account’s settings change one by one', async () => {
  await using opened = await openAdmin();
  const { admin, under } = opened;
  await under.account('alice');
  const address = 'alice@example.com';
  const sendAs = ['Sales@Example.com', '@Example.ORG', 'sales@example.com'];
  const set = done(await admin.setAccount({ address, sendAs }));
  assert.deepEqual([set.sendAs, set.sendingLimits], [['sales@example.com', '@example.org'], {}]);
  const limits = { messages: { day: 5 } };
  const limited = done(await admin.setAccount({ address, sendingLimits: limits }));
  assert.deepEqual([limited.sendAs, limited.sendingLimits], [['sales@example.com', '@example.org'], limits]);
  assert.deepEqual(done(await admin.showAccount({ address })), limited);
  const any = done(await admin.setAccount({ address, sendAs: 'any' }));
  assert.deepEqual([any.sendAs, any.sendingLimits], ['any', limits]);
  const back = done(await admin.setAccount({ address, sendAs: null, sendingLimits: null }));
  assert.deepEqual([back.sendAs, back.sendingLimits], [[], {}]);
});

test('faults are of their kind, and sentences', async () => {
  await using opened = await openAdmin();
  const { admin, under } = opened;
  await under.account('alice');
  done(await admin.addTargets({ kind: 'group', address: 'team@example.com', targets: [] }));
  const alias = { kind: 'alias', address: 'new@example.com' } as const;
  const alice = 'alice@example.com';
  const table: readonly (readonly [Promise<Result<unknown, AdminFault>>, string])[] = [
    [
      admin.addTargets({ ...alias, address: 'new', targets: [alice] }),
      "invalid 'new' is not a mail address: an @ and a domain are missing",
    ],
    [
      admin.addTargets({ ...alias, targets: ['a@'] }),
      "invalid 'a@' is not a mail address: the domain is missing",
    ],
    [admin.addTargets({ ...alias, targets: [] }), 'conflict an alias stands for at least one other address'],
    [
      admin.addTargets({ ...alias, address: alice, targets: [alice] }),
      'conflict there is an account alice@example.com already',
    ],
    [
      admin.addTargets({ ...alias, address: 'a@example.org', targets: [alice] }),
      'conflict example.org is not one of our domains: add it first',
    ],
    [
      admin.removeTargets({ ...alias, targets: [alice] }),
      "not-found there is no alias new@example.com: 'signpost alias list' shows them",
    ],
    [
      admin.showList({ ...alias, address: 'team@example.com' }),
      "not-found team@example.com is a group: 'signpost group' is for those",
    ],
    [
      admin.removeList({ kind: 'group', address: 'x@example.com' }),
      "not-found there is no group x@example.com: 'signpost group list' shows them",
    ],
    [
      admin.setGroup({ address: 'team@example.com', owner: 'boss' }),
      "invalid 'boss' is not a mail address: an @ and a domain are missing",
    ],
    [
      admin.setAccount({ address: alice, sendAs: ['@no domain'] }),
      "invalid 'no domain' is not a domain name, like example.com",
    ],
    [
      admin.setAccount({ address: alice, sendAs: ['bob'] }),
      "invalid 'bob' is not a mail address: an @ and a domain are missing",
    ],
    [
      admin.setAccount({ address: 'bob@example.com', sendAs: 'any' }),
      "not-found there is no account bob@example.com: 'signpost account list' shows them",
    ],
    [
      admin.addDomain({ name: 'a.example', aliasOf: 'b.example' }),
      'conflict b.example is not one of our domains: add it first',
    ],
    [
      admin.setCatchAll({ name: 'b.example', address: alice }),
      'conflict b.example is not one of our domains: add it first',
    ],
    [
      admin.setCatchAll({ name: 'example.com', address: 'x' }),
      "invalid 'x' is not a mail address: an @ and a domain are missing",
    ],
  ];
  for (const [result, expected] of table) {
    const outcome = await result;
    assert.equal(outcome.ok ? 'done' : `${outcome.fault.kind} ${outcome.fault.message}`, expected);
  }
});

test('limits come over the wire without gaps, and no other way', () => {
  const { input } = routes.setAccount;
  const address = 'a@b';
  assert.deepEqual(input.parse({ address, sendingLimits: { messages: { hour: 3 } } }), {
    address,
    sendingLimits: { messages: { hour: 3 } },
  });
  for (const sendingLimits of [{ mails: {} }, { messages: { year: 1 } }, { messages: { hour: -1 } }, 5])
    assert.ok(!input.safeParse({ address, sendingLimits }).success, JSON.stringify(sendingLimits));
});

function done<Value>(result: Result<Value, AdminFault>): Value {
  assert.ok(result.ok, result.ok ? '' : result.fault.message);
  return result.value;
}
