// What a listener needs for TLS: certificate and key in a holder, so that a reload counts from the next handshake on,
// and the one choice of versions and ciphers of this program.
import { constants, createHash, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** A certificate chain and its key, both PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** TLS 1.2 is the least that anyone may speak to us (RFC 8996; RFC 8997 for mail). */
export const minTlsVersion = 'TLSv1.2';

/** Mozilla's "intermediate" list, version 5.7 (wiki.mozilla.org/Security/Server_Side_TLS): forward secrecy and AEAD only. */
export const tlsCiphers: string = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
].join(':');

export class TlsContext {
  #secure: SecureContext;
  #certificate: X509Certificate;

  /** Throws what OpenSSL says where certificate and key can't be used together. */
  constructor(material: CertifiedKey) {
    this.#certificate = new X509Certificate(material.cert);
    this.#secure = secureContextOf(material);
  }

  /** For the next handshake. */
  get secure(): SecureContext {
    return this.#secure;
  }

  /** When the certificate ends: milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#certificate.validToDate.getTime();
  }

  /** SHA-256 over the certificate, lower-case hexadecimal: for `signpost` to tell, and for TLSA. */
  get fingerprint(): string {
    return createHash('sha256').update(this.#certificate.raw).digest('hex');
  }

  /** Handshakes from now on use the new pair; connections that stand keep theirs. Throws as the constructor, changing nothing. */
  replace(material: CertifiedKey): void {
    const certificate = new X509Certificate(material.cert);
    this.#secure = secureContextOf(material);
    this.#certificate = certificate;
  }
}

function secureContextOf(material: CertifiedKey): SecureContext {
  return createSecureContext({
    cert: material.cert,
    key: material.key,
    minVersion: minTlsVersion,
    ciphers: tlsCiphers,
    ecdhCurve: 'X25519:prime256v1:secp384r1',
    dhparam: 'auto',
    // The "intermediate" list is safe in any order, so the client, who knows what its machine is fast at, chooses.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
}
