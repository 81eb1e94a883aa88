// Makes a self-signed certificate (RFC 5280) for ECDSA P-256: what a server has before it has a better one. Mail between
// servers takes it (RFC 7435 §3: opportunistic security), and DANE can vouch for it.
import { webcrypto } from 'node:crypto';
import { parseAddress } from '../lib/endpoint.ts';
import type { CertifiedKey } from './tls-context.ts';

/** A long life: nobody checks the date of a certificate that no authority signed, but an expired one frightens people. */
const validityMs = 10 * 365 * 24 * 3_600_000;
/** The clock of a peer may be behind. */
const backdateMs = 24 * 3_600_000;

/**
 * `names`: host names and IP addresses, the first is the subject. A new key each time. `now` in milliseconds since the epoch.
 * The library is only loaded here: it is large, and a server needs it once in its life.
 */
export async function makeSelfSigned(names: readonly string[], now: number): Promise<CertifiedKey> {
  // @peculiar/x509 finds its parts by the Reflect metadata that this adds.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      // X.520 allows 64 characters in a common name.
      name: [{ CN: [(names[0] ?? 'localhost').slice(0, 64)] }],
      notBefore: new Date(now - backdateMs),
      notAfter: new Date(now + validityMs),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension(names.map(generalName)),
        // Not a certificate authority; signs handshakes.
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    },
    webcrypto,
  );
  const key = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key.buffer, 'PRIVATE KEY') };
}

/** RFC 5280 §4.2.1.6 */
function generalName(value: string): { readonly type: 'dns' | 'ip'; readonly value: string } {
  return { type: parseAddress(value) === undefined ? 'dns' : 'ip', value };
}
