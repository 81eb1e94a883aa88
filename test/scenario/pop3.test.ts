// Plays test/scenario/pop3/*.scenario, each with the client's octets in one piece and one by one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { playPop3 } from '../support/pop3-dialogue.ts';

const folder = join(import.meta.dirname, 'pop3');

for (const name of readdirSync(folder).filter((name) => name.endsWith('.scenario'))) {
  const text = readFileSync(join(folder, name), 'utf8');
  for (const split of [false, true]) {
    test(`pop3/${name}${split ? ', octet by octet' : ''}`, () => playPop3(text, split));
  }
}
