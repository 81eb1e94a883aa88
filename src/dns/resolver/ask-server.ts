// Asks one server of a zone one question, with whatever repetitions its replies call for: without EDNS, by TCP, without mixed case, with the
// server's new cookie. Writes the step of the journey, and notes what was learnt of the server.
import { formatRcode, rcode } from '../wire/codes.ts';
import type { Message } from '../wire/message.ts';
import type { Delegation, NameServer } from './delegation-cache.ts';
import type { Engine, Sought, Work } from './engine.ts';
import type { ExchangeOutcome } from './exchange.ts';
import { readReply } from './read-reply.ts';
import type { Reading } from './read-reply.ts';
import { rejectsEdns } from './rejects-edns.ts';
import { certificateNameOf, formatServer, serverEndpoint } from './server-address.ts';
import { familyOf } from './server-book.ts';
import { until } from './task.ts';
import type { Task } from './task.ts';
import type { UpstreamTransport } from './upstream.ts';
import { askedInWords, askingStep, plainName, sentence, soughtInWords } from './words.ts';

export interface NamedServer {
  readonly name: string;
  /** `address:port`, as DNS knows it. */
  readonly address: string;
}

export type UsableReading = Extract<Reading, { readonly kind: 'answer' | 'referral' }>;

/** A usable answer, and who gave it. */
export interface ServerReply {
  readonly kind: 'reply';
  readonly reading: UsableReading;
  readonly message: Message;
  readonly server: NamedServer;
  /** As {@link Candidate.address}; `undefined` where nobody was asked over the network. */
  readonly address?: string;
  /** When it was asked, by the monotonic clock. */
  readonly since: number;
}

/** A server of the zone with an address, and how often it was silent to this question. */
export interface Candidate {
  readonly server: NameServer;
  readonly address: string;
  silent: number;
}

/** What came of asking one server. */
export type Told =
  | { readonly kind: 'usable'; readonly reply: ServerReply }
  | { readonly kind: 'silent'; readonly reason: string }
  | {
      readonly kind: 'useless';
      readonly reason: string;
      readonly lame: boolean;
      /** What to take if no server of the zone says anything better. */
      readonly otherwise?: ServerReply;
    };

interface Heard {
  readonly outcome: ExchangeOutcome;
  readonly joined: boolean;
}

/** `shortened`: the question is not the whole one (RFC 9156). */
export function* askServer(
  engine: Engine,
  work: Work,
  delegation: Delegation,
  candidate: Candidate,
  sought: Sought,
  shortened: boolean,
): Task<Told> {
  const { address } = candidate;
  const { book } = engine;
  const { zone } = delegation;
  const forwards = delegation.forwards ?? false;
  const certificateName = certificateNameOf(address);
  const server: NamedServer = {
    name: plainName(candidate.server.name),
    address: formatServer(address),
  };
  let transport: UpstreamTransport = certificateName === undefined ? 'udp' : 'tls';
  let caseInDoubt = false;
  let cookieInDoubt = false;
  let badCookies = 0;
  // Each repetition changes something that isn't changed back: seven are enough for all.
  for (let repetition = 0; repetition < 7; repetition++) {
    if (!work.budget.takeQuery()) return { kind: 'silent', reason: work.budget.exhausted ?? '' };
    const edns = !book.withoutEdns(address);
    // Over TLS nobody else can answer.
    const cookie = edns && transport !== 'tls' ? book.cookie(address) : undefined;
    const since = engine.clock.monotonic();
    // A connection takes a round trip more.
    const patience = book.timeout(address) * (transport === 'udp' ? 1 : 3);
    const request = {
      to: serverEndpoint(address),
      transport,
      certificateName,
      name: sought.name,
      type: sought.type,
      edns,
      // RFC 4035 §3.2.1: whatever the client wants, the resolver needs the signatures.
      dnssecOk: edns,
      recursionDesired: forwards,
      // RFC 6840 §5.9: what another resolver thinks bogus we judge ourselves, and can ask elsewhere for; where we don't, it may protect us.
      checkingDisabled: forwards && edns && engine.trust.anchors.closest(sought.name) !== undefined,
      cookie: transport === 'tcp' && cookie !== undefined ? { ...cookie, required: false } : cookie,
      mixCase: transport === 'udp' ? !book.losesCase(address) : caseInDoubt,
      timeoutMs: Math.min(patience, work.budget.timeLeft),
    };
    const { outcome, joined } = yield* until<Heard>((done) =>
      engine.exchanges.ask(request, (heard, already) => done({ outcome: heard, joined: already })),
    );
    const asked = transport;
    /** `text` follows the question in words. */
    const note = (
      ok: boolean,
      text: string,
      detail: Readonly<Record<string, string | boolean>>,
      ms?: number,
    ): void =>
      work.journal.add(() => ({
        step: askingStep(zone),
        since,
        ...(ms !== undefined && { ms }),
        ok,
        server,
        text: sentence(`${askedInWords(sought, shortened, asked)}${text}`),
        detail: { question: soughtInWords(sought), transport: asked, zone: zone.toString(), ...detail },
      }));
    switch (outcome.kind) {
      case 'timeout':
        // One silence is one, however many wait; and where a question's own time is over first, its server has done nothing wrong.
        if (!joined && request.timeoutMs === patience) book.silent(address);
        note(false, `: no answer within ${Math.round(outcome.ms)} ms`, {
          error: 'timeout',
        });
        return { kind: 'silent', reason: `${server.name} (${server.address}) doesn't answer` };
      case 'unreachable':
        if (outcome.scope === 'family') book.familyUnreachable(familyOf(address));
        else if (!caseInDoubt && !cookieInDoubt && !joined) book.silent(address);
        note(false, `, but can't be reached: ${outcome.reason}`, { error: outcome.reason });
        if (caseInDoubt || cookieInDoubt) {
          // It has no TCP: what is left is UDP without that.
          if (caseInDoubt) book.markLosesCase(address);
          if (cookieInDoubt) book.markLosesCookies(address);
          caseInDoubt = false;
          cookieInDoubt = false;
          transport = 'udp';
          continue;
        }
        return {
          kind: 'silent',
          reason: `${server.name} (${server.address}) can't be reached: ${outcome.reason}`,
        };
      case 'forged':
        note(false, `: wrong answers come in numbers, so TCP is next`, {
          error: 'forged',
        });
        transport = 'tcp';
        continue;
      case 'malformed':
        note(false, `: the answer can't be read, ${outcome.reason}`, {
          error: outcome.reason,
        });
        return {
          kind: 'useless',
          reason: `${server.name} answers what can't be read: ${outcome.reason}`,
          lame: false,
        };
      case 'case-lost':
        // RFC 5452 leaves open what to do. By TCP no forger can answer without seeing our packets: if the server itself loses the
        // case there, too, it is believed, and not asked in mixed case again.
        if (transport === 'tcp') {
          book.markLosesCase(address);
          break;
        }
        note(false, `: its letters don't come back as they were sent, so TCP is next`, {
          error: 'case',
        });
        caseInDoubt = true;
        transport = 'tcp';
        continue;
      case 'cookie-lost':
        // RFC 7873 §5.3
        note(false, `: the answer is without the server's cookie, so TCP is next`, {
          error: 'cookie',
        });
        cookieInDoubt = true;
        transport = 'tcp';
        continue;
      case 'reply':
        break;
    }
    // What TCP takes says nothing of UDP.
    if (transport !== 'tcp') book.answered(address, outcome.ms);
    const { message } = outcome;
    if (outcome.kind === 'reply' && cookie !== undefined) {
      if (outcome.serverCookie !== undefined) book.cookieCame(address, cookie, outcome.serverCookie);
      // By TCP it is the server itself that has ceased to send them.
      else if (transport === 'tcp' && cookie.required) book.markLosesCookies(address);
    }
    if (message.rcode === rcode.BADCOOKIE && badCookies < 2 && transport !== 'tcp') {
      // RFC 7873 §5.3: once more with the cookie that came, then by TCP.
      badCookies += 1;
      const next = badCookies === 1 ? 'so it is asked with the one that it sent' : 'so TCP is next';
      note(false, `: wants another cookie, ${next}`, { rcode: formatRcode(message.rcode) });
      if (badCookies === 2) transport = 'tcp';
      continue;
    }
    if (edns && rejectsEdns(message)) {
      book.markWithoutEdns(address);
      note(false, `: doesn't understand EDNS, so the next try goes without`, {
        rcode: formatRcode(message.rcode),
      });
      continue;
    }
    if (message.truncated && transport === 'udp') {
      note(true, `: the answer is too large for UDP, so TCP is next`, { truncated: true });
      transport = 'tcp';
      continue;
    }
    if (message.truncated) {
      note(false, `: cuts its answer short although there is room`, { truncated: true });
      return {
        kind: 'useless',
        reason: `${server.name} gives no whole answer, not even by TCP`,
        lame: false,
      };
    }
    const reading = readReply(message, { zone, name: sought.name, type: sought.type, wholeChain: forwards });
    switch (reading.kind) {
      case 'answer':
      case 'referral':
        if (shortened && reading.kind === 'answer')
          note(true, `: no zone of its own, so more of the name is told`, {
            rcode: formatRcode(message.rcode),
          });
        // The time until the answer is that of the step that tells the answer.
        else note(true, '', { rcode: formatRcode(message.rcode) }, 0);
        return { kind: 'usable', reply: { kind: 'reply', reading, message, server, address, since } };
      case 'lame': {
        note(false, `, but ${reading.reason}`, { rcode: formatRcode(message.rcode) });
        const reason = `${server.name} does not serve ${plainName(zone)}: ${reading.reason}`;
        if (reading.otherwise === undefined) return { kind: 'useless', reason, lame: !forwards };
        const otherwise = { kind: 'reply', reading: reading.otherwise, message, server, since } as const;
        return { kind: 'useless', reason, lame: false, otherwise };
      }
      case 'error':
        note(false, `: answers ${reading.reason}`, { rcode: reading.reason });
        return {
          kind: 'useless',
          reason: `${server.name} answers ${reading.reason} for ${plainName(zone)}`,
          // A resolver may well refuse one name and resolve another.
          lame: !forwards && (reading.rcode === rcode.REFUSED || reading.rcode === rcode.NOTAUTH),
        };
    }
  }
  return { kind: 'useless', reason: `${server.name} can't be talked to`, lame: false };
}
