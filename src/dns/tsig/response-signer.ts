// The server's side of TSIG, on the way out (RFC 8945 §5.3): signs the response to a signed request, one message or a stream of
// them, and says by TSIG why a request was refused.
import { emptyBytes } from '../../lib/bytes.ts';
import { tsigError } from '../wire/codes.ts';
import { WireWriter } from '../wire/writer.ts';
import { TsigMac, seconds, usualFudge } from './tsig-mac.ts';
import { algorithmFacts } from './tsig-key.ts';
import type { TsigKey } from './tsig-key.ts';
import { appendTsig, tsigLength } from './tsig-record.ts';
import type { TsigRecord } from './tsig-record.ts';

export class ResponseSigner {
  readonly #key: TsigKey;
  /** Of the request, then of the message before. */
  #priorMac: Uint8Array;
  #first = true;

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key;
    this.#priorMac = requestMac;
  }

  /** Octets that a signature adds to a message. */
  get overhead(): number {
    return tsigLength(this.#key);
  }

  /**
   * The next message of the response, signed. Every message of a stream is: RFC 8945 §5.3.1 would have it for each hundredth, but a
   * receiver that gets all signed knows of a forgery at once. `now`: milliseconds since the epoch.
   */
  sign(message: Uint8Array, now: number): Uint8Array {
    const fields = fieldsFor(this.#key, message, seconds(now));
    const mac = new TsigMac(this.#key);
    mac.priorMac(this.#priorMac);
    mac.message(message, fields.originalId);
    if (this.#first) mac.variables(fields);
    else mac.timers(fields);
    this.#first = false;
    this.#priorMac = mac.finish();
    return appendTsig(message, { ...fields, mac: this.#priorMac });
  }
}

/** Why the signature of a request was not taken. */
export interface Refusal {
  /** The request's record. */
  readonly request: TsigRecord;
  /** One of `tsigError`. */
  readonly error: number;
  /** Signs the refusal where the request's signature was right as such; `undefined`: it must not be signed (RFC 8945 §5.3.2). */
  readonly key: TsigKey | undefined;
}

/** `response` says NOTAUTH; the record that is added says why. `now`: milliseconds since the epoch. */
export function signRefusal(response: Uint8Array, { request, error, key }: Refusal, now: number): Uint8Array {
  const id = idOf(response);
  if (key === undefined) {
    // RFC 8945 §5.3.2: no signature, and the record otherwise as the client knows it.
    return appendTsig(response, { ...request, mac: emptyBytes, originalId: id, error, other: emptyBytes });
  }
  const late = error === tsigError.BADTIME;
  const fields = {
    ...fieldsFor(key, response, seconds(now)),
    // RFC 8945 §5.2.3: the client's own time, so that it takes the answer for timely, and ours in six octets.
    ...(late && { timeSigned: request.timeSigned, other: timeOctets(seconds(now)) }),
    error,
  };
  const mac = new TsigMac(key);
  mac.priorMac(request.mac);
  mac.message(response, fields.originalId);
  mac.variables(fields);
  return appendTsig(response, { ...fields, mac: mac.finish() });
}

/** A record for `message` that says nothing but by which key and when. */
export function fieldsFor(key: TsigKey, message: Uint8Array, timeSigned: number): TsigRecord {
  return {
    keyName: key.name,
    algorithm: algorithmFacts[key.algorithm].name,
    timeSigned,
    fudge: usualFudge,
    mac: emptyBytes,
    originalId: idOf(message),
    error: 0,
    other: emptyBytes,
  };
}

function idOf(message: Uint8Array): number {
  return ((message[0] ?? 0) << 8) | (message[1] ?? 0);
}

function timeOctets(time: number): Uint8Array {
  const writer = new WireWriter();
  writer.u48(time);
  return writer.finish();
}
