// The names that lists are asked for (RFC 5782 §2.1, §2.4, §3.1), and the entries that each working list has and hasn't (§5).
import { clientAddress } from '../../mailauth/spf/client-address.ts';
import { questionName } from '../../mailauth/dns-questions.ts';
import type { DomainName } from '../../dns/wire/name.ts';

/** What a list is asked for. */
export type Subject = {
  readonly kind: 'v4' | 'v6' | 'domain';
  readonly text: string;
  readonly reversed: string;
};

/** `undefined` for what is no address. */
export function addressSubject(ip: string): Subject | undefined {
  const address = clientAddress(ip);
  if (address === undefined) return undefined;
  return { kind: address.family === 4 ? 'v4' : 'v6', text: ip, reversed: reversed(address.octets) };
}

/** `undefined` for what is no domain: an address literal, a name of one label, one that is no name. */
export function domainSubject(domain: string): Subject | undefined {
  const text = domain.toLowerCase().replace(/\.$/, '');
  if (!/^(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+[a-z][a-z0-9-]{0,62}$/.test(text)) return undefined;
  return { kind: 'domain', text, reversed: text };
}

/** `undefined` where it would be longer than a name may be. */
export function listedName(subject: Subject, zone: string): DomainName | undefined {
  return questionName(`${subject.reversed}.${zone}`);
}

/** RFC 5782 §5: what must be on a list of that kind, and what must not, so that one that is dead, or lists the world, is known. */
export const testEntries: Readonly<
  Record<Subject['kind'], { readonly listed: Subject; readonly notListed: Subject }>
> = {
  v4: {
    listed: { kind: 'v4', text: '127.0.0.2', reversed: '2.0.0.127' },
    notListed: { kind: 'v4', text: '127.0.0.1', reversed: '1.0.0.127' },
  },
  v6: { listed: mappedTest(2), notListed: mappedTest(1) },
  domain: {
    listed: { kind: 'domain', text: 'TEST', reversed: 'TEST' },
    notListed: { kind: 'domain', text: 'INVALID', reversed: 'INVALID' },
  },
};

/** ::FFFF:7F00:2 and ::FFFF:7F00:1, in an IPv6 list. */
function mappedTest(last: number): Subject {
  const octets = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x7f, 0, 0, last]);
  return { kind: 'v6', text: `::ffff:7f00:${last}`, reversed: reversed(octets) };
}

/** 192.0.2.99 → 99.2.0.192; an IPv6 address by its 32 nibbles. */
function reversed(octets: Uint8Array): string {
  const labels = octets.length === 4 ? Array.from(octets, String) : octets.toHex().split('');
  return labels.toReversed().join('.');
}
