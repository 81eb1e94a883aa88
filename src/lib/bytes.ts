// Small helpers over Uint8Array, shared by every format.

const latin1Decoder: TextDecoder = new TextDecoder('latin1');
const utf8Decoder: TextDecoder = new TextDecoder('utf-8');
const utf8StrictDecoder: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder: TextEncoder = new TextEncoder();

export const emptyBytes: Uint8Array = new Uint8Array(0);

/** Joins chunks into one new array. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0;
}

/** Orders two arrays as left-justified unsigned octet strings (RFC 4034 §6.3): negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** One octet a UTF-16 unit: loses nothing for octets, and must be given no character above U+00FF. */
export function latin1ToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The inverse of {@link latin1ToBytes}; the web's "latin1" is windows-1252, so 0x80–0x9f are put right here. */
export function bytesToLatin1(bytes: Uint8Array): string {
  for (const byte of bytes) {
    if (byte >= 0x80 && byte <= 0x9f) {
      let text = '';
      for (const each of bytes) text += String.fromCharCode(each);
      return text;
    }
  }
  return latin1Decoder.decode(bytes);
}

export function utf8ToBytes(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/** Decodes UTF-8; what is not UTF-8 becomes U+FFFD. */
export function bytesToUtf8(bytes: Uint8Array): string {
  return utf8Decoder.decode(bytes);
}

/** Decodes UTF-8, or gives `undefined` where the bytes are not UTF-8. */
export function bytesToUtf8Strict(bytes: Uint8Array): string | undefined {
  try {
    return utf8StrictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function bytesToHex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** Decodes an even number of hexadecimal digits, or gives `undefined`. */
export function hexToBytes(text: string): Uint8Array | undefined {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text) ? Uint8Array.fromHex(text) : undefined;
}

export function bytesToBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** Decodes strict base64 (RFC 4648 §4, padding needed, no white space), or gives `undefined`. */
export function base64ToBytes(text: string): Uint8Array | undefined {
  // A repeated group in the expression would overflow its stack on texts of megabytes.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.fromBase64(text, { lastChunkHandling: 'loose' });
}
