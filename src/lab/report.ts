// How the lab shows its journeys: for people, or one JSON object a line.
import type { JourneyStep } from '../lib/journey.ts';

export interface LabReport {
  /** Free text: headings, the table of parties, what to try. Nothing in JSON. */
  say(text: string): void;
  step(step: JourneyStep): void;
}

/** `step`, `ok`, `ms`, `server`, `text`: one line each, and nothing else. */
export function jsonReport(write: (text: string) => void): LabReport {
  return {
    say: () => undefined,
    step: ({ step, ok, ms, server, text }) =>
      write(`${JSON.stringify({ step, ok, ms: Math.round(ms * 1000) / 1000, server, text })}\n`),
  };
}

/** `color`: the terminal understands SGR codes. */
export function humanReport(write: (text: string) => void, color: boolean): LabReport {
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    say: (text) => write(`${text}\n`),
    step({ step, ok, ms, server, text }) {
      const indent = step.startsWith('D') ? '     ' : '  ';
      const mark = ok ? paint(32, '✓') : paint(31, '✗');
      const time = paint(2, formatMs(ms).padStart(8));
      const who = server === undefined ? '' : `${paint(1, server.name)} ${paint(2, server.address)}`;
      write(`${indent}${mark} ${paint(step.startsWith('D') ? 36 : 33, step)} ${time}  ${who}\n`);
      write(`${indent}              ${text}\n`);
    },
  };
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
