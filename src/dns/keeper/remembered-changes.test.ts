import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rrType } from '../wire/rr-type.ts';
import { domainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { serialOfSoa, soaWithSerial } from '../zone/serial.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import { recordsOfText } from '../../../test/support/records.ts';
import { changeLength } from './record-bytes.ts';
import { RememberedChanges } from './remembered-changes.ts';

const origin = domainName('example.com');
const [soa] = recordsOfText(origin, '@ SOA ns hostmaster 1 3600 600 86400 60\n');

function soaOf(serial: number): ResourceRecord {
  assert.ok(soa);
  return { ...soa, rdata: soaWithSerial(soa.rdata, serial) };
}

/** From a serial to the next; `octets` of a record that it adds. */
function change(from: number, octets = 10): ZoneChange {
  const added = {
    owner: domainName(`n${from}.example.com`),
    type: rrType.TXT,
    class: 1,
    ttl: 60,
    rdata: new Uint8Array(octets).fill(from),
  };
  return { from: soaOf(from), to: soaOf(from + 1), removed: [], added: [added] };
}

function startsOf(changes: readonly ZoneChange[] | undefined): readonly number[] | undefined {
  return changes?.map(({ from }) => serialOfSoa(from.rdata));
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

test('what is remembered is what was added, from any serial on', () => {
  const remembered = new RememberedChanges(1_000_000);
  const all = range(1, 400).map((serial) => change(serial, (serial * 37) % 300));
  for (const each of all) remembered.add(each);
  for (const from of [1, 2, 3, 77, 200, 398, 399])
    assert.deepEqual(remembered.since(from), all.slice(from - 1), `from ${from}`);
  for (const from of [0, 400, 4711]) assert.equal(remembered.since(from), undefined, `from ${from}`);
});

test('so many octets are remembered, and not a change more', () => {
  // Serials of one length, so that changes are, too.
  const octets = changeLength(change(1000));
  for (const most of [1, 2, 3, 10, 120]) {
    const remembered = new RememberedChanges(most * octets);
    for (const serial of range(1000, 1700)) {
      remembered.add(change(serial));
      const oldest = Math.max(1000, serial + 1 - most);
      assert.deepEqual(startsOf(remembered.since(oldest)), range(oldest, serial + 1));
      assert.equal(remembered.since(oldest - 1), undefined);
    }
  }
});

test('a change that is too large by itself is not remembered, nor is what was before it', () => {
  const remembered = new RememberedChanges(20_000);
  remembered.add(change(1));
  remembered.add(change(2, 60_000));
  assert.deepEqual(
    [1, 2].map((serial) => remembered.since(serial)),
    [undefined, undefined],
  );
  remembered.add(change(3, 18_000));
  remembered.add(change(4));
  assert.deepEqual(startsOf(remembered.since(3)), [3, 4]);
});

test('of a serial that comes twice the later one counts', () => {
  const remembered = new RememberedChanges(10_000);
  for (const from of [5, 6, 5, 6, 7]) remembered.add(change(from));
  assert.deepEqual(startsOf(remembered.since(5)), [5, 6, 7]);
});

test('what is cleared is forgotten', () => {
  const remembered = new RememberedChanges(10_000);
  for (const from of [1, 2]) remembered.add(change(from));
  remembered.clear();
  assert.equal(remembered.since(1), undefined);
  remembered.add(change(9));
  assert.deepEqual(startsOf(remembered.since(9)), [9]);
});
