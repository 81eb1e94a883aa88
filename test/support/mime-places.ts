// Holds a tree of parts against the octets it was read from.
import assert from 'node:assert/strict';
import type { MimePart } from '../../src/message/mime-part.ts';

/** Parts lie in their order inside what is around them, so that their octets and those between re-join to the message; lines are counted. */
export function assertPlaces(octets: Uint8Array, root: MimePart): void {
  assert.equal(root.start, 0);
  assert.equal(root.end, octets.length);
  check(octets, root);
}

function check(octets: Uint8Array, part: MimePart): void {
  assert.ok(part.start <= part.bodyStart && part.bodyStart <= part.end);
  let lines = 0;
  for (const octet of octets.subarray(part.bodyStart, part.end)) if (octet === 10) lines++;
  assert.equal(part.lines, lines);
  if (part.kind === 'message') {
    assert.equal(part.message.start, part.bodyStart);
    assert.equal(part.message.end, part.end);
    check(octets, part.message);
  } else if (part.kind === 'multipart') {
    assert.ok(part.parts.length > 0);
    let at = part.bodyStart;
    for (const each of part.parts) {
      // A boundary's line, at least two hyphens and one octet, stands before each part.
      assert.ok(each.start >= at + 3 && each.end <= part.end);
      at = each.end;
      check(octets, each);
    }
  }
}
