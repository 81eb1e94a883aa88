// The steps of a journey as people read them, in the lab and in commands.
import type { JourneyStep } from './journey.ts';
import { oneLine } from './one-line.ts';

/** SGR codes for terminals; plain text without. */
export type Paint = (code: number, text: string) => string;

const plain: Paint = (_code, text) => text;

export const paintForTerminal: Paint = (code, text) => `\u001b[${code}m${text}\u001b[0m`;

/** Two lines: mark, step, time and server, then the sentence. Steps inside the step follow, indented. */
export function formatStep(
  { step, ms, ok, server, text, steps }: JourneyStep,
  indent = '',
  paint: Paint = plain,
): string {
  const mark = ok ? paint(32, '✓') : paint(31, '✗');
  const name = paint(step.startsWith('D') ? 36 : 33, step);
  const who = server === undefined ? '' : `${paint(1, oneLine(server.name))} ${paint(2, server.address)}`;
  const lines = [
    `${indent}${mark} ${name} ${paint(2, formatMs(ms).padStart(8))}  ${who}`.trimEnd(),
    `${indent}     ${oneLine(text)}`,
    ...(steps ?? []).map((each) => formatStep(each, `${indent}     `, paint)),
  ];
  return lines.join('\n');
}

/** `0.4 ms`, `120 ms`, `3.5 s` */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
