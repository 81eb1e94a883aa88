// Passes over parts of a message where they lie, for those who need one field of it and not the whole decoded.
import { headerLength } from './message-decoder.ts';

/** The octet after the name at `at`, or one beyond the end of the message. */
export function passName(message: Uint8Array, at: number): number {
  while (at < message.length) {
    const length = message[at] ?? 0;
    if (length === 0) return at + 1;
    // RFC 1035 §4.1.4: a pointer ends a name.
    if (length >= 0xc0) return at + 2;
    at += length + 1;
  }
  return at;
}

/** The octet after the questions, of which the header counts how many. */
export function passQuestions(message: Uint8Array): number {
  let at = headerLength;
  for (let left = u16At(message, 4); left > 0 && at < message.length; left--) at = passName(message, at) + 4;
  return at;
}

/** Octets that aren't there count as 0. */
export function u16At(message: Uint8Array, at: number): number {
  return ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0);
}
