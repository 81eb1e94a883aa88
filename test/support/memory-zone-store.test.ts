import { zoneStoreContract } from '../contract/zone-contract.ts';
import { MemoryZoneStore } from './memory-zone-store.ts';

/** What is kept outlives `close`, as the contract has it: the folder stands for the store. */
const stores = new Map<string, MemoryZoneStore>();

zoneStoreContract('memory', async (folder) => {
  const zones = stores.get(folder) ?? new MemoryZoneStore();
  stores.set(folder, zones);
  return { zones, close: async () => undefined };
});
