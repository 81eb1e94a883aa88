// Makes DKIM-Signature fields (RFC 6376 §5).
import type { KeyObject } from 'node:crypto';
import { bytesToBase64, concatBytes } from '../../lib/bytes.ts';
import { headerOctets } from '../../message/header.ts';
import { BodyHash } from '../body-hash.ts';
import { MessageHeader, canonicalText } from '../message-header.ts';
import { makeSeal, sealAlgorithm } from './seal-check.ts';

export interface DkimSigner {
  readonly domain: string;
  readonly selector: string;
  /** Private: RSA of 1024 bits at least, or Ed25519. */
  readonly key: KeyObject;
}

/** RFC 6376 §5.4.1. All instances that are there are signed, and one more, so that none can be added. */
const signedNames = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
] as const;
/** Those are signed only if they are there: mailing lists and relays add them. */
const addedByOthers: ReadonlySet<string> = new Set([
  'sender',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
]);

/**
 * One field for each signer, each with its CRLF, to stand in front of the message. `content`: CRLF lines.
 * `now`: milliseconds since the epoch.
 */
export function signDkim(
  content: readonly Uint8Array[],
  signers: readonly DkimSigner[],
  now: number,
): string {
  const header = new MessageHeader(headerOctets(content));
  const bodyHash = hashBody(content, header);
  const names = fieldsToSign(header);
  let fields = '';
  for (const { domain, selector, key } of signers) {
    const start =
      `DKIM-Signature: v=1; a=${sealAlgorithm(key)}; c=relaxed/relaxed;\r\n\td=${domain}; s=${selector};` +
      ` t=${Math.floor(now / 1000)};\r\n\th=${foldList(names)};\r\n\tbh=${bodyHash};\r\n\tb=`;
    fields += `${start}${signatureOver(header, names, start, key)}\r\n`;
  }
  return fields;
}

/** The value of `b` for a field of our own that ends with `b=`. */
export function signatureOver(
  header: MessageHeader,
  names: readonly string[],
  start: string,
  key: KeyObject,
): string {
  const data = concatBytes([
    header.signedFields(names, 'relaxed'),
    canonicalText(start, 'relaxed').subarray(0, -2),
  ]);
  return foldBase64(bytesToBase64(makeSeal(data, key)));
}

/** In base64, relaxed. */
export function hashBody(content: readonly Uint8Array[], header: MessageHeader): string {
  const hash = new BodyHash('relaxed');
  let skip = header.scan.bodyStart;
  for (const chunk of content) {
    hash.push(chunk.subarray(Math.min(skip, chunk.length)));
    skip = Math.max(0, skip - chunk.length);
  }
  return bytesToBase64(hash.end().digest);
}

export function fieldsToSign(header: MessageHeader): readonly string[] {
  return signedNames.flatMap((name) => {
    const instances = header.named(name).length;
    const count = instances === 0 && addedByOthers.has(name) ? 0 : instances + 1;
    return Array.from({ length: count }, () => name);
  });
}

/** Lines of fewer than 78 characters. */
export function foldList(names: readonly string[]): string {
  let [text, line] = ['', 0];
  for (const [i, name] of names.entries()) {
    const piece = i === 0 ? name : `:${name}`;
    if (line + piece.length > 68) [text, line] = [`${text}\r\n\t`, 0];
    text += piece;
    line += piece.length;
  }
  return text;
}

export function foldBase64(text: string): string {
  return text.replaceAll(/(.{72})(?=.)/g, '$1\r\n\t ');
}
