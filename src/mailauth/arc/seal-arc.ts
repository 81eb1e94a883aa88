// Adds a set to a message's Authenticated Received Chain (RFC 8617 §5.1), as whoever forwards a changed message does.
import { bytesToBase64, concatBytes } from '../../lib/bytes.ts';
import { headerOctets } from '../../message/header.ts';
import { makeSeal, sealAlgorithm } from '../dkim/seal-check.ts';
import { fieldsToSign, foldBase64, foldList, hashBody, signatureOver } from '../dkim/sign-dkim.ts';
import type { DkimSigner } from '../dkim/sign-dkim.ts';
import { MessageHeader, canonicalText } from '../message-header.ts';
import type { ArcVerdict } from '../verdicts.ts';
import { arcNames, mostSets, readChain } from './chain.ts';

/**
 * The three fields of a new set, each with its CRLF, to stand in front of the message. `content`: the message as it is going to be sent,
 * CRLF lines. `found`: what was found of its chain when it came. `results`: what our Authentication-Results says, without its name.
 * `undefined` where RFC 8617 lets nobody add a set: the chain is full, was already sealed as broken, or couldn't be checked.
 */
export function sealArc(
  content: readonly Uint8Array[],
  found: ArcVerdict,
  results: string,
  { domain, selector, key }: DkimSigner,
  now: number,
): string | undefined {
  const header = new MessageHeader(headerOctets(content));
  const instance = found.sets + 1;
  if (found.result === 'temperror' || instance > mostSets) return undefined;
  const chain = readChain(header);
  const broken = found.result === 'fail';
  // RFC 8617 §5.1.2: a chain that was sealed as broken gets no further seals.
  if (
    broken &&
    /\bcv\s*=\s*fail\b/i.test(
      header
        .named(arcNames.seal)
        .map((field) => header.value(field))
        .join(),
    )
  )
    return undefined;
  const at = Math.floor(now / 1000);
  const authResults = `ARC-Authentication-Results: i=${instance}; ${results}\r\n`;
  const names = [...fieldsToSign(header), ...header.named('dkim-signature').map(() => 'dkim-signature')];
  const messageStart =
    `ARC-Message-Signature: i=${instance}; a=${sealAlgorithm(key)}; c=relaxed/relaxed;\r\n\td=${domain};` +
    ` s=${selector}; t=${at};\r\n\th=${foldList(names)};\r\n\tbh=${hashBody(content, header)};\r\n\tb=`;
  const message = `${messageStart}${signatureOver(header, names, messageStart, key)}\r\n`;
  const cv = broken ? 'fail' : instance === 1 ? 'none' : 'pass';
  const sealStart = `ARC-Seal: i=${instance}; a=${sealAlgorithm(key)}; t=${at}; cv=${cv};\r\n\td=${domain}; s=${selector};\r\n\tb=`;
  // RFC 8617 §5.1.2: over a broken chain the seal covers its own set alone.
  const before =
    !broken && chain?.ok === true
      ? chain.value.sets.flatMap((set) =>
          [set.results, set.message, set.seal].map((field) => header.canonical(field, 'relaxed')),
        )
      : [];
  const data = concatBytes([
    ...before,
    canonicalText(authResults, 'relaxed'),
    canonicalText(message, 'relaxed'),
    canonicalText(sealStart, 'relaxed').subarray(0, -2),
  ]);
  return `${sealStart}${foldBase64(bytesToBase64(makeSeal(data, key)))}\r\n${message}${authResults}`;
}
