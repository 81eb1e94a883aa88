// The responses that the desk and its handlers give: header and question repeated, EDNS where the request had it.
import { extendedErrorOption } from '../wire/edns-option.ts';
import type { ExtendedError } from '../wire/edns-option.ts';
import { headerLength } from '../wire/message-decoder.ts';
import type { Message } from '../wire/message.ts';
import { WireReader } from '../wire/reader.ts';

export interface ReplyParts extends Partial<
  Pick<Message, 'rcode' | 'authoritative' | 'truncated' | 'answers' | 'authorities' | 'additionals'>
> {
  /** Tells people more than the response code does (RFC 8914); only to who speaks EDNS. */
  readonly extendedError?: ExtendedError;
}

/** The largest UDP message that we take ourselves. */
const ownUdpSize = 1232;

/** A response to `request`, empty and NOERROR where `parts` doesn't say otherwise. */
export function replyTo(request: Message, { extendedError, ...parts }: ReplyParts = {}): Message {
  const options = extendedError === undefined ? [] : [extendedErrorOption(extendedError)];
  return {
    id: request.id,
    response: true,
    opcode: request.opcode,
    authoritative: false,
    truncated: false,
    recursionDesired: request.recursionDesired,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: request.questions,
    answers: [],
    authorities: [],
    additionals: [],
    // RFC 6891 §6.1.1: an OPT record answers one.
    edns:
      request.edns === undefined
        ? undefined
        : { udpSize: ownUdpSize, version: 0, dnssecOk: request.edns.dnssecOk, options },
    ...parts,
  };
}

/**
 * An empty response made of the request's octets alone, for requests that aren't worth decoding or can't be: id, opcode, RD and the
 * one question where it can be read. `request` has a whole header.
 */
export function bareReply(request: Uint8Array, rcode: number, truncated = false): Uint8Array {
  const questionEnd = endOfQuestion(request);
  const reply = request.slice(0, questionEnd);
  reply[2] = 0x80 | ((request[2] ?? 0) & 0x79) | (truncated ? 2 : 0);
  reply[3] = rcode & 15;
  reply.fill(0, 4, headerLength);
  reply[5] = questionEnd > headerLength ? 1 : 0;
  return reply;
}

function endOfQuestion(request: Uint8Array): number {
  if (request[4] !== 0 || request[5] !== 1) return headerLength;
  const reader = new WireReader(request, headerLength);
  reader.skipName();
  reader.skip(4);
  return reader.fault === undefined ? reader.at : headerLength;
}
