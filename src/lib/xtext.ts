// xtext (RFC 3461 §4): any text in the printable ASCII that a parameter's value may hold; and what internationalized addresses
// have in its place (RFC 6533 §3).
import { bytesToUtf8Strict, latin1ToBytes, utf8ToBytes } from './bytes.ts';

// xtext = *( xchar / hexchar ); xchar = %d33-42 / %d44-60 / %d62-126; hexchar = "+" two upper-case hexadecimal digits
/** `undefined` where it is no xtext, or no UTF-8 comes out. */
export function decodeXtext(value: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(value)) return undefined;
  const octets = value.replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return bytesToUtf8Strict(latin1ToBytes(octets));
}

export function encodeXtext(text: string): string {
  return Array.from(utf8ToBytes(text), (octet) =>
    octet < 33 || octet > 126 || octet === 0x2b || octet === 0x3d
      ? `+${octet.toString(16).toUpperCase().padStart(2, '0')}`
      : String.fromCharCode(octet),
  ).join('');
}

// utf-8-addr-xtext = 1*(QCHAR / EmbeddedUnicodeChar); utf-8-addr-unitext = 1*(QUCHAR / EmbeddedUnicodeChar)
// QCHAR = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e; QUCHAR = QCHAR / UTF8-2 / UTF8-3 / UTF8-4
// EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
/** The address behind `utf-8;`, in either form. */
export function decodeUtf8Address(value: string): string | undefined {
  if (!/^(?:[!-*,-<>-[\]-~\u0080-\u{10ffff}]|\\x\{[0-9A-F]{2,6}\})+$/u.test(value)) return undefined;
  const points = [...value.matchAll(/\\x\{([0-9A-F]+)\}/g)].map((match) =>
    Number.parseInt(match[1] ?? '', 16),
  );
  if (points.some((point) => point > 0x10ffff || (point >= 0xd800 && point < 0xe000))) return undefined;
  return value.replaceAll(/\\x\{([0-9A-F]+)\}/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

/** In ASCII alone. */
export function encodeUtf8Address(text: string): string {
  return text.replaceAll(/[^!-*,-<>-[\]-~]/gu, (char) => {
    const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `\\x{${hex.padStart(2, '0')}}`;
  });
}
