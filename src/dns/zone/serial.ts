// The serials of zones, which are 32-bit numbers that go around (RFC 1982).

/** The next serial. 0 is passed over, because some take it for none. */
export function nextSerial(serial: number): number {
  return serial === 0xffff_ffff ? 1 : serial + 1;
}

/** The serial in a SOA record's data (RFC 1035 §3.3.13): the first of the five numbers at its end. */
export function serialOfSoa(rdata: Uint8Array): number {
  const at = rdata.length - 20;
  return new DataView(rdata.buffer, rdata.byteOffset, rdata.byteLength).getUint32(at);
}

/** The same data with another serial; a copy. */
export function soaWithSerial(rdata: Uint8Array, serial: number): Uint8Array {
  const changed = rdata.slice();
  new DataView(changed.buffer).setUint32(changed.length - 20, serial);
  return changed;
}
