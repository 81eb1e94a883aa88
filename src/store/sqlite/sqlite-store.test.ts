import { storeContract } from '../../../test/contract/store-contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

storeContract('sqlite', (folder, clock) => openSqliteStore(folder, { clock }));
