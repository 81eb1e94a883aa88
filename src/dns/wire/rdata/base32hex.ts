// Base32 with the extended hex alphabet, without padding (RFC 4648 §7): NSEC3's hashed names (RFC 5155 §3.3).

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** Upper case, as dig prints NSEC3. */
export function bytesToBase32Hex(bytes: Uint8Array): string {
  let text = '';
  let [bits, held] = [0, 0];
  for (const octet of bytes) {
    held = (held << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >>> (bits - 5)) & 31] ?? '';
    held &= 0xff;
  }
  return bits === 0 ? text : text + (alphabet[(held << (5 - bits)) & 31] ?? '');
}

/** Any case; `undefined` where it is not base32hex, or the unused bits at the end are not zero. */
export function base32HexToBytes(text: string): Uint8Array | undefined {
  // Checked before the case is changed: some other letters become two of these.
  if (!/^[0-9A-Va-v]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [bits, held, at] = [0, 0, 0];
  for (const character of text.toUpperCase()) {
    held = ((held & 0xff) << 5) | alphabet.indexOf(character);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >>> bits;
  }
  const unused = held & ((1 << bits) - 1);
  return bits < 5 && unused === 0 ? bytes : undefined;
}
