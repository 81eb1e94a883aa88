// How the lab shows its journeys: for people, or one JSON object a line.
import { formatStep, paintForTerminal } from '../lib/journey-text.ts';
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
  const paint = color ? paintForTerminal : undefined;
  return {
    say: (text) => write(`${text}\n`),
    step: (step) => write(`${formatStep(step, step.step.startsWith('D') ? '     ' : '  ', paint)}\n`),
  };
}
