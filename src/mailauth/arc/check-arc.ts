// ARC chains of a message that is arriving (RFC 8617 §5.2): who vouches for what a message was before it was forwarded.
import { concatBytes, equalBytes } from '../../lib/bytes.ts';
import type { BodyHash, BodyHashes } from '../body-hash.ts';
import type { DkimKey, DkimKeys } from '../dkim/public-key.ts';
import { acceptedAlgorithm, carriesSeal } from '../dkim/seal-check.ts';
import type { Seal } from '../dkim/signature.ts';
import type { DnsQuestions } from '../dns-questions.ts';
import type { MessageHeader } from '../message-header.ts';
import type { ArcVerdict } from '../verdicts.ts';
import { readChain } from './chain.ts';
import type { ArcSet } from './chain.ts';

interface Open {
  readonly sets: readonly ArcSet[];
  readonly newest: ArcSet;
  readonly body: BodyHash;
  readonly keys: readonly Promise<DkimKey>[];
  readonly messageKey: Promise<DkimKey>;
}

export class ArcCheck {
  readonly #header: MessageHeader;
  readonly #state: Open | ArcVerdict;

  /** Asks for the keys, and for the hash of a body that must not have begun. */
  constructor(header: MessageHeader, hashes: BodyHashes, questions: DnsQuestions, keys: DkimKeys) {
    this.#header = header;
    const chain = readChain(header);
    const nobody = { domain: '', selector: '' };
    if (chain === undefined) {
      this.#state = { result: 'none', reason: 'the message has no chain', sets: 0, ...nobody };
      return;
    }
    const newest = chain.ok ? chain.value.sets.at(-1) : undefined;
    if (!chain.ok || newest === undefined) {
      const { reason, highest } = chain.ok ? { reason: '', highest: 0 } : chain.fault;
      this.#state = { result: 'fail', reason, sets: highest, ...nobody };
      return;
    }
    const find = ({ domain, selector }: Seal): Promise<DkimKey> => keys.find(questions, domain, selector);
    const { sets } = chain.value;
    const { body, bodyLength } = newest.messageSignature;
    this.#state = {
      sets,
      newest,
      body: hashes.want(body, bodyLength),
      keys: sets.map((set) => find(set.sealed)),
      messageKey: find(newest.messageSignature),
    };
  }

  /** After the body's last octet. */
  async end(): Promise<ArcVerdict> {
    if (!('newest' in this.#state)) return this.#state;
    const { sets, newest } = this.#state;
    const { domain, selector } = newest.sealed;
    const facts = { sets: sets.length, domain, selector };
    const wrong = (await this.#judgeMessage(this.#state)) ?? (await this.#judgeSeals(this.#state));
    if (wrong !== undefined) return { ...wrong, ...facts };
    const results = this.#header
      .value(newest.results)
      .replace(/^[^;]*;/, '')
      .trim();
    return { result: 'pass', reason: `${domain} sealed it last`, results, ...facts };
  }

  /** RFC 8617 §5.2 step 4: only the newest must still fit the message. */
  async #judgeMessage({ newest, body, messageKey }: Open): Promise<Wrong | undefined> {
    const { messageSignature: signature, message } = newest;
    const { digest, length } = body.end();
    const { bodyLength } = signature;
    if (bodyLength !== undefined && bodyLength !== length) return failed('not all of the body is signed');
    if (!equalBytes(digest, signature.bodyHash)) return failed('the body has changed since it was sealed');
    return judge(await messageKey, signature, () =>
      this.#header.signed(signature.fields, signature.header, message, signature.own),
    );
  }

  /** RFC 8617 §5.1.1: each seal covers all sets up to its own, so their canonical form is put together once. */
  async #judgeSeals({ sets, keys }: Open): Promise<Wrong | undefined> {
    const header = this.#header;
    const whole = sets.map(({ results, message, seal }) => ({
      before: concatBytes([header.canonical(results, 'relaxed'), header.canonical(message, 'relaxed')]),
      seal: header.canonical(seal, 'relaxed'),
    }));
    const octets = new Uint8Array(
      whole.reduce((sum, { before, seal }) => sum + before.length + seal.length, 0),
    );
    let at = 0;
    for (const [i, { sealed, seal }] of sets.entries()) {
      const parts = whole[i];
      const key = await keys[i];
      if (parts === undefined || key === undefined) break;
      octets.set(parts.before, at);
      at += parts.before.length;
      const unsealed = header.unsealed(seal, 'relaxed', sealed.own);
      octets.set(unsealed, at);
      const wrong = judge(key, sealed, () => octets.subarray(0, at + unsealed.length));
      if (wrong !== undefined) return { ...wrong, reason: `seal ${i + 1}: ${wrong.reason}` };
      octets.set(parts.seal, at);
      at += parts.seal.length;
    }
    return undefined;
  }
}

type Wrong = Pick<ArcVerdict, 'result' | 'reason'>;

function failed(reason: string): Wrong {
  return { result: 'fail', reason };
}

function judge(key: DkimKey, seal: Seal, data: () => Uint8Array): Wrong | undefined {
  if (key.kind === 'temperror') return { result: 'temperror', reason: key.reason };
  if (key.kind !== 'key') return failed(key.reason);
  if (acceptedAlgorithm(seal.algorithm) !== key.type) return failed('its algorithm is not that of its key');
  return carriesSeal(data(), key, seal.signature) ? undefined : failed('the signature does not fit');
}
