// The options of `npm run bench`.
import { parseArgs } from 'node:util';

export const parts = ['authority', 'scale', 'updates', 'resolver', 'cold', 'smtp', 'memory'] as const;
export type Part = (typeof parts)[number];

export interface BenchOptions {
  readonly parts: ReadonlySet<Part>;
  /** How often each server has its turn, but for the authorities and for large zones. */
  readonly rounds: number;
  readonly authorityRounds: number;
  readonly scaleRounds: number;
  /** Seconds of each DNS run. */
  readonly seconds: number;
  /** Messages of each SMTP run. */
  readonly messages: number;
  /** Names in the zone. */
  readonly names: number;
  /** Names in the zone of `scale` and `updates`. */
  readonly manyNames: number;
  /** Seconds of updates. */
  readonly updateSeconds: number;
}

export const usage: string = `usage: npm run bench -- [--quick] [--only ${parts.join(',')}] [--rounds N] [--seconds N] [--messages N] [--names N]`;

/** A sentence where the arguments make no sense. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        messages: { type: 'string' },
        names: { type: 'string' },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const quick = values['quick'] === true;
  const only = typeof values['only'] === 'string' ? values['only'].split(',') : [...parts];
  // `dns` is short for both.
  const asked = only.flatMap((name) => (name === 'dns' ? ['authority', 'resolver'] : [name]));
  const unknown = asked.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) return `'${unknown}' is none of ${parts.join(', ')}`;
  const rounds = (usual: number): number | undefined => readCount(values['rounds'], quick ? 2 : usual);
  const counts = {
    rounds: rounds(5),
    authorityRounds: rounds(7),
    scaleRounds: readCount(values['rounds'], quick ? 1 : 3),
    seconds: readCount(values['seconds'], quick ? 1 : 4),
    messages: readCount(values['messages'], quick ? 500 : 4000),
    manyNames: readCount(values['names'], quick ? 100_000 : 1_000_000),
  };
  if (!allCounts(counts)) return 'rounds, seconds, messages and names are whole numbers from 1 on';
  return {
    parts: new Set(parts.filter((part) => asked.includes(part))),
    ...counts,
    names: quick ? 2000 : 20_000,
    updateSeconds: quick ? 5 : 20,
  };
}

function allCounts<Name extends string>(
  counts: Readonly<Record<Name, number | undefined>>,
): counts is Readonly<Record<Name, number>> {
  return Object.values(counts).every((count) => count !== undefined);
}

function readCount(value: string | boolean | undefined, fallback: number): number | undefined {
  if (value === undefined) return fallback;
  return typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined;
}
