// By when a message is to arrive (RFC 2852 §4).
import { formatDate } from '../../message/date.ts';
import type { Envelope } from '../../mailbox/message.ts';
import type { Verdict } from './relay-transport.ts';

/** It may not be delivered any more: it goes back. */
export function isPastReturn({ terms }: Envelope, now: number): boolean {
  const by = terms?.deliverBy;
  return by?.mode === 'return' && by.at <= now;
}

/** It goes on, but its sender is to hear of it. */
export function isLate({ terms }: Envelope, now: number): boolean {
  const by = terms?.deliverBy;
  return by?.mode === 'notify' && by.at <= now;
}

/** RFC 2852 §4.1.3: what is said of a message whose time was over before it could be sent. */
export function overdueVerdict({ terms }: Envelope): Verdict {
  const by = terms?.deliverBy?.at;
  const text = `It should have arrived by ${by === undefined ? 'then' : formatDate(by)}, and is given up now.`;
  return { kind: 'refused', status: '5.4.7', reply: undefined, text };
}

export function overdueText(last: Verdict): string {
  return `It has not arrived by the time that you set, and is given up. The last attempt: ${last.text}`;
}
