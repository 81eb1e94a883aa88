// Serial number arithmetic (RFC 1982) for the serials of zones, which are 32-bit numbers that go around.

/** Whether `a` comes after `b` (RFC 1982 §3.2). Of two that are 2^31 apart neither does. */
export function isLater(a: number, b: number): boolean {
  return a !== b && (a - b) >>> 0 < 0x8000_0000;
}

/** The next serial. 0 is passed over, because some take it for none. */
export function nextSerial(serial: number): number {
  return serial === 0xffff_ffff ? 1 : serial + 1;
}
