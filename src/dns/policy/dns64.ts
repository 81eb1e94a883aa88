// The addresses of DNS64: IPv4 addresses as IPv6 ones below the prefix of a NAT64 (RFC 6147 §5.2, RFC 6052 §2.2).
import type { Dns64Config } from '../../config/reach-config.ts';
import { addressBlock, isInBlock } from './address-block.ts';
import type { AddressBlock } from './address-block.ts';

/** RFC 6052 §2.1. */
const wellKnown = '64:ff9b::/96';
/** RFC 6052 §3.1: the well-known prefix is not for these; the NAT64 of a provider couldn't know whose they are. */
const notGlobal: readonly AddressBlock[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
].map(addressBlock);
/** RFC 6052 §2.2: bits 64 to 71 are 0. */
const gap = 8;

export class Dns64 {
  readonly #prefix: AddressBlock;
  readonly #exclude: readonly AddressBlock[];
  readonly #unfit: readonly AddressBlock[];

  constructor({ prefix, exclude }: Dns64Config) {
    this.#prefix = addressBlock(prefix);
    this.#exclude = exclude.map(addressBlock);
    this.#unfit = prefix === wellKnown ? notGlobal : [];
  }

  /** Whether an AAAA record's address counts as none (§5.1.4). */
  excludes(rdata: Uint8Array): boolean {
    return this.#exclude.some((block) => isInBlock(block, rdata));
  }

  /** The IPv6 address for an IPv4 one, or `undefined` where it may have none. */
  embed(ipv4: Uint8Array): Uint8Array | undefined {
    if (ipv4.length !== 4 || this.#unfit.some((block) => isInBlock(block, ipv4))) return undefined;
    const octets = new Uint8Array(16);
    octets.set(this.#prefix.octets.subarray(0, this.#prefix.bits / 8));
    for (const [i, place] of this.#places().entries()) octets[place] = ipv4[i] ?? 0;
    return octets;
  }

  /** The IPv4 address in an IPv6 one below the prefix, or `undefined`. */
  extract(ipv6: Uint8Array): Uint8Array | undefined {
    if (!isInBlock(this.#prefix, ipv6)) return undefined;
    return Uint8Array.from(this.#places(), (place) => ipv6[place] ?? 0);
  }

  #places(): readonly number[] {
    const first = this.#prefix.bits / 8;
    return [0, 1, 2, 3].map((i) => (first <= gap && first + i >= gap ? first + i + 1 : first + i));
  }
}
