// The shape of `submission`: how much our own users may send, and what their mail tells of them.
import { z } from 'zod';
import { count, section } from './values.ts';

export interface SubmissionConfig {
  /** Whether Received names the client and its address. */
  readonly tellClient: boolean;
  /** Of each account, where nothing is set for it alone. */
  readonly limits: SubmissionLimits;
}

/** At most so many in each span of time; 0: no limit. */
export interface SubmissionLimits {
  readonly messages: SubmissionSpans;
  readonly recipients: SubmissionSpans;
}

export interface SubmissionSpans {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

/** These keys, under the file's own names. */
export interface SubmissionValues {
  readonly received: 'full' | 'hidden';
  readonly limits: SubmissionLimits;
}

export const submissionSchema: z.ZodType<SubmissionValues> = z.strictObject(
  {
    received: z.enum(['full', 'hidden'], { error: 'full or hidden' }).default('hidden'),
    // Far above what a person sends; what a stolen password sends ends here.
    limits: z
      .strictObject(
        { messages: spans(60, 500, 2000), recipients: spans(500, 2000, 5000) },
        { error: section },
      )
      .prefault({}),
  },
  { error: section },
);

function spans(minute: number, hour: number, day: number): z.ZodPrefault<z.ZodType<SubmissionSpans>> {
  const most = 1_000_000;
  return z
    .strictObject(
      {
        minute: count(0, most).default(minute),
        hour: count(0, most).default(hour),
        day: count(0, most).default(day),
      },
      { error: section },
    )
    .prefault({});
}

export function submissionOf({ received, limits }: SubmissionValues): SubmissionConfig {
  return { tellClient: received === 'full', limits };
}
