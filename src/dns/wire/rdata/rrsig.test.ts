import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '../../../lib/bytes.ts';
import { domainName } from '../name.ts';
import { readRdata } from './record-type.ts';
import { readRrsig, rrsig } from './rrsig.ts';

const head = Uint8Array.of(0xff, 1, 13, 3, 0, 0, 0xe, 0x10, 0xf0, 1, 2, 3, 0x80, 4, 5, 6, 0xab, 0xcd);
const signature = new Uint8Array(64).fill(7);

/** A name of so many octets, of labels of one octet but for the first. */
function nameOf(octets: number): Uint8Array {
  const first = octets % 2 === 0 ? [2, 97, 97] : [1, 97];
  const more = Array.from({ length: (octets - first.length - 1) / 2 }, () => [1, 98]).flat();
  return Uint8Array.from([...first, ...more, 0]);
}

test('it reads what readRdata reads, and nothing else', () => {
  const signers: readonly Uint8Array[] = [
    Uint8Array.of(0),
    domainName('Example.org').wire,
    nameOf(254),
    nameOf(255),
    nameOf(256),
    nameOf(257),
    Uint8Array.of(63, ...new Uint8Array(63), 0),
    Uint8Array.of(64, ...new Uint8Array(64), 0),
    Uint8Array.of(3, 97, 98, 99, 0xc0, 12),
  ];
  let read = 0;
  for (const signer of signers) {
    const whole = concatBytes([head, signer, signature]);
    for (let length = 0; length <= whole.length; length++) {
      const rdata = whole.subarray(0, length);
      const data = readRrsig(rdata);
      assert.deepEqual(data, readRdata(rrsig, rdata), `${length} octets`);
      if (data !== undefined) read += 1;
    }
  }
  assert.equal(read, 5 * (signature.length + 1));
});
