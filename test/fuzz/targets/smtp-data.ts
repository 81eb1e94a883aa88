// The content that follows DATA, against a decoder written for clearness instead of speed: both must find the same end, the same
// content and refuse the same octets, however the input is cut.
import assert from 'node:assert/strict';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../../src/lib/bytes.ts';
import type { Random } from '../../../src/lib/random.ts';
import { DataDecoder } from '../../../src/smtp/wire/data-decoder.ts';
import type { FuzzTarget } from '../target.ts';

interface Seen {
  /** Of the input, its end included; undefined where there is none. */
  readonly used: number | undefined;
  /** Undefined where it is refused. */
  readonly content: string | undefined;
  readonly eightBit: boolean | undefined;
}

export const target: FuzzTarget = {
  name: 'smtp-data',
  seeds: [
    'Subject: x\r\n\r\ntext\r\n..stuffed\r\n.\r\nQUIT\r\n',
    '.\r\n',
    'a\n.\nb\r\n.\r\n',
    'a\r.\rb\r\n.\r\n',
    'a\r\n.\rb\r\n.\r\r\n.\r\n',
    'a\r\n\0.\r\nb\r\n.\0\r\n.\r\n',
    'gr\u00fcn\r\n.\u00ff\r\n...\r\n.\r\n',
  ].map(latin1ToBytes),
  words: ['\r', '\n', '\r\n', '.', '\r\n.', '\r\n.\r\n', '\n.\n', '\0', '\u00ff'].map(latin1ToBytes),
  run(input, random) {
    const expected = reference(bytesToLatin1(input));
    assert.deepEqual(decode([input]), expected);
    assert.deepEqual(decode(pieces(input, random)), expected);
  },
};

function decode(chunks: readonly Uint8Array[]): Seen {
  const written: Uint8Array[] = [];
  const decoder = new DataDecoder({ write: (bytes, from, to) => written.push(bytes.slice(from, to)) });
  let before = 0;
  let used: number | undefined;
  for (const chunk of chunks) {
    const end = decoder.push(chunk);
    if (end !== undefined) {
      used = before + end;
      break;
    }
    before += chunk.length;
  }
  const whole = used !== undefined && decoder.fault === undefined;
  return {
    used,
    content: whole ? bytesToLatin1(concatBytes(written)) : undefined,
    eightBit: whole ? decoder.eightBit : undefined,
  };
}

function reference(text: string): Seen {
  // The CRLF of the DATA command stands in front.
  const end = `\r\n${text}`.indexOf('\r\n.\r\n');
  if (end === -1) return { used: undefined, content: undefined, eightBit: undefined };
  const stuffed = text.slice(0, end);
  const refused = /\r(?!\n)|(?<!\r)\n|\0/.test(stuffed);
  const content = stuffed.replaceAll(/(^|\r\n)\./g, '$1');
  const eightBit = /[\u0080-\u00ff]/.test(stuffed);
  return {
    used: end + 3,
    content: refused ? undefined : content,
    eightBit: refused ? undefined : eightBit,
  };
}

function pieces(input: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const length = 1 + random.below(9);
    chunks.push(input.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
