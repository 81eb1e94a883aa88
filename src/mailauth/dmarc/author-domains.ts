// The author domains of a message: those of the addresses in its From field (RFC 9989 §5.3.1).
import { domainToASCII } from 'node:url';
import type { DomainName } from '../../dns/wire/name.ts';
import { parseAddresses } from '../../message/addresses.ts';
import { fieldValue } from '../../message/header.ts';
import { questionName } from '../dns-questions.ts';
import type { MessageHeader } from '../message-header.ts';

/** Of addresses, this many are read. */
const mostAddresses = 100;

export interface AuthorDomains {
  /** Without doubles, in the order of the addresses. */
  readonly domains: readonly DomainName[];
  /** An address has a domain that is none, or there are more addresses than are read. */
  readonly broken: boolean;
}

/** All From fields count, though RFC 5322 §3.6 allows one: a reader may be shown any of them. */
export function authorDomains(header: MessageHeader): AuthorDomains {
  const found = new Map<string, DomainName>();
  let broken = !header.scan.complete;
  for (const field of header.named('from')) {
    const addresses = parseAddresses(fieldValue(header.bytes, field), mostAddresses).flatMap((address) =>
      address.kind === 'group' ? address.members : [address],
    );
    if (addresses.length >= mostAddresses) broken = true;
    for (const { domain } of addresses) {
      const ascii = /^[\x21-\x7e]*$/.test(domain) ? domain : domainToASCII(domain);
      const name = ascii.startsWith('[') ? undefined : questionName(ascii);
      if (name === undefined) broken = true;
      else found.set(name.key, name);
    }
  }
  return { domains: [...found.values()], broken };
}
