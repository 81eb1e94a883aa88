// Plays test/scenario/smtp/*.scenario, each with the client's octets in one piece and one by one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { playSmtp } from '../support/smtp-dialogue.ts';

const folder = join(import.meta.dirname, 'smtp');

for (const name of readdirSync(folder).filter((name) => name.endsWith('.scenario'))) {
  const text = readFileSync(join(folder, name), 'utf8');
  for (const split of [false, true]) {
    test(`smtp/${name}${split ? ', octet by octet' : ''}`, () => playSmtp(text, split));
  }
}
