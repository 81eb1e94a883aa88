// The options of `npm run bench`.
import { parseArgs } from 'node:util';

export const parts = ['authority', 'resolver', 'smtp', 'memory'] as const;
export type Part = (typeof parts)[number];

export interface BenchOptions {
  readonly parts: ReadonlySet<Part>;
  /** How often each server has its turn. */
  readonly rounds: number;
  /** Seconds of each DNS run. */
  readonly seconds: number;
  /** Messages of each SMTP run. */
  readonly messages: number;
  /** Names in the zone. */
  readonly names: number;
}

export const usage: string = `usage: npm run bench -- [--quick] [--only ${parts.join(',')}] [--rounds N] [--seconds N] [--messages N]`;

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
  const [rounds, seconds, messages] = [
    readCount(values['rounds'], quick ? 2 : 5),
    readCount(values['seconds'], quick ? 1 : 4),
    readCount(values['messages'], quick ? 500 : 4000),
  ];
  if (rounds === undefined || seconds === undefined || messages === undefined)
    return 'rounds, seconds and messages are whole numbers from 1 on';
  return {
    parts: new Set(parts.filter((part) => asked.includes(part))),
    rounds,
    seconds,
    messages,
    names: quick ? 2000 : 20_000,
  };
}

function readCount(value: string | boolean | undefined, fallback: number): number | undefined {
  if (value === undefined) return fallback;
  return typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined;
}
