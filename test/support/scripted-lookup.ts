// A `Lookup` that answers from a table of names: what the checks of mail are tested with.
import type { Lookup, LookupResult } from '../../src/dns/lookup.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { parseIpv4, parseIpv6 } from '../../src/dns/wire/ip-address.ts';
import { cname } from '../../src/dns/wire/rdata/cname.ts';
import { mx } from '../../src/dns/wire/rdata/mx.ts';
import { ptr } from '../../src/dns/wire/rdata/ptr.ts';
import { writeRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { textData, txt } from '../../src/dns/wire/rdata/txt.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { latin1ToBytes } from '../../src/lib/bytes.ts';

export type ScriptedType = 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT' | 'CNAME';

/** By name without the final dot: lines such as `A 192.0.2.1`, `MX 10 mx.example`, `TXT v=spf1 -all`; `FAILURE` fails each question, `FAILURE TXT` that type's. */
export type ScriptedNames = Readonly<Record<string, readonly string[]>>;

export class ScriptedLookup implements Lookup {
  readonly #names = new Map<string, readonly string[]>();
  /** What was asked: `TXT example.com.`. */
  readonly asked: string[] = [];

  constructor(names: ScriptedNames) {
    for (const [name, lines] of Object.entries(names)) this.#names.set(domainName(name).key, lines);
  }

  lookup(name: DomainName, type: number, signal?: AbortSignal): Promise<LookupResult> {
    return Promise.resolve(this.#answer(name, type, signal));
  }

  #answer(asked: DomainName, type: number, signal: AbortSignal | undefined): LookupResult {
    const mnemonic = Object.entries(rrType).find(([, code]) => code === type)?.[0] ?? String(type);
    this.asked.push(`${mnemonic} ${asked.toString()}`);
    const facts = { secure: false, journey: [] } as const;
    const failure = { ...facts, kind: 'failure', reason: 'no server answers' } as const;
    if (signal?.aborted === true) return failure;
    let name = asked;
    for (let links = 0; links < 8; links++) {
      const lines = this.#names.get(name.key);
      if (lines === undefined) {
        const above = [...this.#names.keys()].some((key) => key.endsWith(name.key));
        return { ...facts, kind: above ? 'nodata' : 'nxdomain', canonicalName: name, ttl: 60 };
      }
      const records = lines
        .filter((line) => line.startsWith(`${mnemonic} `))
        .map((line) => ({
          owner: name,
          type,
          class: 1,
          ttl: 60,
          rdata: scriptedRdata(mnemonic, line.slice(mnemonic.length + 1)),
        }));
      if (records.length > 0) return { ...facts, kind: 'records', canonicalName: name, records, ttl: 60 };
      if (lines.includes('FAILURE') || lines.includes(`FAILURE ${mnemonic}`)) return failure;
      const alias = lines.find((line) => line.startsWith('CNAME '));
      if (alias === undefined) return { ...facts, kind: 'nodata', canonicalName: name, ttl: 60 };
      name = domainName(alias.slice('CNAME '.length));
    }
    return failure;
  }
}

/** The data behind `A`, `MX` and so on in a line. */
export function scriptedRdata(mnemonic: string, text: string): Uint8Array {
  switch (mnemonic) {
    case 'A':
      return parseIpv4(text) ?? new Uint8Array(4);
    case 'AAAA':
      return parseIpv6(text) ?? new Uint8Array(16);
    case 'MX': {
      const [preference = '0', exchange = '.'] = text.split(' ');
      return writeRdata(mx, {
        preference: Number(preference),
        exchange: domainName(exchange === '' ? '.' : exchange),
      });
    }
    case 'CNAME':
      return writeRdata(cname, { target: domainName(text) });
    case 'PTR':
      return writeRdata(ptr, { target: domainName(text) });
    default:
      return writeRdata(txt, textData(latin1ToBytes(text)));
  }
}
