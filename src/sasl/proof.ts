// What a client shows to prove who it is, whatever mechanism brought it. `login` decides what it is worth.
import { unreachable } from '../lib/result.ts';
import type { ClientCertificate } from '../lib/transport.ts';

export type Proof = PasswordProof | ScramProof | TokenProof | CertificateProof | VouchedProof;

interface Claim {
  /** Whom the client asks to act as, where it names somebody: nobody here may act as another (RFC 4422 §3.4.1). */
  readonly actAs?: string;
}

/** PLAIN and LOGIN, and USER and PASS of POP3. */
export interface PasswordProof extends Claim {
  readonly kind: 'password';
  readonly identity: string;
  readonly password: string;
}

/** SCRAM: the client knows the password without having sent it. */
export interface ScramProof extends Claim {
  readonly kind: 'scram';
  readonly identity: string;
  /** Whether the proof fits these keys. */
  readonly fits: (keys: ScramKeys) => boolean;
}

/** OAUTHBEARER and XOAUTH2: an access token, which says itself whose it is. */
export interface TokenProof extends Claim {
  readonly kind: 'token';
  readonly token: string;
}

/** EXTERNAL: the certificate of the TLS handshake. */
export interface CertificateProof extends Claim {
  readonly kind: 'certificate';
  readonly certificate: ClientCertificate;
}

/** No proof of the client's: a proxy that the config trusts has let it in. */
export interface VouchedProof extends Claim {
  readonly kind: 'vouched';
  readonly identity: string;
}

/** RFC 5802 §3: what the server keeps of a password. */
export interface ScramKeys {
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** RFC 5802 §3: what the client needs to make its keys from a password. */
export interface ScramSalt {
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** Whom a proof is about, for the log; never a secret. */
export function nameOfProof(proof: Proof): string {
  switch (proof.kind) {
    case 'password':
    case 'scram':
    case 'vouched':
      return proof.identity;
    case 'token':
    case 'certificate':
      return proof.actAs ?? `the owner of a ${proof.kind}`;
    default:
      return unreachable(proof);
  }
}
