import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, MemoryPeople } from '../../test/support/memory-people.ts';
import { VirtualClock } from '../lib/clock.ts';
import type { Account } from '../login/account-store.ts';
import { Directory } from './directory.ts';
import { Senders } from './senders.ts';
import { SendingCounts } from './sending-limits.ts';

const unlimited = { minute: 0, hour: 0, day: 0 };

const people = new MemoryPeople()
  .domain('example.com')
  .domain('example.net', { aliasOf: 'example.com' })
  .domain('example.org', { catchAll: 'carol@example.com' })
  .account('alice@example.com')
  .account('bob@example.com', { sendAs: ['boss@elsewhere.example', '@partner.example', 'carol@example.com'] })
  .account('carol@example.com')
  .account('daemon@example.com', { sendAs: 'any' })
  .account('dave+own@example.com')
  .account('dave@example.com')
  .alias('info@example.com', 'alice@example.com', 'bob@example.com')
  .alias('deep@example.com', 'info@example.com')
  .group('team@example.com', ['alice@example.com']);

function sendersOf(world: MemoryPeople, counts: SendingCounts): Senders {
  const needs = world.needs(new VirtualClock());
  return new Senders({ accounts: needs.accounts, directory: new Directory(needs), counts });
}

function accountOf(name: string): Account {
  const found = people.accounts.find(({ address }) => address.localPart === name);
  assert.ok(found);
  return found;
}

const cases: readonly (readonly [who: string, as: string, allowed: boolean])[] = [
  ['alice', 'alice@example.com', true],
  ['alice', 'ALICE@Example.com', true],
  ['alice', 'alice+shop@example.com', true],
  ['alice', 'alice@example.net', true],
  ['alice', 'alice+shop@example.net', true],
  ['alice', 'info@example.com', true],
  ['alice', 'info+tag@example.net', true],
  ['alice', 'deep@example.com', true],
  // Postmaster's mail is hers, as the oldest account.
  ['alice', 'postmaster@example.com', true],
  ['bob', 'postmaster@example.com', false],
  ['alice', 'team@example.com', false],
  ['alice', 'bob@example.com', false],
  ['alice', 'nobody@example.com', false],
  ['alice', 'alice@elsewhere.example', false],
  // What is set for an account.
  ['bob', 'boss@elsewhere.example', true],
  ['bob', 'other@elsewhere.example', false],
  ['bob', 'anybody@partner.example', true],
  ['bob', 'anybody@sub.partner.example', false],
  ['bob', 'carol+tag@example.net', true],
  ['daemon', 'whoever@wherever.example', true],
  // The mail of a catch-all's addresses comes to it.
  ['carol', 'whatever@example.org', true],
  ['alice', 'whatever@example.org', false],
  // An account's own name with a tag is not the name without it.
  ['dave+own', 'dave+own@example.com', true],
  ['dave+own', 'dave@example.com', false],
  ['dave', 'dave+own@example.com', false],
  ['dave', 'dave+other@example.com', true],
];

for (const [who, as, allowed] of cases) {
  test(`${who} ${allowed ? 'may' : "mayn't"} send as ${as}`, async () => {
    const senders = sendersOf(
      people,
      new SendingCounts(new VirtualClock(), { messages: unlimited, recipients: unlimited }),
    );
    const address = addressOf(as);
    const begun = await senders.begin(accountOf(who), address);
    assert.deepEqual(begun, allowed ? { kind: 'allowed' } : { kind: 'not-yours', address });
    assert.deepEqual(await senders.send(accountOf(who), [accountOf(who).address, address], 1), begun);
  });
}

test('nobody has to be named, and an account that is gone may not send', async () => {
  const senders = sendersOf(
    people,
    new SendingCounts(new VirtualClock(), { messages: unlimited, recipients: unlimited }),
  );
  assert.equal((await senders.begin(accountOf('alice'), undefined)).kind, 'allowed');
  const gone = { ...accountOf('alice'), address: addressOf('gone@example.com') };
  assert.equal((await senders.begin(gone, undefined)).kind, 'not-yours');
  // Removed and made again, it is somebody else's.
  assert.equal(
    (await senders.begin({ ...accountOf('alice'), id: accountOf('bob').id }, undefined)).kind,
    'not-yours',
  );
});

test('what is sent counts, and only that; an account’s own limits go first', async () => {
  const clock = new VirtualClock();
  const counts = new SendingCounts(clock, {
    messages: { minute: 2, hour: 0, day: 0 },
    recipients: { minute: 0, hour: 10, day: 0 },
  });
  const world = new MemoryPeople()
    .domain('example.com')
    .account('alice@example.com')
    .account('bob@example.com', { sendingLimits: { messages: { minute: 0 } } });
  const senders = sendersOf(world, counts);
  const [alice, bob] = world.accounts;
  assert.ok(alice && bob);
  const foreign = [addressOf('x@elsewhere.example')];
  for (let i = 0; i < 5; i++) await senders.send(alice, foreign, 100);
  assert.equal((await senders.send(alice, [], 1)).kind, 'allowed');
  assert.equal((await senders.send(alice, [], 1)).kind, 'allowed');
  const limited = await senders.begin(alice, alice.address);
  assert.deepEqual(limited, {
    kind: 'limited',
    met: { what: 'messages', most: 2, span: 'minute', retryAfterMs: 65_000 },
  });
  assert.equal((await senders.send(alice, [], 1)).kind, 'limited');
  for (let i = 0; i < 5; i++) assert.equal((await senders.send(bob, [], 1)).kind, 'allowed');
  // One message more than fits is taken whole, and the next one waits.
  assert.equal((await senders.send(bob, [], 6)).kind, 'allowed');
  const met = await senders.begin(bob, undefined);
  assert.ok(met.kind === 'limited' && met.met.what === 'recipients' && met.met.span === 'hour');
});
