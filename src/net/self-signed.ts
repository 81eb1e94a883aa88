// Makes a self-signed certificate (RFC 5280) for ECDSA P-256: what a server has before it has a better one. Mail between
// servers takes it (RFC 7435 §3: opportunistic security), and DANE can vouch for it.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { bytesToBase64, utf8ToBytes } from '../lib/bytes.ts';
import { parseAddress } from '../lib/endpoint.ts';
import {
  derBitString,
  derBoolean,
  derElement,
  derInteger,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from './der.ts';
import type { CertifiedKey } from './tls-context.ts';

/** A long life: nobody checks the date of a certificate that no authority signed, but an expired one frightens people. */
const validityMs = 10 * 365 * 24 * 3_600_000;
/** The clock of a peer may be behind. */
const backdateMs = 24 * 3_600_000;

/**
 * `names`: host names and IP addresses, the first is the subject. A new key each time. `now` in milliseconds since the epoch.
 */
export function makeSelfSigned(names: readonly string[], now: number): CertifiedKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = derSequence(derOid('1.2.840.10045.4.3.2'));
  // RFC 5280 §4.1.2.4: issuer and subject are the same name. X.520 allows 64 characters in a common name.
  const name = derSequence(
    derSet(derSequence(derOid('2.5.4.3'), derUtf8String((names[0] ?? 'localhost').slice(0, 64)))),
  );
  const content = derSequence(
    derElement(0xa0, derInteger(Uint8Array.of(2))), // version 3
    derInteger(serialNumber()),
    ecdsaWithSha256,
    name,
    derSequence(derTime(now - backdateMs), derTime(now + validityMs)),
    name,
    new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    derElement(
      0xa3,
      derSequence(
        extension('2.5.29.17', false, derSequence(...names.map(generalName))),
        // Not a certificate authority; signs handshakes.
        extension('2.5.29.19', true, derSequence()),
        extension('2.5.29.15', true, derBitString(Uint8Array.of(0x80), 7)),
        extension('2.5.29.37', false, derSequence(derOid('1.3.6.1.5.5.7.3.1'))),
      ),
    ),
  );
  const signature = new Uint8Array(sign('sha256', content, privateKey));
  return {
    cert: pem('CERTIFICATE', derSequence(content, ecdsaWithSha256, derBitString(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets; all of it random. */
function serialNumber(): Uint8Array {
  const octets = new Uint8Array(randomBytes(16));
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return octets;
}

function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctetString(value));
}

/** RFC 5280 §4.2.1.6: dNSName [2], iPAddress [7]. */
function generalName(name: string): Uint8Array {
  const address = parseAddress(name);
  return address === undefined
    ? derElement(0x82, utf8ToBytes(name))
    : derElement(0x87, Uint8Array.from(ipaddr.parse(address).toByteArray()));
}

function pem(label: string, der: Uint8Array): string {
  const lines = bytesToBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
