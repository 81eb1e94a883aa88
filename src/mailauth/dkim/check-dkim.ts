// DKIM signatures of a message that is arriving (RFC 6376 §6.1): keys are asked for as soon as the header is there, the body is hashed as
// it comes, and the signatures are verified at its end.
import { equalBytes } from '../../lib/bytes.ts';
import type { HeaderField } from '../../message/header.ts';
import type { BodyHash, BodyHashes } from '../body-hash.ts';
import type { DnsQuestions } from '../dns-questions.ts';
import type { MessageHeader } from '../message-header.ts';
import type { DkimVerdict } from '../verdicts.ts';
import type { DkimKey, DkimKeys } from './public-key.ts';
import { acceptedAlgorithm, carriesSeal } from './seal-check.ts';
import { parseSignature } from './signature.ts';
import type { Signature } from './signature.ts';

/** RFC 6376 §6.1 lets us limit them: each costs a look-up and a verification. */
export const mostSignatures = 8;

interface Open {
  readonly field: HeaderField;
  readonly signature: Signature;
  readonly key: Promise<DkimKey>;
  readonly body: BodyHash;
}

export class DkimCheck {
  readonly #header: MessageHeader;
  readonly #now: number;
  readonly #checks: readonly (Open | DkimVerdict)[];

  /** Asks for the keys, and for the hashes of a body that must not have begun. `now`: milliseconds since the epoch. */
  constructor(
    header: MessageHeader,
    hashes: BodyHashes,
    questions: DnsQuestions,
    keys: DkimKeys,
    now: number,
  ) {
    this.#header = header;
    this.#now = now;
    this.#checks = header
      .named('dkim-signature')
      .slice(0, mostSignatures)
      .map((field) => {
        const parsed = parseSignature(header.value(field));
        if (!parsed.ok)
          return {
            result: 'neutral',
            reason: `the signature can't be read: ${parsed.fault.reason}`,
            ...parsed.fault.known,
          };
        const signature = parsed.value;
        return {
          field,
          signature,
          key: keys.find(questions, signature.domain, signature.selector),
          body: hashes.want(signature.body, signature.bodyLength),
        };
      });
  }

  /** After the body's last octet. */
  end(): Promise<readonly DkimVerdict[]> {
    return Promise.all(
      this.#checks.map((check) => ('signature' in check ? this.#judge(check) : Promise.resolve(check))),
    );
  }

  async #judge({ field, signature, key: found, body }: Open): Promise<DkimVerdict> {
    const { domain, selector, algorithm, mark } = signature;
    const identity = signature.identity === '' ? `@${domain}` : signature.identity;
    const facts = { domain, selector, algorithm, mark, identity };
    const verdict = (result: DkimVerdict['result'], reason: string): DkimVerdict => ({
      result,
      reason,
      ...facts,
    });
    const type = acceptedAlgorithm(algorithm);
    if (type === undefined) return verdict('policy', `the algorithm ${algorithm} doesn't count`);
    if (signature.expires !== undefined && signature.expires * 1000 < this.#now)
      return verdict('fail', 'the signature has expired');
    const key = await found;
    if (key.kind !== 'key') return verdict(key.kind, key.reason);
    if (key.type !== type) return verdict('permerror', 'its key is for another algorithm');
    if (key.strict && !identity.toLowerCase().endsWith(`@${domain}`))
      return verdict('permerror', 'its i= is not of the domain that its key is for');
    const { digest, length } = body.end();
    const { bodyLength } = signature;
    const wrong =
      bodyLength !== undefined && bodyLength > length
        ? 'the body is shorter than what was signed'
        : !equalBytes(digest, signature.bodyHash)
          ? 'the body has changed'
          : !carriesSeal(
                this.#header.signed(signature.fields, signature.header, field, signature.own),
                key,
                signature.signature,
              )
            ? 'the signature does not fit the header'
            : undefined;
    const more = { keyBits: key.bits, ...(key.testing ? ({ testing: true } as const) : {}) };
    if (wrong !== undefined) return { ...verdict('fail', wrong), ...more };
    // RFC 6376 §8.2: anything may have been added after what is signed.
    if (bodyLength !== undefined && bodyLength < length)
      return {
        ...verdict('policy', `only ${bodyLength} of the body's ${length} octets are signed`),
        ...more,
      };
    return { ...verdict('pass', `${key.bits}-bit key`), ...more };
  }
}
