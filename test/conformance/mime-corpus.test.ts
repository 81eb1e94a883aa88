// Odd and broken messages that others collected (../shared/data/mime): each parses within the bounds and alike in any pieces, its parts
// re-join to the message, and what was read is what test/golden/mime holds.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import { decodeWords } from '../../src/message/encoded-words.ts';
import { parseMessage } from '../../src/message/message-parser.ts';
import type { ParsedMessage } from '../../src/message/message-parser.ts';
import type { MimePart } from '../../src/message/mime-part.ts';
import { assertGolden } from '../support/golden.ts';
import { assertPlaces } from '../support/mime-places.ts';

const folder = resolve(import.meta.dirname, '../../../shared/data/mime');
const skip = existsSync(folder) ? false : 'needs the messages in ../shared/data/mime';

function tree(part: MimePart, indent: string): string {
  const { content, start, bodyStart, end, lines } = part;
  const parameters = content.parameters.map(({ name, value }) => `; ${name}=${shortened(value)}`).join('');
  const more = [
    content.encoding,
    ...(content.disposition === undefined ? [] : [content.disposition.type]),
    ...(part.kind === 'leaf' ? [`decoded ${part.decodedSize}`] : []),
  ];
  const self = `${indent}${content.type}/${content.subtype}${parameters} (${more.join(', ')}) ${start} ${bodyStart} ${end}, lines ${lines}\n`;
  const inside = part.kind === 'multipart' ? part.parts : part.kind === 'message' ? [part.message] : [];
  return self + inside.map((each) => tree(each, `${indent}  `)).join('');
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

function summary(name: string, message: ParsedMessage): string {
  const { envelope, threading, preview, attachmentNames, limits } = message;
  return [
    `== ${name}: ${message.size} octets${limits.map((limit) => `, ${limit} bounded`).join('')}`,
    `subject ${JSON.stringify(decodeWords(envelope.subject ?? ''))}, base ${JSON.stringify(threading.baseSubject)}`,
    `from ${JSON.stringify(envelope.from)}`,
    `to ${JSON.stringify(envelope.to)}`,
    `preview ${shortened(preview)}, names ${JSON.stringify(attachmentNames)}`,
    tree(message.root, ''),
  ].join('\n');
}

for (const group of ['malformed', 'mime4j', 'rfc', 'thirdparty']) {
  describe(`messages of ${group}`, { skip }, () => {
    const names =
      skip === false ? readdirSync(join(folder, group)).filter((name) => /\.(eml|msg)$/.test(name)) : [];
    const summaries: string[] = [];
    for (const name of names.toSorted()) {
      test(name, () => {
        const octets = new Uint8Array(readFileSync(join(folder, group, name)));
        const message = parseMessage([octets]);
        assertPlaces(octets, message.root);
        for (const length of [1, 7, 64]) {
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < octets.length; at += length) chunks.push(octets.subarray(at, at + length));
          assert.deepEqual(parseMessage(chunks), message, `in pieces of ${length}`);
        }
        const step = Math.ceil(octets.length / 400);
        for (let cut = 0; cut < octets.length; cut += step)
          assert.deepEqual(
            parseMessage([octets.subarray(0, cut), octets.subarray(cut)]),
            message,
            `cut at ${cut}`,
          );
        summaries.push(summary(name, message));
      });
    }
    test('the trees are as they were read by a person', () => {
      assert.ok(names.length > 0);
      assertGolden(`mime/${group}.txt`, utf8ToBytes(summaries.join('\n')));
    });
  });
}
