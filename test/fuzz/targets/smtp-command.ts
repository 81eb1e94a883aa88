// SMTP's command lines: cut alike however they arrive, parsed without a throw, and every address in them is one that can be
// written and read again.
import assert from 'node:assert/strict';
import { utf8ToBytes } from '../../../src/lib/bytes.ts';
import { formatMailAddress } from '../../../src/lib/mail-address.ts';
import type { Random } from '../../../src/lib/random.ts';
import { parseCommand } from '../../../src/smtp/wire/command.ts';
import type { Command } from '../../../src/smtp/wire/command.ts';
import { LineDecoder } from '../../../src/smtp/wire/line-decoder.ts';
import { parsePath } from '../../../src/smtp/wire/path.ts';
import { decodeUtf8Address, decodeXtext, encodeUtf8Address, encodeXtext } from '../../../src/lib/xtext.ts';
import type { FuzzTarget } from '../target.ts';

export const target: FuzzTarget = {
  name: 'smtp-command',
  testSteps: 1000,
  seeds: [
    'EHLO client.example\r\nMAIL FROM:<a@example.com> SIZE=100 BODY=8BITMIME SMTPUTF8 AUTH=<>\r\nRCPT TO:<b@example.com>\r\n',
    'MAIL FROM:<@one.example,@two.example:"odd\\" name"@[IPv6:2001:db8::1]>\r\nRCPT TO:<jörg@bücher.example>\r\n',
    'RCPT TO:<postmaster>\r\nRCPT TO:<"a@b"@example.com>\r\nMAIL FROM:<>\r\nVRFY <a@b>\r\nHELP MAIL\r\nNOOP x\r\n',
    'MAIL FROM:<a@example.com> RET=HDRS ENVID=a+2Bb BY=-60;NT HOLDUNTIL=2027-01-31T12:00:00Z MT-PRIORITY=-9 REQUIRETLS\r\nBDAT 10 LAST\r\n',
    'RCPT TO:<b@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@example.org\r\nRCPT TO:<b@c> ORCPT=utf-8;j\\x{F6}rg@x NOTIFY=NEVER\r\n',
    'AUTH PLAIN AGEAYg==\r\nAUTH LOGIN\r\nSTARTTLS\r\nRSET\r\nDATA\r\nQUIT\r\nEXPN x\r\nGET / HTTP/1.1\r\n',
    'HELO [192.0.2.1]\r\nNOOP\nNOOP\rNOOP\0\r\n',
    `NOOP ${'x'.repeat(13_000)}\r\nMAIL FROM:<a@b> AUTH=e+3Dmc2@example.com\r\n`,
  ].map(utf8ToBytes),
  words: ['<', '>', '@', '"', '\\', ':', '[', ']', 'IPv6:', 'xn--', '。', '\r\n', ' SIZE=', '+41', 'é'].map(
    utf8ToBytes,
  ),
  run(input, random) {
    assert.deepEqual(decode(pieces(input, random)), decode([input]));
  },
};

function decode(chunks: readonly Uint8Array[]): string[] {
  const decoder = new LineDecoder();
  const seen: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let line = decoder.next(); line !== undefined; line = decoder.next()) {
      if (line.kind === 'fault') {
        // A line that is too long and ends with a bare LF is told as both when it comes in pieces.
        if (line.fault === 'too-long') continue;
        seen.push(line.fault);
        continue;
      }
      const command = parseCommand(line.text);
      seen.push(command.ok ? JSON.stringify(command.value) : command.fault.kind);
      if (command.ok) check(command.value);
      else assert.match(command.fault.reason, /^[ -~]+$/);
    }
  }
  return seen;
}

function check(command: Command): void {
  if (command.verb === 'EHLO' || command.verb === 'HELO')
    assert.match(command.client.text, /^[A-Za-z0-9._:[\]-]{1,255}$/);
  const path =
    command.verb === 'MAIL'
      ? command.reversePath
      : command.verb === 'RCPT' && command.forwardPath.kind === 'path'
        ? command.forwardPath.path
        : undefined;
  if (command.verb === 'MAIL') assert.match(command.parameters.envelopeId ?? '', /^[ -~]{0,100}$/);
  if (command.verb === 'RCPT') {
    const { type, address } = command.parameters.originalRecipient ?? { type: '', address: '' };
    // What goes into the header of a report must end no line of it.
    assert.match(`${type} ${address}`, /^[^\u0000-\u001f\u007f-\u009f]*$/);
    if (type === 'utf-8') assert.equal(decodeUtf8Address(encodeUtf8Address(address)), address);
    else assert.equal(decodeXtext(encodeXtext(address)), address);
  }
  if (path === undefined) return;
  assert.match(path.address.domain, /^[a-z0-9.-]+$|^\[[IPv0-9a-f.:]+\]$/);
  const again = parsePath(`<${formatMailAddress(path.address)}>`, 0);
  assert.deepEqual(again.ok && again.value.path?.address, path.address);
}

function pieces(input: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const length = 1 + random.below(24);
    chunks.push(input.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
