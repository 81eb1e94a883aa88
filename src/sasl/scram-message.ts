// The messages of SCRAM (RFC 5802 §7): what a client sends, taken apart, and what a server answers.
import {
  base64ToBytes,
  bytesToBase64,
  bytesToUtf8Strict,
  concatBytes,
  latin1ToBytes,
  utf8ToBytes,
} from '../lib/bytes.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { ScramSalt } from './proof.ts';

/** Octets of a message; a name of 255, two nonces and a binding are far from it. */
const longestMessage = 4096;
/** Characters of the client's nonce; ours is 24. */
const longestNonce = 512;
const proofOctets = 32;

export type BindingFlag =
  /** `p=`: the client binds the login to the channel, in the way of this name. */
  | { readonly kind: 'bound'; readonly type: string }
  /** `y`: it could, but believes that we can't. */
  | { readonly kind: 'believed-missing' }
  /** `n` */
  | { readonly kind: 'unbound' };

export interface ClientFirst {
  readonly binding: BindingFlag;
  /** The header as it came, with its last comma: part of what the client repeats later. */
  readonly gs2Header: string;
  readonly actAs: string | undefined;
  readonly name: string;
  readonly nonce: string;
  /** Without the header: the first part of what is signed. */
  readonly bare: string;
}

//     client-first-message = gs2-header client-first-message-bare
//     gs2-header           = gs2-cbind-flag "," [ authzid ] ","
//     gs2-cbind-flag       = ("p=" cb-name) / "n" / "y"
//     authzid              = "a=" saslname
//     client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
/** The fault is a sentence. */
export function parseClientFirst(message: Uint8Array): Result<ClientFirst> {
  const text = message.length > longestMessage ? undefined : bytesToUtf8Strict(message);
  if (text === undefined || text.includes('\0')) return fault('A SCRAM message is UTF-8 without NUL.');
  const match = /^((?:p=([A-Za-z0-9.-]+)|(n|y)),(?:a=([^,]*))?,)([^]*)$/.exec(text);
  const [, gs2Header, bindingType, flag, authorization, bare] = match ?? [];
  if (gs2Header === undefined || bare === undefined)
    return fault('A SCRAM login begins with n, y or p= and two commas.');
  // RFC 5802 §5.1: `m` is for extensions that whoever doesn't know them must refuse.
  if (bare.startsWith('m=')) return fault('No extension of SCRAM is known here.');
  const [nameText = '', nonceText = ''] = bare.split(',', 2);
  const name = nameText.startsWith('n=') ? decodeName(nameText.slice(2)) : undefined;
  if (name === undefined || name === '') return fault('A SCRAM login names its user by n=.');
  // An empty one is no name by the grammar, but GNU SASL sends it for nobody.
  const actAs = authorization === undefined ? '' : decodeName(authorization);
  if (actAs === undefined)
    return fault('A name in SCRAM writes its commas as =2C and its equal signs as =3D.');
  // printable = %x21-2B / %x2D-7E
  const nonce = /^r=([!-+\--~]+)$/.exec(nonceText)?.[1];
  if (nonce === undefined || nonce.length > longestNonce)
    return fault('A SCRAM login has a nonce (r=) of printable characters.');
  return ok({
    binding: bindingOf(bindingType, flag),
    gs2Header,
    actAs: actAs === '' ? undefined : actAs,
    name,
    nonce,
    bare,
  });
}

function bindingOf(type: string | undefined, flag: string | undefined): BindingFlag {
  if (type !== undefined) return { kind: 'bound', type };
  return { kind: flag === 'y' ? 'believed-missing' : 'unbound' };
}

// saslname = 1*(value-safe-char / "=2C" / "=3D")
function decodeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

//     server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
export function formatServerFirst(nonce: string, { salt, iterations }: ScramSalt): string {
  return `r=${nonce},s=${bytesToBase64(salt)},i=${iterations}`;
}

export interface ClientFinal {
  /** What the client says that the channel is: header and binding data. */
  readonly channel: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
  /** The last part of what is signed. */
  readonly withoutProof: string;
}

//     client-final-message = channel-binding "," nonce ["," extensions] "," proof
/** The fault is a sentence. */
export function parseClientFinal(message: Uint8Array): Result<ClientFinal> {
  const text = message.length > longestMessage ? undefined : bytesToUtf8Strict(message);
  const match = /^(c=([A-Za-z0-9+/=]+),r=([!-+\--~]+)(?:,[^]*)?),p=([A-Za-z0-9+/=]+)$/.exec(text ?? '');
  const [, withoutProof, channelText = '', nonce, proofText = ''] = match ?? [];
  const [channel, proof] = [base64ToBytes(channelText), base64ToBytes(proofText)];
  if (withoutProof === undefined || nonce === undefined || channel === undefined)
    return fault("A SCRAM client's last message has c=, r= and p=, in this order.");
  if (proof?.length !== proofOctets) return fault(`A SCRAM-SHA-256 proof has ${proofOctets} octets.`);
  return ok({ channel, nonce, proof, withoutProof });
}

/** cbind-input = gs2-header [ cbind-data ] */
export function channelInput(gs2Header: string, data: Uint8Array): Uint8Array {
  return concatBytes([utf8ToBytes(gs2Header), data]);
}

/** server-final-message = verifier = "v=" base64 */
export function formatServerFinal(signature: Uint8Array): Uint8Array {
  return latin1ToBytes(`v=${bytesToBase64(signature)}`);
}
