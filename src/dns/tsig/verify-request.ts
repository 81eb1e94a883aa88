// The server's side of TSIG, on the way in (RFC 8945 §5.2): whether a request was signed, by whom, and rightly.
import { unreachable } from '../../lib/result.ts';
import { tsigError } from '../wire/codes.ts';
import { TsigMac, compareMac, isLongEnough, isTimely, seconds } from './tsig-mac.ts';
import { algorithmFacts } from './tsig-key.ts';
import type { TsigKey, TsigKeys } from './tsig-key.ts';
import { splitTsig } from './tsig-record.ts';
import type { TsigRecord } from './tsig-record.ts';
import { ResponseSigner } from './response-signer.ts';
import type { Refusal } from './response-signer.ts';

export type RequestSignature =
  | { readonly kind: 'unsigned' }
  /** `message`: a copy of the request without its TSIG record. `signer` signs the response to it, be it one message or many. */
  | {
      readonly kind: 'verified';
      readonly message: Uint8Array;
      readonly key: TsigKey;
      readonly signer: ResponseSigner;
    }
  /** To be answered FORMERR. `reason` is for logs. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** To be answered NOTAUTH with what `signRefusal` makes of `refusal` (RFC 8945 §5.2.1 to §5.2.4). `reason` is for logs. */
  | {
      readonly kind: 'refused';
      readonly message: Uint8Array;
      readonly reason: string;
      readonly refusal: Refusal;
    };

/** Checks in the order of RFC 8945 §5.2: key, signature, time, length of the signature. `now`: milliseconds since the epoch. */
export function verifyRequest(bytes: Uint8Array, keys: TsigKeys, now: number): RequestSignature {
  const split = splitTsig(bytes);
  switch (split.kind) {
    case 'unsigned':
    case 'malformed':
      return split;
    case 'signed':
      return verify(split.message, split.tsig, keys, now);
    default:
      return unreachable(split);
  }
}

function verify(message: Uint8Array, tsig: TsigRecord, keys: TsigKeys, now: number): RequestSignature {
  const key = keys.find(tsig.keyName);
  const named = `the key ${tsig.keyName.toString()}`;
  // RFC 8945 §5.2.1: the key goes with one algorithm; with another it isn't the one that we know.
  if (key === undefined || !tsig.algorithm.equals(algorithmFacts[key.algorithm].name)) {
    const reason =
      key === undefined
        ? `${named} is not known here`
        : `${named} is for ${key.algorithm}, not ${tsig.algorithm.toString()}`;
    return { kind: 'refused', message, reason, refusal: refusalOf(tsig, tsigError.BADKEY) };
  }
  const mac = new TsigMac(key);
  mac.message(message, tsig.originalId);
  mac.variables(tsig);
  const verdict = compareMac(tsig.mac, mac.finish());
  switch (verdict) {
    case 'malformed':
      return { kind: 'malformed', reason: `a signature of ${tsig.mac.length} octets for ${key.algorithm}` };
    case 'wrong':
      return {
        kind: 'refused',
        message,
        reason: `the signature by ${named} is wrong`,
        refusal: refusalOf(tsig, tsigError.BADSIG),
      };
    case 'right':
      break;
    default:
      return unreachable(verdict);
  }
  if (!isTimely(tsig, seconds(now))) {
    const reason = `signed by ${named} at a time ${seconds(now) - tsig.timeSigned} seconds from ours`;
    return { kind: 'refused', message, reason, refusal: { ...refusalOf(tsig, tsigError.BADTIME), key } };
  }
  if (!isLongEnough(tsig.mac, key)) {
    const reason = `a signature by ${named} cut to ${tsig.mac.length} octets, which is too short here`;
    return { kind: 'refused', message, reason, refusal: { ...refusalOf(tsig, tsigError.BADTRUNC), key } };
  }
  return { kind: 'verified', message, key, signer: new ResponseSigner(key, tsig.mac) };
}

function refusalOf(tsig: TsigRecord, error: number): Refusal {
  return { request: tsig, error, key: undefined };
}
