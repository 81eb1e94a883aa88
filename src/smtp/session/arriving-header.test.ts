import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToUtf8, concatBytes, utf8ToBytes } from '../../lib/bytes.ts';
import { scanHeader } from '../../message/header.ts';
import { droppedFields, dropRules, withoutFields } from './arriving-header.ts';
import type { SmtpRole } from './context.ts';

const cases: readonly (readonly [what: string, role: SmtpRole, before: string, after: string])[] = [
  ['nothing to drop', 'mx', 'A: 1\r\nB: 2\r\n\r\ntext', 'A: 1\r\nB: 2\r\n\r\ntext'],
  ['Return-Path goes everywhere', 'mx', 'return-path: <x>\r\nB: 2\r\n\r\n', 'B: 2\r\n\r\n'],
  ['Bcc is the sender’s matter at the MX', 'mx', 'Bcc: x@y\r\n\r\n', 'Bcc: x@y\r\n\r\n'],
  [
    'Bcc goes, folded too',
    'submission',
    'A: 1\r\nBcc: a@b,\r\n c@d,\r\n\te@f\r\nB: 2\r\n\r\n',
    'A: 1\r\nB: 2\r\n\r\n',
  ],
  [
    'each Bcc goes',
    'submission',
    'Bcc: 1\r\nBCC: 2\r\nA: 1\r\nbcc :3\r\nResent-Bcc: 4\r\n\r\nx',
    'A: 1\r\n\r\nx',
  ],
  ['names that only begin so stay', 'submission', 'Bcc2: 1\r\nXBcc: 2\r\n\r\n', 'Bcc2: 1\r\nXBcc: 2\r\n\r\n'],
  ['a body is no header', 'submission', 'A: 1\r\n\r\nBcc: x\r\n', 'A: 1\r\n\r\nBcc: x\r\n'],
  [
    'results that claim to be ours go, and those of nobody; others stay',
    'mx',
    'Authentication-Results: mx.example.com; spf=pass\r\nA: 1\r\nauthentication-results:\r\n (x) "MX.example.com" 1;\r\n dkim=pass\r\nAuthentication-Results: other.example; none\r\nAuthentication-Results: ;\r\n\r\n',
    'A: 1\r\nAuthentication-Results: other.example; none\r\n\r\n',
  ],
  ['our own users invent none', 'submission', 'Authentication-Results: mx.example.com; none\r\n\r\n', '\r\n'],
  ['all of it', 'submission', 'Bcc: x\r\nReturn-Path: <y>\r\n', ''],
];

for (const [what, role, before, after] of cases) {
  test(`${what}, wherever the content is split`, () => {
    const octets = utf8ToBytes(before);
    const header = scanHeader(octets);
    const rules = dropRules({ role, hostname: 'mx.example.com' }, octets, header);
    const dropped = droppedFields(header, rules);
    for (let at = 0; at <= octets.length; at++) {
      const kept = withoutFields([octets.subarray(0, at), octets.subarray(at)], dropped);
      assert.equal(bytesToUtf8(concatBytes(kept)), after, `split at ${at}`);
    }
    const single = Array.from(octets, (octet) => Uint8Array.of(octet));
    assert.equal(bytesToUtf8(concatBytes(withoutFields(single, dropped))), after, 'octet by octet');
  });
}
