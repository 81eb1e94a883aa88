// Address fields: every text gives addresses, no more than asked for, made of characters that stand in it.
import assert from 'node:assert/strict';
import { bytesToUtf8, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { parseAddresses } from '../../../src/message/addresses.ts';
import type { Address } from '../../../src/message/addresses.ts';
import type { FuzzTarget } from '../target.ts';

const most = 6;

export const target: FuzzTarget = {
  name: 'addresses',
  seeds: [
    'a@example.com, "B, C" <b@example.org> (x), Friends: c@d, <e@f>;',
    '<@a,@b:c@d>, x . y @ z . w, "q\\"r"@[IPv6:::1], jürgen@müller.example',
    'undisclosed-recipients:;, (comment (nested)) z@y, "unclosed <a@b>',
  ].map(utf8ToBytes),
  words: ['<', '>', '"', '\\', '(', ')', ':', ';', ',', '@', '[', ']', '.', ' ', '<>', '@a:'].map(
    utf8ToBytes,
  ),
  run(input) {
    const text = bytesToUtf8(input);
    const addresses = parseAddresses(text, most);
    const units = addresses.reduce((sum, each) => sum + unitsOf(each), 0);
    // A blank may be put between words that none parted, but only where a comment stood.
    assert.ok(units <= text.length, `${units} of ${text.length}`);
    const count = addresses.reduce(
      (sum, each) => sum + (each.kind === 'group' ? 1 + each.members.length : 1),
      0,
    );
    // The last may be one that was begun.
    assert.ok(count <= most + 1, String(count));
  },
};

function unitsOf(address: Address): number {
  if (address.kind === 'mailbox')
    return (address.name ?? '').length + address.localPart.length + address.domain.length;
  return address.members.reduce((sum, each) => sum + unitsOf(each), address.name.length);
}
