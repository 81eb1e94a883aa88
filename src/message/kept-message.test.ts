import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8ToBytes } from '../lib/bytes.ts';
import { decodeParsedMessage, encodeParsedMessage, keptVersion } from './kept-message.ts';
import { parseMessage } from './message-parser.ts';

const message = parseMessage([
  utf8ToBytes(
    'From: Jürgen <j@example.com>\r\nTo: g: a@b, "c" <c@d>;, e\r\nSubject: Re: =?utf-8?q?x?=\r\nDate: today\r\n' +
      'Message-ID: <1@a>\r\nIn-Reply-To: <0@a>\r\nReferences: <0@a> <00@a>\r\n' +
      'Content-Type: multipart/mixed; boundary=b\r\nContent-Language: de, en\r\n\r\n' +
      '--b\r\nContent-Disposition: inline; filename=x\r\nContent-ID: <i>\r\nContent-MD5: m\r\nContent-Location: l\r\n' +
      'Content-Description: d\r\n\r\ntext\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nz\r\n--b--\r\n',
  ),
]);

test('what is kept of a message is read back as it was', () => {
  const kept = decodeParsedMessage(encodeParsedMessage(message));
  const { size, root, envelope, preview, threading } = message;
  assert.deepEqual(kept, {
    ok: true,
    value: {
      size,
      root,
      envelope,
      preview,
      references: ['0@a', '00@a'],
      baseSubject: 'x',
      isReply: true,
      threadKeys: threading.keys,
      subjectKey: threading.subjectKey,
      limits: [],
    },
  });
  assert.equal(threading.keys.length, 3);
});

test('what a bound has cut is told', () => {
  const deep = 'Content-Type: message/rfc822\r\n\r\n'.repeat(60);
  const kept = decodeParsedMessage(encodeParsedMessage(parseMessage([utf8ToBytes(`${deep}text`)])));
  assert.ok(kept.ok);
  assert.deepEqual(kept.value.limits, ['depth']);
});

test('what is of another version, or damaged, is told', () => {
  const octets = encodeParsedMessage(message);
  assert.deepEqual(decodeParsedMessage(octets.with(0, keptVersion + 1)), { ok: false, fault: 'version' });
  assert.deepEqual(decodeParsedMessage(new Uint8Array(0)), { ok: false, fault: 'version' });
  assert.deepEqual(decodeParsedMessage(octets.subarray(0, 40)), { ok: false, fault: 'damaged' });
});
