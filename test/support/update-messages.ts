// Update messages (RFC 2136) from the lines that nsupdate takes, for tests.
import { parseRdata, parseType } from '../../src/dns/wire/rdata/registry.ts';
import { opcode, rrClass } from '../../src/dns/wire/codes.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { parseName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { rdataTokens } from './rdata-examples.ts';

/**
 * `add NAME TTL TYPE DATA`, `del NAME [TYPE [DATA]]`, `yxdomain NAME`, `nxdomain NAME`, `yxrrset NAME TYPE [DATA]`,
 * `nxrrset NAME TYPE`; names are relative to the zone, `@` is its own. `raw SECTION NAME CLASS TTL TYPE [HEX]` says anything.
 */
export function updateMessage(origin: DomainName, lines: readonly string[], id = 1): Message {
  const answers: ResourceRecord[] = [];
  const authorities: ResourceRecord[] = [];
  for (const line of lines) {
    const { section, record } = readLine(origin, line);
    (section === 'prerequisite' ? answers : authorities).push(record);
  }
  return {
    id,
    response: false,
    opcode: opcode.UPDATE,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: origin, type: rrType.SOA, class: rrClass.IN }],
    answers,
    authorities,
    additionals: [],
    edns: undefined,
  };
}

interface Line {
  readonly section: 'prerequisite' | 'update';
  readonly record: ResourceRecord;
}

const empty = new Uint8Array(0);

function readLine(origin: DomainName, line: string): Line {
  const [command = '', ...words] = line.trim().split(' ');
  const [name = '', ...rest] = words;
  const owner = nameOf(origin, name);
  switch (command) {
    case 'add': {
      const [ttl = '', type = '', ...data] = rest;
      return { section: 'update', record: recordOf(origin, owner, Number(ttl), type, data.join(' ')) };
    }
    case 'del': {
      const [type, ...data] = rest;
      const record =
        type === undefined || data.length === 0
          ? { owner, type: codeOf(type ?? 'ANY'), class: rrClass.ANY, ttl: 0, rdata: empty }
          : { ...recordOf(origin, owner, 0, type, data.join(' ')), class: rrClass.NONE };
      return { section: 'update', record };
    }
    case 'yxdomain':
    case 'nxdomain': {
      const ofClass = command === 'yxdomain' ? rrClass.ANY : rrClass.NONE;
      const record = { owner, type: rrType.ANY, class: ofClass, ttl: 0, rdata: empty };
      return { section: 'prerequisite', record };
    }
    case 'yxrrset':
    case 'nxrrset': {
      const [type = '', ...data] = rest;
      const ofClass = command === 'yxrrset' ? rrClass.ANY : rrClass.NONE;
      const record =
        data.length === 0
          ? { owner, type: codeOf(type), class: ofClass, ttl: 0, rdata: empty }
          : recordOf(origin, owner, 0, type, data.join(' '));
      return { section: 'prerequisite', record };
    }
    case 'raw': {
      const [, of = '', ofClass = '', ttl = '', type = '', hex = ''] = words;
      return {
        section: name === 'prerequisite' ? 'prerequisite' : 'update',
        record: {
          owner: nameOf(origin, of),
          type: codeOf(type),
          class: Number(ofClass),
          ttl: Number(ttl),
          rdata: Uint8Array.fromHex(hex),
        },
      };
    }
    default:
      throw new Error(`not a line of an update: ${line}`);
  }
}

function recordOf(
  origin: DomainName,
  owner: DomainName,
  ttl: number,
  type: string,
  data: string,
): ResourceRecord {
  const rdata = parseRdata(codeOf(type), rdataTokens(data), origin);
  if (!rdata.ok) throw new Error(rdata.fault.message);
  return { owner, type: codeOf(type), class: rrClass.IN, ttl, rdata: rdata.value };
}

function nameOf(origin: DomainName, text: string): DomainName {
  const name = text === '@' ? undefined : parseName(text, origin);
  if (name?.ok === false) throw new Error(name.fault);
  return name?.value ?? origin;
}

function codeOf(type: string): number {
  const code = type === 'ANY' ? rrType.ANY : parseType(type);
  if (code === undefined) throw new Error(`no type: ${type}`);
  return code;
}
