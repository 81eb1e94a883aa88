// Prints findings as one table: medians, spread, and how each server stands to the best of the others.
import { median } from './result.ts';
import type { Findings, Row } from './result.ts';

const heads = ['figure', 'server', 'median', 'lowest – highest', 'of the best peer'] as const;

export function formatTable({ rows, skipped }: Findings): string {
  const cells: string[][] = [];
  let before = '';
  for (const row of rows) {
    const title = `${row.figure} (${row.unit}, ${row.better} is better)`;
    cells.push([
      title === before ? '' : title,
      row.server,
      number(median(row.samples)),
      `${number(Math.min(...row.samples))} – ${number(Math.max(...row.samples))}`,
      ratio(row, rows),
    ]);
    before = title;
  }
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => pad(text, widths[column] ?? 0, column >= 2)).join(' | ')} |`;
  const lines = [
    line(heads),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...cells.map(line),
  ];
  for (const { part, server, reason } of skipped) lines.push(`skipped: ${server} (${part}): ${reason}`);
  return lines.join('\n');
}

/** To the best of the servers that aren't ours: above 1 is more. */
function ratio(row: Row, rows: readonly Row[]): string {
  // There each server does something else: what Signpost is to be compared with is their sum.
  if (row.part === 'memory') return '';
  const peers = rows
    .filter((other) => other.figure === row.figure && !other.ours)
    .map((other) => median(other.samples));
  if (peers.length === 0) return '';
  const best = row.better === 'less' ? Math.min(...peers) : Math.max(...peers);
  const ratio = median(row.samples) / best;
  return Number.isFinite(ratio) ? `× ${ratio.toFixed(2)}` : '';
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'none';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
