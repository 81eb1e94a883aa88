// Takes 2,000 messages from 20 callers into the store in the folder given, and writes a line for each that was accepted,
// until it is done or killed. `node accepting-child.ts FOLDER RUN`.
import { writeSync } from 'node:fs';
import { utf8ToBytes } from '../../../src/lib/bytes.ts';
import { newJourneyId } from '../../../src/lib/journey.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import type { Destination } from '../../../src/mailbox/message.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

const messages = 2000;
const callers = 20;

const [folder = '', run = ''] = process.argv.slice(2);
const store = await openSqliteStore(folder);
const address = { localPart: 'alice', domain: 'example.com' };
await store.addDomain(address.domain);
await store.addAccount(address, { argon2id: '', scramSha256: '' });
const account = await store.findAccount(address);
if (account === undefined) throw new Error('there is no account');
const mailbox: Destination = { kind: 'mailbox', recipient: address, account: account.id, mailbox: 'Inbox' };

let next = 0;
async function call(): Promise<void> {
  for (let number = next++; number < messages; number = next++) {
    const name = `${run}-${number}`;
    const relay: Destination = {
      kind: 'relay',
      recipient: { localPart: name, domain: `d${number % 7}.example` },
    };
    // Sizes from a line to several pages of the database.
    const content = utf8ToBytes(`Subject: ${name}\r\n\r\n`.padEnd(20 + ((number * 7919) % 20_000), '.'));
    await store.accept({
      id: newJourneyId(Date.now(), systemRandom),
      receivedAt: Date.now(),
      envelope: { reversePath: undefined, eightBit: false, utf8: false },
      content: [content],
      parsed: undefined,
      destinations: number % 4 === 0 ? [mailbox, relay] : [mailbox],
      journey: [],
    });
    // With the system before anything else happens: a kill can't take it back.
    writeSync(1, `${name}\n`);
  }
}
await Promise.all(Array.from({ length: callers }, call));
await store.close();
