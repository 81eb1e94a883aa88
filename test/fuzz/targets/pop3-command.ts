// POP3's command lines: decoded alike however they are split, and parsed without a throw.
import assert from 'node:assert/strict';
import { utf8ToBytes } from '../../../src/lib/bytes.ts';
import type { Random } from '../../../src/lib/random.ts';
import { unreachable } from '../../../src/lib/result.ts';
import { parseCommand } from '../../../src/pop3/wire/command.ts';
import { LineDecoder } from '../../../src/pop3/wire/line-decoder.ts';
import type { FuzzTarget } from '../target.ts';

export const target: FuzzTarget = {
  name: 'pop3-command',
  seeds: [
    'USER mrose@example.com\r\nPASS a secret\r\nSTAT\r\nLIST\r\nLIST 1\r\nQUIT\r\n',
    'CAPA\r\nSTLS\r\nAUTH PLAIN AHRpbQBzZWNyZXQ=\r\nAUTH LOGIN\r\n*\r\n',
    'TOP 1 10\r\nRETR 1\r\nDELE 1\r\nRSET\r\nUIDL\r\nUIDL 2\r\nNOOP\r\nUTF8\r\n',
    'APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n\r\nNOOP\nNO\rOP\r\n',
    `PASS ${'x'.repeat(300)}\r\n${'y'.repeat(1100)}\r\n`,
  ].map(utf8ToBytes),
  run(input, random) {
    const whole = decode([input]);
    assert.deepEqual(decode(pieces(input, random)), whole);
  },
};

function decode(chunks: readonly Uint8Array[]): string[] {
  const decoder = new LineDecoder();
  const seen: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let line = decoder.next(); line !== undefined; line = decoder.next()) {
      if (line.kind !== 'line') {
        seen.push(line.kind);
        continue;
      }
      const command = parseCommand(line.bytes);
      seen.push(command.ok ? JSON.stringify(command.value) : command.fault.kind);
      if (command.ok) checkCommand(command.value);
    }
  }
  return seen;
}

/** What the session may rely on. */
function checkCommand(command: Extract<ReturnType<typeof parseCommand>, { ok: true }>['value']): void {
  switch (command.verb) {
    case 'RETR':
    case 'DELE':
    case 'TOP':
      assert.ok(Number.isSafeInteger(command.message));
      return;
    case 'LIST':
    case 'UIDL':
      assert.ok(command.message === undefined || Number.isSafeInteger(command.message));
      return;
    case 'USER':
      assert.ok(!/[\r\n\0]/.test(command.name));
      return;
    case 'PASS':
      assert.ok(!/[\r\n\0]/.test(command.password));
      return;
    case 'APOP':
    case 'AUTH':
    case 'CAPA':
    case 'STLS':
    case 'UTF8':
    case 'STAT':
    case 'NOOP':
    case 'RSET':
    case 'QUIT':
      return;
    default:
      unreachable(command);
  }
}

function pieces(input: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const length = 1 + random.below(16);
    chunks.push(input.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
