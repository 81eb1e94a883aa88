// What every store must do with aliases, groups, domains that are aliases, catch-alls and the settings of accounts.
import assert from 'node:assert/strict';
import { mostTargets } from '../../src/domains/address-list.ts';
import { formatMailAddress } from '../../src/lib/mail-address.ts';
import type { MailAddress } from '../../src/lib/mail-address.ts';
import type { Result } from '../../src/lib/result.ts';
import { credentials, start } from './store-under-test.ts';
import type { Each } from './store-under-test.ts';

const sales = at('sales');

export function listsContract(each: Each): void {
  each('an alias is made, grows, shrinks, is found whatever the case, and goes', async (under) => {
    const { store, clock } = under;
    await store.addDomain('example.com');
    const made = done(await store.addTargets('alias', sales, [at('alice'), at('Bob', 'example.net')]));
    assert.deepEqual(made, {
      kind: 'alias',
      address: sales,
      targets: [at('alice'), at('Bob', 'example.net')],
      createdAt: start,
    });
    clock.advance(1000);
    const grown = done(await store.addTargets('alias', at('SALES'), [at('ALICE'), at('carol')]));
    assert.deepEqual(texts(grown.targets), ['alice@example.com', 'Bob@example.net', 'carol@example.com']);
    assert.equal(grown.createdAt, start);
    assert.deepEqual(await store.findList(at('SaLeS')), grown);
    const shrunk = done(await store.removeTargets(sales, [at('bob', 'example.net'), at('alice')]));
    assert.deepEqual(texts(shrunk.targets), ['carol@example.com']);
    assert.deepEqual(await store.listLists(), [shrunk]);
    done(await store.removeList(sales));
    assert.equal(await store.findList(sales), undefined);
    assert.deepEqual(await store.listLists(), []);
  });

  each('a group has members, an owner and a rule of who may post', async (under) => {
    const { store } = under;
    await store.addDomain('example.com');
    const empty = done(await store.addTargets('group', at('team'), []));
    assert.deepEqual(empty, {
      kind: 'group',
      address: at('team'),
      targets: [],
      createdAt: start,
      posting: 'anyone',
      owner: undefined,
    });
    done(await store.addTargets('group', at('team'), [at('alice')]));
    const change = { posting: 'members', owner: at('boss', 'example.org') } as const;
    const changed = done(await store.changeGroup(at('TEAM'), change));
    assert.deepEqual(changed, { ...empty, ...change, targets: [at('alice')] });
    assert.deepEqual(done(await store.changeGroup(at('team'), { owner: null })), {
      ...changed,
      owner: undefined,
    });
    await under.reopen();
    assert.deepEqual(await under.store.findList(at('team')), { ...changed, owner: undefined });
    assert.deepEqual(done(await under.store.removeTargets(at('team'), [at('alice')])).targets, []);
  });

  each('lists are listed by domain and address', async ({ store }) => {
    await store.addDomain('example.com');
    await store.addDomain('a.example');
    for (const list of [at('b'), at('a'), at('c', 'a.example')]) {
      done(await store.addTargets('alias', list, [at('x', 'example.net')]));
    }
    assert.deepEqual(
      (await store.listLists()).map(({ address }) => formatMailAddress(address)),
      ['c@a.example', 'a@example.com', 'b@example.com'],
    );
  });

  each('what is refused changes nothing, and says why', async (under) => {
    const { store } = under;
    await under.account('alice');
    await store.addDomain('example.net', 'example.com');
    const many = Array.from({ length: mostTargets }, (_, i) => at(`u${i}`, 'example.org'));
    done(await store.addTargets('alias', sales, [at('alice')]));
    done(await store.addTargets('group', at('team'), []));
    const before = await store.listLists();
    const table: readonly (readonly [Promise<Result<unknown>>, RegExp])[] = [
      [store.addTargets('alias', at('alice'), [at('x')]), /there is an account alice@example\.com already/],
      [store.addTargets('group', sales, [at('x')]), /there is an alias sales@example\.com already/],
      [store.addTargets('alias', at('team'), [at('x')]), /there is a group team@example\.com already/],
      [store.addTargets('alias', at('new'), []), /at least one other address/],
      [store.addTargets('alias', at('new'), [at('NEW')]), /can't stand for itself/],
      [
        store.addTargets('alias', at('new', 'example.org'), [at('x')]),
        /example\.org is not one of our domains/,
      ],
      [store.addTargets('alias', at('new', 'example.net'), [at('x')]), /only another name of example\.com/],
      [store.addTargets('alias', sales, many), /more than 5000 addresses/],
      [store.removeTargets(at('new'), [at('x')]), /there is no alias or group new@example\.com/],
      [store.removeTargets(sales, [at('x')]), /x@example\.com is not in sales@example\.com/],
      [store.removeTargets(sales, [at('alice')]), /would stand for nobody/],
      [store.changeGroup(sales, { posting: 'members' }), /there is no group sales@example\.com/],
      [store.removeList(at('new')), /there is no alias or group/],
      [store.addAccount(sales, credentials), /there is an alias sales@example\.com already/],
      [store.addAccount(at('team'), credentials), /there is a group team@example\.com already/],
      [store.addAccount(at('bob', 'example.net'), credentials), /only another name of example\.com/],
    ];
    for (const [result, why] of table) assert.match(faultOf(await result), why);
    assert.deepEqual(await store.listLists(), before);
  });

  each('a domain is another name of one of ours', async ({ store }) => {
    await store.addDomain('example.com');
    assert.deepEqual(await store.addDomain('example.net', 'example.com'), {
      ok: true,
      value: { name: 'example.net', createdAt: start, aliasOf: 'example.com', catchAll: undefined },
    });
    assert.equal((await store.findDomain('example.net'))?.aliasOf, 'example.com');
    assert.equal((await store.findDomain('example.com'))?.aliasOf, undefined);
    assert.match(faultOf(await store.addDomain('a.example', 'b.example')), /b\.example is not one of our/);
    assert.match(faultOf(await store.addDomain('a.example', 'example.net')), /only another name/);
    assert.match(faultOf(await store.addDomain('a.example', 'a.example')), /not one of our domains/);
    assert.match(
      faultOf(await store.removeDomain('example.com')),
      /example\.net is an alias of example\.com/,
    );
    done(await store.removeDomain('example.net'));
    done(await store.addTargets('alias', sales, [at('x', 'example.org')]));
    assert.match(faultOf(await store.removeDomain('example.com')), /still has aliases or groups/);
    done(await store.removeList(sales));
    done(await store.removeDomain('example.com'));
  });

  each('a catch-all is set and taken back', async ({ store }) => {
    await store.addDomain('example.com');
    await store.addDomain('example.net', 'example.com');
    assert.equal((await store.findDomain('example.com'))?.catchAll, undefined);
    const set = done(await store.setCatchAll('example.com', at('Alice')));
    assert.deepEqual(set.catchAll, at('Alice'));
    assert.deepEqual(await store.findDomain('example.com'), set);
    assert.deepEqual((await store.listDomains())[0], set);
    assert.match(faultOf(await store.setCatchAll('example.net', at('alice'))), /only another name/);
    assert.match(faultOf(await store.setCatchAll('example.org', at('alice'))), /not one of our domains/);
    assert.equal(done(await store.setCatchAll('example.com', undefined)).catchAll, undefined);
  });

  each('an account’s settings are kept as they were given', async (under) => {
    const alice = await under.account('alice');
    assert.deepEqual(alice.settings, {});
    const settings = {
      sendAs: ['sales@example.com', '@example.org'],
      sendingLimits: { messages: { hour: 10 }, recipients: { day: 0 } },
    };
    await under.store.setAccountSettings(alice.id, settings);
    assert.deepEqual((await under.store.findAccount(alice.address))?.settings, settings);
    await under.store.setCredentials(alice.id, credentials);
    await under.reopen();
    assert.deepEqual((await under.store.findAccount(alice.address))?.settings, settings);
    await under.store.setAccountSettings(alice.id, { sendAs: 'any' });
    assert.deepEqual((await under.store.findAccount(alice.address))?.settings, { sendAs: 'any' });
  });

  each('the oldest account of all is known', async (under) => {
    assert.equal(await under.store.oldestAccountOf(), undefined);
    const zoe = await under.account('zoe', 'z.example');
    await under.account('anna', 'a.example');
    assert.deepEqual(await under.store.oldestAccountOf(), zoe);
  });

  each('what was found stays the same object until a domain, an account or a list changes', async (under) => {
    const { store } = under;
    const alice = await under.account('alice');
    done(await store.addTargets('alias', sales, [at('alice')]));
    const changes: readonly (() => Promise<unknown>)[] = [
      () => store.addDomain('a.example'),
      () => store.setCatchAll('example.com', at('alice')),
      () => store.addTargets('group', at('team'), [at('alice')]),
      () => store.setAccountSettings(alice.id, {}),
      () => under.account('bob'),
      () => store.removeAccount(alice.id),
    ];
    for (const change of changes) {
      const before = [await store.findList(sales), await store.findDomain('example.com')];
      assert.equal(await store.findList(sales), before[0]);
      await change();
      assert.notEqual(await store.findList(sales), before[0], String(change));
      assert.notEqual(await store.findDomain('example.com'), before[1], String(change));
    }
  });

  each(
    'a list that was looked up in vain is found once it is there, and not once it is gone',
    async (under) => {
      const { store } = under;
      await store.addDomain('example.com');
      assert.equal(await store.findList(sales), undefined);
      done(await store.addTargets('alias', sales, [at('x')]));
      assert.equal((await store.findList(sales))?.targets.length, 1);
      done(await store.addTargets('alias', sales, [at('y')]));
      assert.equal((await store.findList(sales))?.targets.length, 2);
      done(await store.removeList(sales));
      assert.equal(await store.findList(sales), undefined);
    },
  );
}

function at(localPart: string, domain = 'example.com'): MailAddress {
  return { localPart, domain };
}

function texts(addresses: readonly MailAddress[]): readonly string[] {
  return addresses.map(formatMailAddress);
}

function done<Value>(result: Result<Value>): Value {
  assert.ok(result.ok, result.ok ? '' : result.fault);
  return result.value;
}

function faultOf(result: Result<unknown>): string {
  assert.ok(!result.ok, 'it was not refused');
  return result.fault;
}
