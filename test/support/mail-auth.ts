// What tests of the checks of mail share: keys, a checked message, and a domain that has published all there is.
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { latin1ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { MailChecker } from '../../src/mailauth/mail-check.ts';
import type { MailEnvelope, MailVerdicts } from '../../src/mailauth/verdicts.ts';
import { ScriptedLookup } from './scripted-lookup.ts';
import type { ScriptedNames } from './scripted-lookup.ts';

export interface TestKey {
  readonly key: KeyObject;
  /** The TXT record's text. */
  readonly record: string;
}

export function rsaTestKey(bits: number): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { key: privateKey, record: `v=DKIM1; k=rsa; p=${der.toString('base64')}` };
}

export function ed25519TestKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { key: privateKey, record: `v=DKIM1; k=ed25519; p=${der.subarray(-32).toString('base64')}` };
}

export const usualEnvelope: MailEnvelope = {
  ip: '192.0.2.1',
  helo: 'client.example.com',
  mailFrom: { localPart: 'joe', domain: 'example.com' },
};

/** `message`: lines end with LF here, an octet a character. `pieces`: where it is cut. */
export async function checkMessage(
  names: ScriptedNames,
  message: string,
  envelope: MailEnvelope = usualEnvelope,
  pieces: readonly number[] = [],
): Promise<MailVerdicts> {
  const check = new MailChecker({
    lookup: new ScriptedLookup(names),
    clock: new VirtualClock(),
    hostname: 'mx.example.net',
  }).begin(envelope);
  const octets = latin1ToBytes(message.replaceAll(/\r?\n/g, '\r\n'));
  let from = 0;
  for (const at of [...pieces, octets.length]) {
    // What was pushed may be used again by whoever reads the socket.
    const piece = octets.slice(from, at);
    check.push(piece);
    piece.fill(0x21);
    from = at;
  }
  return check.end();
}
