// The words of validation's faults, and how they are made (RFC 8914 §4 for the codes).
import { extendedError } from '../wire/edns-option.ts';
import type { DomainName } from '../wire/name.ts';
import { formatType } from '../wire/rr-type.ts';
import type { ValidationFault } from './security.ts';

export function validationFault(code: keyof typeof extendedError, reason: string): ValidationFault {
  return { code: extendedError[code], reason };
}

/** `example.org`, without the dot at its end; `the root` for `.`. */
export function nameInWords(name: DomainName): string {
  return name.isRoot ? 'the root' : name.toString().slice(0, -1);
}

/** `the MX of example.org` */
export function setInWords(name: DomainName, type: number): string {
  return `the ${formatType(type)} of ${nameInWords(name)}`;
}
