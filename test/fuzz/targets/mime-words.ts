// Encoded words, parameters, subjects, identifiers, HTML and transfer encodings: all give something, no more than they were given, and
// decoders give the same in any pieces.
import assert from 'node:assert/strict';
import { bytesToLatin1, bytesToUtf8, concatBytes, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { baseSubject } from '../../../src/message/base-subject.ts';
import { decodeWords } from '../../../src/message/encoded-words.ts';
import { htmlText } from '../../../src/message/html-text.ts';
import { parameterValue, parseParameters } from '../../../src/message/parameters.ts';
import { previewOf } from '../../../src/message/preview.ts';
import { parseMessageIds } from '../../../src/message/threading.ts';
import { transferDecoder } from '../../../src/message/transfer-decoder.ts';
import { pieces } from '../pieces.ts';
import type { FuzzTarget } from '../target.ts';

export const target: FuzzTarget = {
  name: 'mime-words',
  seeds: [
    'Re: [list] =?utf-8?Q?n=C3=A4chste?= =?iso-8859-1*de?b?5Pb8?= (fwd)',
    '; filename*0*=utf-8\'de\'%e2%82; filename*1*=%ac; name="a \\"b\\".txt"; x=y z=1 (c)',
    '<p>a &lt; b&nbsp;&#8364;</p><!-- c --><script>d</script><a href="x>y">e</a>',
    'plain =E2=82=AC =\r\n soft \t\r\nline= \t\r\n=3',
    'QUJD\r\nRA==QUI=\r\nQ',
    '<a@b> phrase <c@d>',
  ].map(utf8ToBytes),
  words: [
    '=?',
    '?=',
    '?q?',
    '?b?',
    '=?utf-8?q?',
    '[',
    ']',
    're:',
    '[fwd:',
    '(fwd)',
    '*0*=',
    '*=',
    '"',
    '\\',
    '&#x',
    '<!--',
    '</script',
    '=\r\n',
    '=',
    '>',
    '<',
  ].map(utf8ToBytes),
  run(input, random) {
    const text = bytesToUtf8(input);
    decodeWords(text);
    baseSubject(text);
    assert.ok(Array.from(previewOf(text)).length <= 256);
    assert.ok(htmlText(text).length <= text.length);
    assert.ok(parseMessageIds(text, 5).length <= 5);
    const parameters = parseParameters(text, 0, 10);
    assert.ok(parameters.length <= 10);
    for (const { name } of parameters) parameterValue(parameters, name.replace(/\*$/, ''));
    for (const encoding of ['base64', 'quoted-printable']) {
      const whole = decode(encoding, [input]);
      const split = decode(encoding, pieces(input, random));
      assert.equal(split.text, whole.text);
      assert.equal(split.size, whole.size);
      const counter = transferDecoder(encoding, undefined);
      for (const piece of pieces(input, random)) counter.push(piece, 0, piece.length);
      counter.finish();
      assert.equal(counter.size, whole.size);
    }
  },
};

function decode(
  encoding: string,
  chunks: readonly Uint8Array[],
): { readonly text: string; readonly size: number } {
  const written: Uint8Array[] = [];
  const decoder = transferDecoder(encoding, {
    write: (octets, from, to) => written.push(octets.slice(from, to)),
  });
  for (const chunk of chunks) decoder.push(chunk, 0, chunk.length);
  decoder.finish();
  return { text: bytesToLatin1(concatBytes(written)), size: decoder.size };
}
