// DNS responses to fuzz a resolver with: as seeds, and made to fit the question that the resolver asked.
import { endOfName } from '../../src/dns/authority/query.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import { records } from '../support/simulated-internet.ts';

/** Sections as lines of a zone file with absolute names. */
export type Reply = readonly [rcode: number, answers: string, authorities: string, additionals: string];

/**
 * The reply as if the A of `name` had been asked for. No name in it is compressed, so that its records stay what they are under a question of
 * another length.
 */
export function plainResponse(name: string, [rcode, ...sections]: Reply): Uint8Array {
  const told = sections.map((text) => (text === '' ? [] : records('.', text)));
  return concatBytes([
    wide(0, 0x8400 | rcode, 1, ...told.map(({ length }) => length)),
    domainName(name).wire,
    wide(rrType.A, 1),
    ...told
      .flat()
      .flatMap(({ owner, type, ttl, rdata }) => [
        owner.wire,
        wide(type, 1, ttl >>> 16, ttl, rdata.length),
        rdata,
      ]),
  ]);
}

/** The octets under id and question of the query, as far as they have a question of their own to be replaced. */
export function underQuestion(octets: Uint8Array, query: Uint8Array): Uint8Array {
  if (octets.length < 17) return octets;
  const header = octets.slice(0, 12);
  header.set(query.subarray(0, 2));
  header[2] = 0x80 | ((header[2] ?? 0) & 7);
  header.set(query.subarray(4, 6), 4);
  return concatBytes([
    header,
    query.subarray(12, afterQuestion(query)),
    octets.subarray(afterQuestion(octets)),
  ]);
}

/** Where the records begin, if there is one question. */
export function afterQuestion(message: Uint8Array): number {
  return (endOfName(message, 12) ?? 12) + 4;
}

function wide(...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [(number >>> 8) & 0xff, number & 0xff]));
}
