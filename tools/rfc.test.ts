import assert from 'node:assert/strict';
import { test } from 'node:test';
import { citedRfcs, parseRfcList } from './rfc.ts';

test('citations are found in each way that they are written', () => {
  const text =
    'RFC 5321 §4.5.2, RFC 7208 erratum 5436; todo RFC 6376 §6.1: …; RFCs 1034 and 1035; RFC 4033–4035';
  assert.deepEqual([...citedRfcs(text)], [5321, 7208, 6376, 1034, 1035, 4033, 4035]);
});

test('a list that lies is told where', () => {
  const { rfcs, faults } = parseRfcList(
    '# x\n1035\tfull\tNames\n1034\tpartial\tConcepts\n12\tsoon\tX\n1035\tfull\tNames\n',
  );
  assert.deepEqual(
    rfcs.map((rfc) => rfc.number),
    [1035],
  );
  assert.equal(faults.length, 3);
  assert.match(faults[0] ?? '', /:3: RFC 1034 is partial/);
});
