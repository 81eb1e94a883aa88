// What every store must do, whatever it is made of: each implementation's test calls `storeContract` with its own way to open.
import { describe, test } from 'node:test';
import { journeyContract } from './journey-contract.ts';
import { lifeContract } from './life-contract.ts';
import { listsContract } from './lists-contract.ts';
import { contentContract, mailboxContract } from './mailbox-contract.ts';
import { peopleContract } from './people-contract.ts';
import { queueContract } from './queue-contract.ts';
import { reportContract } from './report-contract.ts';
import { StoreUnderTest } from './store-under-test.ts';
import type { Each, OpenStore } from './store-under-test.ts';

export function storeContract(name: string, open: OpenStore): void {
  const each: Each = (title, run) => {
    test(title, async () => {
      await using under = await StoreUnderTest.open(open);
      await run(under);
    });
  };
  describe(`${name}: domains and accounts`, () => peopleContract(each));
  describe(`${name}: aliases, groups and settings`, () => listsContract(each));
  describe(`${name}: mailboxes`, () => mailboxContract(each));
  describe(`${name}: contents`, () => contentContract(each));
  describe(`${name}: queue`, () => queueContract(each));
  describe(`${name}: journeys`, () => journeyContract(each));
  describe(`${name}: reports`, () => reportContract(each));
  describe(`${name}: opening, closing, failing`, () => lifeContract(each));
}
