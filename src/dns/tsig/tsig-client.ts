// The client's side of TSIG (RFC 8945 §5.1, §5.4): signs a request, and checks the signatures of what answers it, be that one
// message or the stream of a zone transfer.
import { fault, ok, unreachable } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { tsigError } from '../wire/codes.ts';
import { fieldsFor } from './response-signer.ts';
import { TsigMac, compareMac, isLongEnough, isTimely, seconds } from './tsig-mac.ts';
import { algorithmFacts } from './tsig-key.ts';
import type { TsigKey } from './tsig-key.ts';
import { appendTsig, splitTsig } from './tsig-record.ts';
import type { TsigRecord } from './tsig-record.ts';

export interface SignedRequest {
  readonly bytes: Uint8Array;
  /** What the response's signature depends on. */
  readonly mac: Uint8Array;
}

/** `now`: milliseconds since the epoch. */
export function signRequest(message: Uint8Array, key: TsigKey, now: number): SignedRequest {
  const fields = fieldsFor(key, message, seconds(now));
  const mac = new TsigMac(key);
  mac.message(message, fields.originalId);
  mac.variables(fields);
  const bytes = mac.finish();
  return { bytes: appendTsig(message, { ...fields, mac: bytes }), mac: bytes };
}

/** Why a response isn't believed; nothing in it may be. */
export interface TsigFault {
  /** A sentence for logs. */
  readonly reason: string;
  /** What the server says against our request, one of `tsigError`; 0 where it says nothing of it. */
  readonly error: number;
}

/** RFC 8945 §5.3.1: so many messages of a stream may come unsigned between two that are signed. */
const mostUnsigned = 99;

/** Checks the messages that answer one request, in their order. A fault stays: nothing after it is believed. */
export class TsigResponseVerifier {
  readonly #key: TsigKey;
  #mac: TsigMac;
  #first = true;
  #unsigned = 0;
  #fault: TsigFault | undefined;

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key;
    this.#mac = new TsigMac(key);
    this.#mac.priorMac(requestMac);
  }

  /**
   * The next message without its signature. One that came unsigned is only to be believed once a later one was signed: a caller that
   * must know looks at {@link finish}. `now`: milliseconds since the epoch.
   */
  push(bytes: Uint8Array, now: number): Result<Uint8Array, TsigFault> {
    if (this.#fault !== undefined) return fault(this.#fault);
    const taken = this.#take(bytes, now);
    if (!taken.ok) this.#fault = taken.fault;
    return taken;
  }

  /** At the end of the response: the fault where its last message wasn't signed (RFC 8945 §5.3.1). */
  finish(): TsigFault | undefined {
    if (this.#fault !== undefined) return this.#fault;
    if (this.#first) return { reason: 'there was no signed message', error: 0 };
    return this.#unsigned > 0 ? { reason: 'the last message is not signed', error: 0 } : undefined;
  }

  #take(bytes: Uint8Array, now: number): Result<Uint8Array, TsigFault> {
    const split = splitTsig(bytes);
    switch (split.kind) {
      case 'malformed':
        return refuse(split.reason);
      case 'unsigned':
        return this.#takeUnsigned(bytes);
      case 'signed':
        return this.#takeSigned(split.message, split.tsig, now);
      default:
        return unreachable(split);
    }
  }

  #takeUnsigned(bytes: Uint8Array): Result<Uint8Array, TsigFault> {
    if (this.#first) return refuse('the response is not signed, though the request was');
    this.#unsigned += 1;
    if (this.#unsigned > mostUnsigned)
      return refuse(`more than ${mostUnsigned} messages in a row are not signed`);
    this.#mac.message(bytes, ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
    return ok(bytes);
  }

  #takeSigned(message: Uint8Array, tsig: TsigRecord, now: number): Result<Uint8Array, TsigFault> {
    const key = this.#key;
    const said = tsig.error === 0 ? undefined : (serverSays[tsig.error] ?? `TSIG error ${tsig.error}`);
    // Unsigned by necessity (RFC 8945 §5.3.2), so it may be anybody's; that the request failed it tells all the same.
    if (tsig.mac.length === 0 && said !== undefined)
      return refuse(`${said} (said without a signature)`, tsig.error);
    if (!tsig.keyName.equals(key.name) || !tsig.algorithm.equals(algorithmFacts[key.algorithm].name))
      return refuse(`signed by another key, ${tsig.keyName.toString()}`);
    this.#mac.message(message, tsig.originalId);
    if (this.#first) this.#mac.variables(tsig);
    else this.#mac.timers(tsig);
    if (compareMac(tsig.mac, this.#mac.finish()) !== 'right') return refuse('the signature is wrong');
    if (said !== undefined) return refuse(said, tsig.error);
    if (!isTimely(tsig, seconds(now)))
      return refuse(`signed at a time ${seconds(now) - tsig.timeSigned} seconds from ours`);
    if (!isLongEnough(tsig.mac, key)) return refuse(`the signature is cut to ${tsig.mac.length} octets`);
    this.#first = false;
    this.#unsigned = 0;
    this.#mac = new TsigMac(key);
    this.#mac.priorMac(tsig.mac);
    return ok(message);
  }
}

const serverSays: Readonly<Record<number, string>> = {
  [tsigError.BADSIG]: 'the server finds our signature wrong: the secrets differ',
  [tsigError.BADKEY]: 'the server doesn’t know our key, or not with this algorithm',
  [tsigError.BADTIME]: 'the server’s clock and ours differ too much',
  [tsigError.BADTRUNC]: 'the server finds our signature too short',
};

function refuse(reason: string, error = 0): { readonly ok: false; readonly fault: TsigFault } {
  return fault({ reason, error });
}
