// Serial number arithmetic (RFC 1982) for 32-bit numbers that go around: serials of zones, times of signatures (RFC 4034 §3.1.5).

/** Whether `a` comes after `b` (RFC 1982 §3.2). Of two that are 2^31 apart neither does. */
export function isLater(a: number, b: number): boolean {
  return a !== b && (a - b) >>> 0 < 0x8000_0000;
}
