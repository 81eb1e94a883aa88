// One list of `resolver.block`: which names clients get no true answer for, and what they get instead.
import type { BlockAction, BlockReason } from '../../config/reach-config.ts';
import { unreachable } from '../../lib/result.ts';
import { rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { emptyZoneSoa } from './empty-zone.ts';
import type { AnswerNote, LocalAnswer, LocalQuestion } from './local-answer.ts';
import { NameTable } from './name-table.ts';
import type { NameTableData } from './name-table.ts';
import type { Filter } from './policy.ts';

/** The numbers that a list's table has for its actions; 0 is nothing. */
export const tableActions: readonly (BlockAction | 'as listed')[] = [
  'as listed',
  'nxdomain',
  'nodata',
  'refuse',
  'drop',
  'pass',
  'records',
];

export interface ListRecord {
  readonly type: number;
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

export interface BlockListParts {
  readonly table: NameTableData;
  /** Records by the listed name's key, `*` before it for all below; where `records` is the action of all, by ''. */
  readonly records: ReadonlyMap<string, readonly ListRecord[]>;
  /** In place of what the table says. */
  readonly action: BlockAction | undefined;
  readonly reason: BlockReason;
}

/** RFC 8914 §4.16 to §4.18. */
const codes: Readonly<Record<BlockReason, AnswerNote>> = {
  blocked: { code: extendedError.BLOCKED, reason: 'the name is on a block list of this resolver' },
  censored: {
    code: extendedError.CENSORED,
    reason: 'the operator of this resolver is made to withhold the name',
  },
  filtered: {
    code: extendedError.FILTERED,
    reason: 'the name is on a list that was asked to be filtered by',
  },
};
/** RFC 8914 §4.5. */
const forged: AnswerNote = {
  code: extendedError.FORGED_ANSWER,
  reason: 'a block list of this resolver answers in place of the name',
};

export class BlockList implements Filter {
  readonly #table: NameTable;
  readonly #parts: BlockListParts;

  constructor(parts: BlockListParts) {
    this.#parts = parts;
    this.#table = new NameTable(parts.table);
  }

  get names(): number {
    return this.#table.names;
  }

  judge(question: LocalQuestion): LocalAnswer | 'pass' | undefined {
    const found = this.#table.find(question.name);
    if (found === undefined) return undefined;
    const { action: own, reason } = this.#parts;
    const action = own ?? tableActions[found.action];
    const note = codes[reason];
    switch (action) {
      case 'pass':
        return 'pass';
      case 'nxdomain':
      case 'nodata':
        return { kind: action, soa: emptyZoneSoa(question.name), note };
      case 'refuse':
      case 'drop':
        return { kind: action, note };
      case 'records': {
        const listed = question.name.ancestor(found.labels).key;
        const key = own === undefined ? `${found.below ? '*' : ''}${listed}` : '';
        return this.#answerWith(this.#parts.records.get(key) ?? [], question);
      }
      case 'as listed':
      case undefined:
        return undefined;
      default:
        return unreachable(action);
    }
  }

  #answerWith(records: readonly ListRecord[], { name, type }: LocalQuestion): LocalAnswer {
    const alias = records.find((record) => record.type === rrType.CNAME);
    if (alias !== undefined && type !== rrType.CNAME) {
      const rdata = targetOf(alias.rdata, name);
      return {
        kind: 'alias',
        rrset: { ...rrsetOf(name, rrType.CNAME, [alias]), rdatas: [rdata] },
        note: forged,
      };
    }
    const fitting = records.filter((record) => record.type === type);
    return fitting.length === 0
      ? { kind: 'nodata', soa: emptyZoneSoa(name), note: forged }
      : { kind: 'records', rrset: rrsetOf(name, type, fitting), note: forged };
  }
}

/** RPZ §3.6: the `*` before a target stands for the name that was asked for. */
function targetOf(rdata: Uint8Array, name: DomainName): Uint8Array {
  const target = nameFromWire(rdata);
  const base = target.ok && target.value.isWildcard ? target.value.parent() : undefined;
  return base === undefined ? rdata : (name.rebase(name.ancestor(0), base)?.wire ?? rdata);
}

function rrsetOf(owner: DomainName, type: number, records: readonly ListRecord[]): RRset {
  const ttl = Math.min(...records.map((record) => record.ttl));
  return { owner, type, class: rrClass.IN, ttl, rdatas: records.map(({ rdata }) => rdata) };
}
