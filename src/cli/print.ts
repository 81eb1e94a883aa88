// How commands print data: a table for people, or JSON.
import { oneLine, safeJson } from '../lib/one-line.ts';

export interface JsonOption {
  readonly json?: true;
}

/** The text that Commander shows for `--json`, which every command has that prints data. */
export const jsonFlag = ['--json', 'print JSON'] as const;

/** One JSON text on stdout where it was asked for, else what `forPeople` makes of the data. */
export function printData<Data>(data: Data, options: JsonOption, forPeople: (data: Data) => string): void {
  process.stdout.write(options.json === true ? `${safeJson(data)}\n` : forPeople(data));
}

/** Columns as wide as their widest cell, two spaces between; the last column is not padded. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows.map((row) => row.map(oneLine))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** `2026-11-23 16:20:00` in UTC, of an ISO 8601 time. */
export function formatTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** `512 B`, `10.0 KiB` */
export function formatSize(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;
  let size = octets / 1024;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${size.toFixed(1)} ${units[unit] ?? ''}`;
}
