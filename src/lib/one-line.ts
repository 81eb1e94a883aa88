// What a peer said (replies, addresses, names), made fit to stand in a line for people: nothing of it may steer a terminal, end
// the line, or turn round what stands beside it.

// Cc: C0 and C1 controls. U+2028 and U+2029 end lines; U+202A to U+202E, U+2066 to U+2069 and the marks change directions (UAX #9).
const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** With a `?` for each character that is not to be shown. */
export function oneLine(text: string): string {
  return text.replaceAll(steering, '?');
}

/** JSON that is safe on a terminal too: the same data, with such characters as escapes (`\u…`). */
export function safeJson(data: unknown): string {
  return JSON.stringify(data).replaceAll(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
