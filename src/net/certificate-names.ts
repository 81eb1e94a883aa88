// Which of several certificates is for a name that a client asks for (SNI, RFC 6066 §3).
import type { X509Certificate } from 'node:crypto';

/** The DNS names of its subjectAltName in lower case, wildcards among them (RFC 9525 §6.3). */
export function namesOf(certificate: Pick<X509Certificate, 'subjectAltName'>): readonly string[] {
  // A name that could be taken for more than one is quoted there, and is no name of a host.
  return [...(certificate.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^",\s]+)(?=,|$)/g)].map((match) =>
    (match[1] ?? '').toLowerCase(),
  );
}

/** Its mail addresses (rfc822Name, RFC 5280 §4.2.1.6). */
export function mailAddressesOf(certificate: Pick<X509Certificate, 'subjectAltName'>): readonly string[] {
  return [...(certificate.subjectAltName ?? '').matchAll(/(?:^|, )email:([^",\s]+)(?=,|$)/g)].map(
    (match) => match[1] ?? '',
  );
}

export class CertificateNames<Value> {
  readonly #byName = new Map<string, Value>();

  /** The first one that is added for a name has it. */
  add(names: readonly string[], value: Value): void {
    for (const name of names) if (!this.#byName.has(name)) this.#byName.set(name, value);
  }

  /** RFC 9525 §6.3: the name itself before a wildcard, which stands for the leftmost label alone. */
  find(name: string): Value | undefined {
    const asked = name.toLowerCase().replace(/\.$/, '');
    return this.#byName.get(asked) ?? this.#byName.get(asked.replace(/^[^.]+/, '*'));
  }
}
