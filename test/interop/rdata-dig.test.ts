// dig reads our messages and prints every record type as we do.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { concatBytes } from '../../src/lib/bytes.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatRecord } from '../../src/dns/wire/presentation.ts';
import { formatGenericRdata, parseRdata, parseType } from '../../src/dns/wire/rdata/registry.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { missingPrograms } from '../support/programs.ts';
import { rdataExamples, rdataTokens } from '../support/rdata-examples.ts';

/** Types that a dig of some years ago doesn't know yet: it prints them as RFC 3597 has it. */
const youngTypes = new Set(['CLA', 'DSYNC', 'RESINFO', 'WALLET']);
/** dig knows a TSIG at the end of a message only. */
const notInAnswers = new Set(['TSIG']);

/** Answers any query with all examples that dig knows, and tells what it sent. */
function serverOf(answers: readonly ResourceRecord[]): ReturnType<typeof createServer> {
  return createServer((socket) => {
    let received: Uint8Array = new Uint8Array(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      received = concatBytes([received, chunk]);
      const length = ((received[0] ?? 0) << 8) | (received[1] ?? 0);
      if (received.length < 2 || received.length < 2 + length) return;
      const query = decodeMessage(received.subarray(2, 2 + length));
      assert.ok(query.ok);
      const response = encodeMessage({ ...query.value, response: true, authoritative: true, answers });
      socket.end(concatBytes([Uint8Array.of(response.length >>> 8, response.length), response]));
    });
  });
}

test('dig prints our records as we do', { skip: missingPrograms('dig') }, async () => {
  const records = rdataExamples
    .filter(({ type }) => !notInAnswers.has(type))
    .map(({ type, text }, index): { readonly record: ResourceRecord; readonly lines: readonly string[] } => {
      const code = parseType(type) ?? assert.fail(type);
      const rdata = parseRdata(code, rdataTokens(text), domainName('.'));
      assert.ok(rdata.ok);
      // dig wants the owner of an NSEC3 to be a hash.
      const owner = domainName(
        type === 'NSEC3' ? `${'0'.repeat(32)}.n${index}.example` : `n${index}.example`,
      );
      const record = { owner, type: code, class: 1, ttl: 300, rdata: rdata.value };
      const line = formatRecord(record).replaceAll('\t', ' ');
      const generic = `${owner.toString()} 300 IN TYPE${code} ${formatGenericRdata(rdata.value)}`;
      return { record, lines: youngTypes.has(type) ? [line, generic] : [line] };
    });
  const server = serverOf(records.map(({ record }) => record));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const options = ['+tcp', '+noall', '+answer', '+nosplit', '+tries=1', '+time=5'];
    const { stdout } = await promisify(execFile)('dig', [
      '@127.0.0.1',
      '-p',
      String(port),
      ...options,
      'example',
      'ANY',
    ]);
    const printed = stdout
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/[ \t]+/g, ' ').trim());
    for (const [index, { lines }] of records.entries()) {
      assert.ok(
        lines.includes(printed[index] ?? ''),
        `dig: ${printed[index]}\nwe:  ${lines.join('\n  or ')}`,
      );
    }
    assert.equal(printed.length, records.length);
  } finally {
    server.close();
  }
});
