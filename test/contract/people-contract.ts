// What every store must do with domains and accounts.
import assert from 'node:assert/strict';
import { StoreFault } from '../../src/mailbox/message.ts';
import { into, start, credentials } from './store-under-test.ts';
import type { Each } from './store-under-test.ts';

export function peopleContract(each: Each): void {
  each('a domain is added, found, listed by age and removed', async ({ store, clock }) => {
    const first = await store.addDomain('example.org');
    assert.deepEqual(first, {
      ok: true,
      value: { name: 'example.org', createdAt: start, aliasOf: undefined, catchAll: undefined },
    });
    clock.advance(1000);
    assert.ok((await store.addDomain('a.example')).ok);
    assert.deepEqual(
      (await store.listDomains()).map((domain) => domain.name),
      ['example.org', 'a.example'],
    );
    assert.equal((await store.findDomain('a.example'))?.createdAt, start + 1000);
    assert.equal(await store.findDomain('b.example'), undefined);
    assert.deepEqual(await store.removeDomain('a.example'), { ok: true, value: undefined });
    assert.equal(await store.findDomain('a.example'), undefined);
  });

  each('a domain is refused twice, with a wrong name, and while it has accounts', async (under) => {
    const { store } = under;
    await under.account('alice');
    assert.match(faultOf(await store.addDomain('example.com')), /already/);
    for (const wrong of [
      '',
      'Example.org',
      'example.org.',
      '-a.example',
      'a..example',
      'b\u00fccher.example',
    ]) {
      assert.match(faultOf(await store.addDomain(wrong)), /not a domain name/, wrong);
    }
    assert.match(faultOf(await store.removeDomain('example.com')), /still has accounts/);
    assert.match(faultOf(await store.removeDomain('example.net')), /not one of our domains/);
  });

  each('an account is found whatever the case, and comes with its Inbox', async (under) => {
    const alice = await under.account('Alice.\u00c9');
    assert.equal(alice.createdAt, start);
    const found = await under.store.findAccount({ localPart: 'aLICE.e\u0301', domain: 'example.com' });
    assert.deepEqual(found, alice);
    assert.deepEqual(found?.credentials, credentials);
    assert.equal(found?.address.localPart, 'Alice.\u00c9', 'its own case is kept');
    const mailbox = await under.inboxOf(alice);
    assert.deepEqual(
      { name: mailbox.name, account: mailbox.account, uidNext: mailbox.uidNext },
      { name: 'Inbox', account: alice.id, uidNext: 1 },
    );
    assert.deepEqual(await under.store.listMailboxes(alice.id), [mailbox]);
    assert.deepEqual(await under.store.findMailbox(alice.id, 'INBOX'), mailbox);
    assert.equal(await under.store.findMailbox(alice.id, 'inbox2'), undefined);
  });

  each('an account is refused when its address is taken or its domain is not ours', async (under) => {
    await under.account('alice');
    const again = await under.store.addAccount({ localPart: 'ALICE', domain: 'example.com' }, credentials);
    assert.match(faultOf(again), /already/);
    const foreign = await under.store.addAccount({ localPart: 'alice', domain: 'example.net' }, credentials);
    assert.match(faultOf(foreign), /not one of our domains/);
  });

  each('accounts are listed by address, and the oldest of a domain is known', async (under) => {
    const [zoe, bob] = [await under.account('zoe'), await under.account('bob')];
    const carol = await under.account('carol', 'a.example');
    assert.deepEqual(await under.store.listAccounts(), [carol, bob, zoe]);
    assert.deepEqual(await under.store.oldestAccountOf('example.com'), zoe);
    assert.equal(await under.store.oldestAccountOf('b.example'), undefined);
  });

  each('what was looked up in vain is found once it is there, and not once it is gone', async (under) => {
    const address = { localPart: 'alice', domain: 'example.com' };
    const look = async (): Promise<readonly boolean[]> => [
      (await under.store.findDomain('example.com')) !== undefined,
      (await under.store.findAccount(address)) !== undefined,
    ];
    assert.deepEqual(await look(), [false, false]);
    await under.store.addDomain('example.com');
    assert.deepEqual(await look(), [true, false]);
    const alice = await under.account('alice');
    assert.deepEqual(await look(), [true, true]);
    await under.store.removeAccount(alice.id);
    assert.deepEqual(await look(), [true, false]);
    await under.store.removeDomain('example.com');
    assert.deepEqual(await look(), [false, false]);
  });

  each('credentials are replaced', async (under) => {
    const alice = await under.account('alice');
    assert.deepEqual(await under.store.findAccount(alice.address), alice);
    await under.store.setCredentials(alice.id, { argon2id: 'new', scramSha256: 'newer' });
    const found = await under.store.findAccount(alice.address);
    assert.deepEqual(found?.credentials, { argon2id: 'new', scramSha256: 'newer' });
  });

  each('an account goes with its mail, and no id or uidValidity comes again', async (under) => {
    const [alice, bob] = [await under.account('alice'), await under.account('bob')];
    await under.store.accept(under.message('both', into(alice), into(bob)));
    await under.store.accept(under.message('one', into(alice)));
    const [both, one] = await under.entriesOf(alice);
    const before = await under.inboxOf(alice);
    assert.ok(both && one);
    await under.store.removeAccount(alice.id);
    assert.equal(await under.store.findAccount(alice.address), undefined);
    assert.deepEqual(await under.store.listMailboxes(alice.id), []);
    await assert.rejects(under.read(one.content), StoreFault);
    assert.equal((await under.read(both.content)).length, 4, 'what bob has too stays');
    const again = await under.account('alice');
    const after = await under.inboxOf(again);
    assert.ok(again.id > bob.id);
    assert.ok(after.id > before.id);
    assert.ok(after.uidValidity > before.uidValidity);
    assert.deepEqual(await under.entriesOf(again), []);
  });
}

function faultOf(result: { readonly ok: boolean; readonly fault?: string }): string {
  assert.equal(result.ok, false);
  return result.fault ?? '';
}
