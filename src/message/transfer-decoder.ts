// What undoes a Content-Transfer-Encoding (RFC 2045 §6) while octets arrive, in pieces of any length.
import { Base64Decoder } from './base64-decoder.ts';
import { QuotedPrintableDecoder } from './quoted-printable-decoder.ts';

/** Takes decoded octets; they are only there during the call. */
export interface OctetSink {
  write(octets: Uint8Array, from: number, to: number): void;
}

export interface TransferDecoder {
  /** Takes octets `from` to `to`. Everything decodes: what is no code is passed over, or taken as it stands. */
  push(octets: Uint8Array, from: number, to: number): void;
  /** Nothing follows. */
  finish(): void;
  /** Decoded octets so far. */
  readonly size: number;
}

/** `encoding` in lower case; what is not known is not changed. Without a sink the octets are counted only. */
export function transferDecoder(encoding: string, sink: OctetSink | undefined): TransferDecoder {
  switch (encoding) {
    case 'base64':
      return new Base64Decoder(sink);
    case 'quoted-printable':
      return new QuotedPrintableDecoder(sink);
    default:
      return new PlainDecoder(sink);
  }
}

/** 7bit, 8bit, binary. */
class PlainDecoder implements TransferDecoder {
  readonly #sink: OctetSink | undefined;
  #size = 0;

  constructor(sink: OctetSink | undefined) {
    this.#sink = sink;
  }

  get size(): number {
    return this.#size;
  }

  push(octets: Uint8Array, from: number, to: number): void {
    this.#size += to - from;
    this.#sink?.write(octets, from, to);
  }

  finish(): void {
    // Nothing is held back.
  }
}
