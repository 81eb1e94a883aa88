// Takes the requests that are more than a question (see request.ts): checks signatures (RFC 8945 §5.2), decodes within bounds, hands each to
// the one in charge of its kind, and signs what goes out. What it has under way is bounded, in all and for each client.
import type { Clock } from '../../lib/clock.ts';
import { AddressLimit } from '../../lib/address-limit.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import { limitLog } from '../../lib/limited-log.ts';
import type { Log } from '../../lib/log.ts';
import { unreachable } from '../../lib/result.ts';
import type { DnsClient, DnsReply, DnsResponder } from '../responder.ts';
import { signRefusal } from '../tsig/response-signer.ts';
import type { ResponseSigner } from '../tsig/response-signer.ts';
import type { TsigKeys } from '../tsig/tsig-key.ts';
import { verifyRequest } from '../tsig/verify-request.ts';
import { opcode, rcode } from '../wire/codes.ts';
import { decodeMessage, hasQueryCounts } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import type { DomainName } from '../wire/name.ts';
import { formatType } from '../wire/rr-type.ts';
import { maxMessageLength } from '../wire/writer.ts';
import { bareReply, replyTo } from './reply.ts';
import type { DnsRequest, DnsRequestHandler, DnsRequestHandlers } from './request.ts';
import { isTransfer } from './triage.ts';

export interface DeskOptions {
  readonly keys: TsigKeys;
  readonly handlers: DnsRequestHandlers;
  /** Answers the plain questions that come signed. */
  readonly questions: DnsResponder;
  readonly clock: Clock;
  readonly log: Log;
  /** The largest UDP response, octets; default 1232. */
  readonly maxUdpSize?: number;
  /**
   * Requests under way in all and of one client; default 1,024 and 256. One more is answered SERVFAIL. Those that are rightly signed are
   * counted by themselves and have the whole: who sends a thousand updates a second over a slow disk is no stranger.
   */
  readonly limits?: { readonly total: number; readonly perAddress: number };
}

/** Without EDNS (RFC 1035 §4.2.1). */
const plainUdpSize = 512;

/** Who asked, and how what he is told is signed. */
interface Caller {
  readonly client: DnsClient;
  readonly reply: DnsReply;
  readonly key: DomainName | undefined;
  readonly signer: ResponseSigner | undefined;
}

export class Desk implements DnsResponder {
  readonly #options: DeskOptions;
  readonly #limit: AddressLimit;
  readonly #signedLimit: AddressLimit;
  /** For what strangers cause. */
  readonly #log: Log;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#log = limitLog(options.log, options.clock);
    const limits = options.limits ?? { total: 1024, perAddress: 256 };
    this.#limit = new AddressLimit(limits);
    this.#signedLimit = new AddressLimit({ total: limits.total, perAddress: limits.total });
  }

  respond(query: Uint8Array, client: DnsClient, reply: DnsReply): void {
    const { keys, clock } = this.#options;
    const signature = verifyRequest(query, keys, clock.now());
    const from = formatEndpoint(client.from);
    switch (signature.kind) {
      case 'unsigned':
        return this.#take(query, { client, reply, key: undefined, signer: undefined });
      case 'verified': {
        const { key, signer, message } = signature;
        return this.#take(message, { client, reply, key: key.name, signer });
      }
      case 'malformed':
        this.#log.debug('a malformed request', { from, reason: signature.reason });
        return reply(bareReply(query, rcode.FORMERR));
      case 'refused':
        this.#log.info('the signature of a request was refused', { from, reason: signature.reason });
        return reply(
          signRefusal(bareReply(signature.message, rcode.NOTAUTH), signature.refusal, clock.now()),
        );
      default:
        return unreachable(signature);
    }
  }

  /** `bytes`: the request without its signature. */
  #take(bytes: Uint8Array, caller: Caller): void {
    const code = ((bytes[2] ?? 0) >>> 3) & 15;
    if (code === opcode.QUERY && !isTransfer(bytes)) return this.#passQuestion(bytes, caller);
    if (!hasQueryCounts(bytes)) {
      // Only an update has a use for many records, and only a signed one is ever taken: thousands of a stranger's records aren't
      // worth the milliseconds that decoding them takes.
      if (code !== opcode.UPDATE) return this.#say(caller, bareReply(bytes, rcode.FORMERR));
      if (caller.key === undefined) return this.#say(caller, bareReply(bytes, rcode.REFUSED));
    }
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) {
      const from = formatEndpoint(caller.client.from);
      this.#log.debug('a malformed request', { from, reason: decoded.fault.reason });
      return this.#say(caller, bareReply(bytes, rcode.FORMERR));
    }
    const message = decoded.value;
    const handler = this.#handlerFor(message);
    if (typeof handler === 'number')
      return this.#say(caller, encodeMessage(replyTo(message, { rcode: handler })));
    void this.#handle(message, handler, caller);
  }

  /** Who is in charge, or the code by which the request is refused. */
  #handlerFor(message: Message): DnsRequestHandler | number {
    const { handlers } = this.#options;
    // RFC 6891 §6.1.3
    if (message.edns !== undefined && message.edns.version > 0) return rcode.BADVERS;
    // RFC 5936 §2.1.2, RFC 1996 §3.7, RFC 2136 §2.3: one question, or one zone.
    const refusal = message.questions.length === 1 ? undefined : rcode.FORMERR;
    if (message.opcode === opcode.QUERY) return refusal ?? handlers.transfer ?? rcode.REFUSED;
    if (message.opcode === opcode.NOTIFY) return refusal ?? handlers.notify ?? rcode.NOTIMP;
    if (message.opcode === opcode.UPDATE) return refusal ?? handlers.update ?? rcode.NOTIMP;
    return rcode.NOTIMP;
  }

  async #handle(message: Message, handler: DnsRequestHandler, caller: Caller): Promise<void> {
    const { client, key } = caller;
    const limit = this.#limitFor(message, caller);
    const places = key === undefined ? this.#limit : this.#signedLimit;
    if (!places.enter(client.from.address)) {
      this.#say(caller, encodeMessage(replyTo(message, { rcode: rcode.SERVFAIL })));
      return;
    }
    const request: DnsRequest = { message, client, key, limit };
    try {
      const response = await handler(request);
      if (response === undefined) return;
      if (response instanceof Uint8Array) this.#say(caller, fitting(message, response, limit));
      else if (client.transport === 'udp') throw new Error('a response of several messages over UDP');
      else caller.reply(this.#signed(response, caller.signer));
    } catch (error) {
      this.#logFailure(message, error);
      this.#say(caller, encodeMessage(replyTo(message, { rcode: rcode.SERVFAIL })));
    } finally {
      places.leave(client.from.address);
    }
  }

  /** A plain question that came signed: answered as any, the answer signed. */
  #passQuestion(bytes: Uint8Array, caller: Caller): void {
    const overhead = caller.signer?.overhead ?? 0;
    const limit =
      (caller.client.transport === 'udp' ? this.#udpLimit(udpSizeOf(bytes)) : maxMessageLength) - overhead;
    const question = bytes.slice();
    this.#options.questions.respond(bytes, caller.client, (answer) => {
      if (!(answer instanceof Uint8Array)) return caller.reply(this.#signed(answer, caller.signer));
      // RFC 8945 §5.3: where the signature has no room, the question and it alone, with TC.
      this.#say(caller, answer.length <= limit ? answer : bareReply(question, rcode.NOERROR, true));
    });
  }

  #say(caller: Caller, response: Uint8Array): void {
    caller.reply(caller.signer?.sign(response, this.#options.clock.now()) ?? response);
  }

  async *#signed(
    messages: AsyncIterable<Uint8Array>,
    signer: ResponseSigner | undefined,
  ): AsyncGenerator<Uint8Array, void> {
    for await (const message of messages) {
      yield signer?.sign(message, this.#options.clock.now()) ?? message;
    }
  }

  #limitFor(message: Message, { client, signer }: Caller): number {
    const whole = client.transport === 'udp' ? this.#udpLimit(message.edns?.udpSize) : maxMessageLength;
    return whole - (signer?.overhead ?? 0);
  }

  #udpLimit(udpSize: number | undefined): number {
    const most = Math.max(plainUdpSize, this.#options.maxUdpSize ?? 1232);
    return Math.min(Math.max(udpSize ?? plainUdpSize, plainUdpSize), most);
  }

  #logFailure(message: Message, error: unknown): void {
    const [question] = message.questions;
    this.#options.log.error('a request failed', {
      what: message.opcode === opcode.UPDATE ? 'UPDATE' : formatType(question?.type ?? 0),
      zone: question?.name.toString(),
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

function fitting(message: Message, response: Uint8Array, limit: number): Uint8Array {
  return response.length <= limit ? response : encodeMessage(replyTo(message, { truncated: true }));
}

/** What the sender of a query takes by UDP, as it says by EDNS. */
function udpSizeOf(query: Uint8Array): number | undefined {
  const message = hasQueryCounts(query) ? decodeMessage(query) : undefined;
  return message?.ok === true ? message.value.edns?.udpSize : undefined;
}
