// Replies that a dialogue of text can't come to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, latin1ToBytes } from '../../src/lib/bytes.ts';
import { ScriptedConnection } from '../support/scripted-connection.ts';
import { SmtpWorld } from '../support/smtp-world.ts';
import type { SmtpWorldOptions } from '../support/smtp-world.ts';

async function said(options: SmtpWorldOptions, client: string): Promise<string> {
  const world = new SmtpWorld(options);
  const connection = new ScriptedConnection('198.51.100.9', false);
  const running = world.handler(connection, new AbortController().signal);
  connection.feed(latin1ToBytes(client));
  await Promise.race([connection.idle(), running]);
  connection.feedEnd();
  await running;
  return bytesToLatin1(connection.takeSent());
}

test('RFC 5321 §4.5.3.1.6: a line of more than a million octets', async () => {
  const envelope = 'HELO client.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<bob@example.com>\r\n';
  const content = `Subject: x\r\n\r\n${'x'.repeat(1024 * 1024)}\r\n.\r\n`;
  const replies = await said({ maxMessageSize: 2_000_000 }, `${envelope}DATA\r\n${content}`);
  assert.match(replies, /\r\n550 5\.6\.0 The message has a line of more than a million octets\.\r\n$/);
});

test('RFC 5321 §3.1: in place of the greeting, to whom the listener does not serve', async () => {
  const replies = await said({ serves: () => false }, 'EHLO client.example\r\n');
  assert.equal(replies, '554 5.7.1 mx.example.com takes no mail from your address on this port.\r\n');
});
