// All that is checked of an incoming message, while it comes: SPF and reverse DNS from MAIL FROM on, signatures' keys from the header on,
// hashes with the body, DMARC at the end. Memory: the header section, up to `signedHeaderLimits`, and a buffer for each hash.
import type { Lookup } from '../dns/lookup.ts';
import { emptyBytes } from '../lib/bytes.ts';
import type { Clock } from '../lib/clock.ts';
import { HeaderScanner } from '../message/header.ts';
import { ArcCheck } from './arc/check-arc.ts';
import { BodyHashes } from './body-hash.ts';
import { DkimCheck } from './dkim/check-dkim.ts';
import { DkimKeys } from './dkim/public-key.ts';
import { checkDmarc } from './dmarc/check-dmarc.ts';
import { AnswerCache } from './answer-cache.ts';
import { DnsQuestions } from './dns-questions.ts';
import type { DnsAnswers } from './dns-questions.ts';
import { checkIprev } from './iprev.ts';
import { MessageHeader, signedHeaderLimits } from './message-header.ts';
import { checkSpf, usualSpfTime } from './spf/check-spf.ts';
import { timeLimit } from './time-limit.ts';
import type { TimeLimit } from './time-limit.ts';
import type { DkimVerdict, IprevVerdict, MailEnvelope, MailVerdicts, SpfVerdict } from './verdicts.ts';

export interface MailCheckServices {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** Our own host name. */
  readonly hostname: string;
  /** Milliseconds that the questions of one step (keys, policies, reverse DNS) may take in all; 10,000 unless given. */
  readonly stepTime?: number;
  /** As for SPF; 20,000 unless given (RFC 7208 §4.6.4). */
  readonly spfTime?: number;
}

const usualStepTime = 10_000;

/** One for all messages: keeps the keys that were read. */
export class MailChecker {
  readonly #services: MailCheckServices;
  readonly #known: Known;

  constructor(services: MailCheckServices) {
    this.#services = services;
    this.#known = { keys: new DkimKeys(), answers: new AnswerCache(services.clock) };
  }

  /** At MAIL FROM. Whatever is begun must be ended or aborted. */
  begin(envelope: MailEnvelope): MailCheck {
    return new MailCheck(envelope, this.#services, this.#known);
  }
}

/** What is known from messages before. */
interface Known {
  readonly keys: DkimKeys;
  readonly answers: DnsAnswers;
}

interface Content {
  readonly header: MessageHeader;
  readonly hashes: BodyHashes;
  readonly dkim: DkimCheck;
  readonly arc: ArcCheck;
}

export class MailCheck {
  readonly #services: MailCheckServices;
  readonly #known: Known;
  readonly #limits: TimeLimit[] = [];
  #aborted = false;
  readonly #spf: Promise<SpfVerdict>;
  readonly #iprev: Promise<IprevVerdict>;
  #scanner = new HeaderScanner(signedHeaderLimits, 0);
  /** Octets of the header section that has not ended yet: the first `#filled` of it. */
  #front: Uint8Array = emptyBytes;
  #filled = 0;
  #content: Content | undefined;
  #ended = false;

  constructor(envelope: MailEnvelope, services: MailCheckServices, known: Known) {
    this.#services = services;
    this.#known = known;
    const { clock, hostname, spfTime } = services;
    this.#spf = checkSpf(envelope, { questions: this.#questions(spfTime ?? usualSpfTime), clock, hostname });
    this.#iprev = checkIprev(envelope.ip, this.#questions());
  }

  /** What needs no content, for whoever decides before it comes. */
  async sender(): Promise<{ readonly spf: SpfVerdict; readonly iprev: IprevVerdict }> {
    return { spf: await this.#spf, iprev: await this.#iprev };
  }

  /** The header section, once it has ended: for taking out forged results. */
  get header(): MessageHeader | undefined {
    return this.#content?.header;
  }

  /** The content's next octets, as the message has them: CRLF lines, without the dots that were stuffed. Not kept. */
  push(bytes: Uint8Array): void {
    if (this.#content !== undefined) {
      this.#content.hashes.push(bytes);
      return;
    }
    // What the caller handed in, it may use again; room is doubled, so that single octets don't cost their square.
    if (this.#filled + bytes.length > this.#front.length) {
      const room = new Uint8Array(Math.max(2 * this.#front.length, this.#filled + bytes.length));
      room.set(this.#front.subarray(0, this.#filled));
      this.#front = room;
    }
    this.#front.set(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#scanner.scan(this.#front.subarray(0, this.#filled), false)) this.#beginBody();
  }

  /** After the last octet. Never rejects for what a peer or DNS says. */
  async end(): Promise<MailVerdicts> {
    if (this.#content === undefined) {
      this.#scanner.scan(this.#front.subarray(0, this.#filled), true);
      this.#beginBody();
    }
    const content = this.#content;
    if (content === undefined) throw new Error('a header section has no end');
    const { header } = content;
    const [spf, iprev, dkim, arc] = await Promise.all([
      this.#spf,
      this.#iprev,
      header.scan.complete ? content.dkim.end() : [headerTooLong],
      content.arc.end(),
    ]);
    const dmarc = await checkDmarc(header, { spf, dkim }, this.#questions());
    this.#ended = true;
    this.#dispose();
    return {
      spf,
      dkim,
      arc,
      dmarc,
      iprev,
      disposition: dmarc.disposition,
      temporary: dmarc.result === 'temperror',
    };
  }

  /** The message doesn't come, or isn't wanted any more: nothing is asked for it from now on. After the end it does nothing. */
  abort(): void {
    if (this.#ended) return;
    this.#aborted = true;
    for (const limit of this.#limits) limit.abort();
    this.#dispose();
  }

  #beginBody(): void {
    const scan = this.#scanner.result();
    const header = new MessageHeader(this.#front.slice(0, scan.bodyStart), scan);
    const hashes = new BodyHashes();
    const questions = this.#questions();
    const { clock } = this.#services;
    const { keys } = this.#known;
    const dkim = new DkimCheck(header, hashes, questions, keys, clock.now());
    const arc = new ArcCheck(header, hashes, questions, keys);
    hashes.push(this.#front.subarray(scan.bodyStart, this.#filled));
    this.#front = emptyBytes;
    this.#content = { header, hashes, dkim, arc };
  }

  /** Questions with a time of their own, since data may come slowly between the steps. */
  #questions(ms: number = this.#services.stepTime ?? usualStepTime): DnsQuestions {
    const { clock, lookup } = this.#services;
    const limit = timeLimit(clock, ms);
    if (this.#aborted) limit.abort();
    this.#limits.push(limit);
    return new DnsQuestions(lookup, limit, this.#known.answers);
  }

  #dispose(): void {
    for (const limit of this.#limits) limit[Symbol.dispose]();
  }
}

const headerTooLong: DkimVerdict = {
  result: 'policy',
  reason: 'the header is too long to be checked',
  domain: '',
  selector: '',
  algorithm: '',
  identity: '',
  mark: '',
};
