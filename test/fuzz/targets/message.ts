// Whole messages: every one parses, in any pieces alike; parts lie inside each other in order, and line ends are counted right.
import assert from 'node:assert/strict';
import { latin1ToBytes } from '../../../src/lib/bytes.ts';
import { decodeParsedMessage, encodeParsedMessage } from '../../../src/message/kept-message.ts';
import { parseMessage } from '../../../src/message/message-parser.ts';
import { usualMimeLimits } from '../../../src/message/mime-limits.ts';
import { assertPlaces } from '../../support/mime-places.ts';
import { pieces } from '../pieces.ts';
import type { FuzzTarget } from '../target.ts';

/** Low, so that mutation meets them. */
const limits = {
  ...usualMimeLimits,
  depth: 5,
  parts: 12,
  headerOctets: 600,
  headerFields: 20,
  boundaryOctets: 20,
  addresses: 8,
  textOctets: 300,
  searchText: 200,
};

export const target: FuzzTarget = {
  name: 'message',
  seeds: [
    'From: a@example.com\r\nSubject: x\r\n\r\ntext\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--b--\r\nepi\r\n',
    'Content-Type: multipart/digest; boundary="b c"\r\n\r\n--b c\r\n\r\nSubject: y\r\n\r\none\r\n--b c\r\n\r\n--b c--\r\n',
    'Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/global\r\n\r\nTo: x\r\n\r\n--b--',
    'Content-Type: multipart/mixed;\n boundary=":b"\n\n--:b\nX: y\n--:b\nContent-Transfer-Encoding: base64\n\nQUJD\n--:b--\n',
    "Content-Type: text/plain; charset*=''utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: attachment; filename*0=a; filename*1=b\r\n\r\n=E2=82=AC =\r\n x\r\n",
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b--\r\n--b--\r\n',
  ].map(latin1ToBytes),
  words: [
    '\r\n',
    '\n',
    '\r',
    '--b',
    '--b--',
    '\r\n--b\r\n',
    '\r\n--b--\r\n',
    '\r\n\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n',
    'Content-Type: message/rfc822\r\n\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'Content-Transfer-Encoding: quoted-printable\r\n',
    ' ',
    '\0',
    '\u00ff',
    'To: a@b, c:d@e;\r\n',
  ].map(latin1ToBytes),
  run(input, random) {
    const whole = parseMessage([input], limits);
    assert.deepEqual(parseMessage(pieces(input, random), limits), whole);
    assertPlaces(input, whole.root);
    const kept = decodeParsedMessage(encodeParsedMessage(whole));
    assert.ok(kept.ok);
    assert.deepEqual(kept.value.root, whole.root);
    assert.deepEqual(kept.value.envelope, whole.envelope);
  },
};
