// Octets of a named charset as text (RFC 2046 §4.1.2). The charsets are those that the WHATWG's Encoding Standard knows, which is what
// mail programs and browsers agree on; an unknown one is read as UTF-8 or windows-1252, so that its ASCII can be read.
import { guessText } from './header-text.ts';

/** By label in lower case. Only what TextDecoder knows gets in, some 230 labels. */
const decoders = new Map<string, TextDecoder>();
/** Longer than any label. */
const longestLabel = 40;

/** What is not of the charset becomes U+FFFD. */
export function decodeCharset(octets: Uint8Array, label: string | undefined): string {
  const decoder = label === undefined || label.length > longestLabel ? undefined : decoderOf(label);
  return decoder === undefined ? guessText(octets) : decoder.decode(octets);
}

function decoderOf(label: string): TextDecoder | undefined {
  const name = label.trim().toLowerCase();
  const known = decoders.get(name);
  // RFC 2046 §4.1.2: US-ASCII is part of all that is guessed; mail that says so and holds more is common.
  if (known !== undefined || name === 'us-ascii' || name === 'ascii') return known;
  try {
    const decoder = new TextDecoder(name);
    decoders.set(name, decoder);
    return decoder;
  } catch {
    return undefined;
  }
}
