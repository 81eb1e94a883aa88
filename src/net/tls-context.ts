// What a listener needs for TLS: certificate and key in a holder, so that a reload counts from the next handshake on,
// and the one choice of versions and ciphers of this program.
import { constants, createHash, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext, TLSSocketOptions } from 'node:tls';
import { CertificateNames, namesOf } from './certificate-names.ts';

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

/** What goes with a certificate: others for other names, and who may sign those of clients. */
export interface TlsExtras {
  /** Each for the names that it holds; a name that none of them holds gets the first certificate. */
  readonly others?: readonly CertifiedKey[];
  /** Authorities of client certificates, PEM, where clients are asked for one. */
  readonly clientAuthorities?: string;
}

interface Loaded {
  readonly certificate: X509Certificate;
  readonly secure: SecureContext;
  readonly names: CertificateNames<SecureContext>;
}

export class TlsContext {
  #loaded: Loaded;

  /** Throws what OpenSSL says where a certificate and its key can't be used together. */
  constructor(material: CertifiedKey, extras: TlsExtras = {}) {
    this.#loaded = load(material, extras);
  }

  /** For the next handshake of a server's socket; `askCertificate`: the client is asked for its own, and may have none. */
  serverOptions(askCertificate = false): TLSSocketOptions {
    const { secure, names } = this.#loaded;
    return {
      isServer: true,
      secureContext: secure,
      SNICallback: (name, done) => done(null, names.find(name) ?? secure),
      requestCert: askCertificate,
      // What a certificate is worth is the login's matter: without a good one, a client may still have a password.
      rejectUnauthorized: false,
    };
  }

  /** When the first of the certificates ends: milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#loaded.certificate.validToDate.getTime();
  }

  /** SHA-256 over the certificate, lower-case hexadecimal: for `signpost` to tell, and for TLSA. */
  get fingerprint(): string {
    return createHash('sha256').update(this.#loaded.certificate.raw).digest('hex');
  }

  /** Handshakes from now on use the new ones; connections that stand keep theirs. Throws as the constructor, changing nothing. */
  replace(material: CertifiedKey, extras: TlsExtras = {}): void {
    this.#loaded = load(material, extras);
  }
}

function load(material: CertifiedKey, { others = [], clientAuthorities }: TlsExtras): Loaded {
  const names = new CertificateNames<SecureContext>();
  const loadOne = (each: CertifiedKey): Omit<Loaded, 'names'> => {
    const certificate = new X509Certificate(each.cert);
    const secure = secureContextOf(each, clientAuthorities);
    names.add(namesOf(certificate), secure);
    return { certificate, secure };
  };
  const first = loadOne(material);
  for (const other of others) loadOne(other);
  return { ...first, names };
}

/** Sessions are resumed within one server only: OpenSSL asks for a name of it where clients show certificates. */
const sessionIdContext = 'signpost';

function secureContextOf(material: CertifiedKey, clientAuthorities: string | undefined): SecureContext {
  return createSecureContext({
    cert: material.cert,
    key: material.key,
    ...(clientAuthorities !== undefined && { ca: clientAuthorities }),
    sessionIdContext,
    minVersion: minTlsVersion,
    ciphers: tlsCiphers,
    ecdhCurve: 'X25519:prime256v1:secp384r1',
    dhparam: 'auto',
    // The "intermediate" list is safe in any order, so the client, who knows what its machine is fast at, chooses.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
}
