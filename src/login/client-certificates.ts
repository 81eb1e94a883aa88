// Whose accounts a client's certificate opens.
import type { ClientCertificate } from '../lib/transport.ts';

export interface CertificateRules {
  /** SHA-256 over a certificate, lower-case hexadecimal → the account's address. */
  readonly byFingerprint: ReadonlyMap<string, string>;
}

/** Addresses of accounts that its owner may log in to. */
export function addressesOf(certificate: ClientCertificate, rules: CertificateRules): readonly string[] {
  const named = rules.byFingerprint.get(certificate.fingerprint);
  // A certificate that is named itself needs nobody to vouch for it.
  if (named !== undefined) return [named];
  return certificate.trusted ? certificate.addresses : [];
}
