// Push decoder of what a proxy puts in front of a connection to say whose it is: the PROXY protocol of HAProxy
// (haproxy.org/download/2.8/doc/proxy-protocol.txt), version 1 (a line of text) and version 2 (binary).
import { bytesToLatin1, concatBytes, emptyBytes, hexToBytes } from '../lib/bytes.ts';
import { parseAddress } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';

export type ProxyHeader =
  /** The connection that the proxy speaks for. */
  | {
      readonly kind: 'client';
      readonly remote: Endpoint;
      readonly local: Endpoint;
      readonly rest: Uint8Array;
    }
  /** The proxy speaks for itself, as when it looks whether we are there; or of no address that we know the form of. */
  | { readonly kind: 'own'; readonly rest: Uint8Array }
  /** `reason` is a sentence. */
  | { readonly kind: 'fault'; readonly reason: string };

/** §2.1: with its CRLF. */
const longestLine = 107;
/** Octets behind the fixed part of version 2: addresses, and more than any proxy has to say by TLVs. */
const longestTail = 4096;
const fixedOctets = 16;

// §2.2: CR LF CR LF NUL CR LF "QUIT" LF
const signature = hexToBytes('0d0a0d0a000d0a515549540a') ?? emptyBytes;

/** Holds at most one header. */
export class ProxyDecoder {
  #held: Uint8Array = emptyBytes;

  /** `undefined` where more bytes are needed; after a header nothing is to be pushed any more. */
  push(bytes: Uint8Array): ProxyHeader | undefined {
    this.#held = this.#held.length === 0 ? bytes : concatBytes([this.#held, bytes]);
    const held = this.#held;
    const seen = Math.min(held.length, signature.length);
    if (held.length === 0) return undefined;
    return signature.subarray(0, seen).every((octet, i) => octet === held[i])
      ? readBinary(held)
      : readLine(held);
  }
}

//     PROXY (TCP4 | TCP6) SP src-address SP dst-address SP src-port SP dst-port CRLF      (§2.1)
//     PROXY UNKNOWN *any CRLF
function readLine(held: Uint8Array): ProxyHeader | undefined {
  const front = bytesToLatin1(held.subarray(0, longestLine));
  const begin = 'PROXY ';
  if (!begin.startsWith(front.slice(0, begin.length)))
    return { kind: 'fault', reason: 'What came is no PROXY header.' };
  const end = front.indexOf('\r\n');
  if (end === -1)
    return held.length < longestLine ? undefined : { kind: 'fault', reason: 'The PROXY line has no end.' };
  const rest = held.subarray(end + 2);
  const line = front.slice(begin.length, end);
  // §2.1: what stands behind UNKNOWN is passed over.
  if (/^UNKNOWN(?: |$)/.test(line)) return { kind: 'own', rest };
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = ''] =
    /^TCP([46]) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})$/.exec(line) ?? [];
  const remote = endpointOf(family, source, sourcePort);
  const local = endpointOf(family, destination, destinationPort);
  return remote === undefined || local === undefined
    ? { kind: 'fault', reason: 'The PROXY line has not the form that it must have.' }
    : { kind: 'client', remote, local, rest };
}

function endpointOf(family: string | undefined, text: string, port: string): Endpoint | undefined {
  if (family === undefined || text.includes(':') !== (family === '6')) return undefined;
  const address = parseAddress(text);
  return address === undefined || Number(port) > 65_535 ? undefined : { address, port: Number(port) };
}

//     signature (12) | version and command (1) | family and transport (1) | length of the tail (2) | tail      (§2.2)
//     tail: source address, destination address, source port, destination port, TLVs
function readBinary(held: Uint8Array): ProxyHeader | undefined {
  if (held.length < fixedOctets) return undefined;
  const length = uint16(held, 14);
  if (length > longestTail)
    return { kind: 'fault', reason: `The PROXY header is longer than ${longestTail} octets.` };
  const [command, family] = [held[12] ?? 0, held[13] ?? 0];
  if (command !== 0x20 && command !== 0x21)
    return { kind: 'fault', reason: 'The PROXY header has a version or a command that is not known.' };
  if (held.length < fixedOctets + length) return undefined;
  const header = held.subarray(0, fixedOctets + length);
  const rest = held.subarray(fixedOctets + length);
  // §2.2: LOCAL; UNSPEC, Unix sockets and datagrams are nothing that a client of ours could come by.
  const octets = command === 0x20 ? 0 : family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  const addresses = octets === 0 ? 0 : 2 * octets + 4;
  if (length < addresses) return { kind: 'fault', reason: 'The PROXY header is shorter than its addresses.' };
  if (octets > 0 && !tlvsFit(header, fixedOctets + addresses))
    return { kind: 'fault', reason: 'What stands behind the addresses in the PROXY header is damaged.' };
  if (octets === 0) return { kind: 'own', rest };
  const at = fixedOctets;
  return {
    kind: 'client',
    remote: {
      address: addressAt(header, at, octets),
      port: uint16(header, at + 2 * octets),
    },
    local: {
      address: addressAt(header, at + octets, octets),
      port: uint16(header, at + 2 * octets + 2),
    },
    rest,
  };
}

function addressAt(bytes: Uint8Array, at: number, octets: number): string {
  const parts =
    octets === 4
      ? Array.from(bytes.subarray(at, at + 4)).join('.')
      : Array.from({ length: 8 }, (_, i) => uint16(bytes, at + 2 * i).toString(16)).join(':');
  return parseAddress(parts) ?? parts;
}

const crcType = 0x03;

/** §2.2: type (1), length (2), value. None of them is needed here, but a checksum that is there must be right (§2.2.3). */
function tlvsFit(header: Uint8Array, start: number): boolean {
  let at = start;
  while (at < header.length) {
    if (at + 3 > header.length) return false;
    const length = uint16(header, at + 1);
    const value = at + 3;
    if (value + length > header.length) return false;
    if (header[at] === crcType && !checksumFits(header, value, length)) return false;
    at = value + length;
  }
  return true;
}

function checksumFits(header: Uint8Array, at: number, length: number): boolean {
  if (length !== 4) return false;
  const told = ((uint16(header, at) << 16) | uint16(header, at + 2)) >>> 0;
  const blank = header.slice();
  blank.fill(0, at, at + 4);
  return crc32c(blank) === told;
}

/** RFC 9260 appendix A; bit by bit, because a header comes once in a connection. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of bytes) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
