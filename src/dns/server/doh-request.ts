// Finds the DNS query in an HTTP request (RFC 8484 §4.1): GET with the query in the path's `dns`, POST with the query as body. Takes the body piece
// by piece, and no more of it than a query can have.
import { concatBytes } from '../../lib/bytes.ts';
import { headerLength } from '../wire/message-decoder.ts';

export const dohPath = '/dns-query';
/** RFC 8484 §6 */
export const dnsMessageType = 'application/dns-message';
/** A question with the longest name and the largest options that make sense has less than a thousand octets. */
export const mostQueryOctets = 4096;

export interface DohHead {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
}

export type DohVerdict =
  | { readonly kind: 'query'; readonly query: Uint8Array }
  /** A browser asks whether a script of another site may ask (CORS). */
  | { readonly kind: 'preflight' }
  /** `text` is a sentence for whoever made the request. */
  | { readonly kind: 'refused'; readonly status: 400 | 404 | 405 | 413 | 414 | 415; readonly text: string };

export class DohRequestDecoder {
  #verdict: DohVerdict | undefined;
  #body: Uint8Array[] = [];
  #octets = 0;

  constructor(head: DohHead) {
    this.#verdict = readHead(head);
  }

  /** `undefined`: the body is wanted. */
  get verdict(): DohVerdict | undefined {
    return this.#verdict;
  }

  /** Takes a piece of the body; the same value as `verdict` then. `bytes` is kept until the end. */
  push(bytes: Uint8Array): DohVerdict | undefined {
    if (this.#verdict !== undefined) return this.#verdict;
    this.#octets += bytes.length;
    if (this.#octets > mostQueryOctets) {
      this.#body = [];
      this.#verdict = tooLong;
    } else this.#body.push(bytes);
    return this.#verdict;
  }

  /** The body is whole. */
  end(): DohVerdict {
    this.#verdict ??= readQuery(concatBytes(this.#body));
    this.#body = [];
    return this.#verdict;
  }
}

function refused(
  status: Extract<DohVerdict, { readonly kind: 'refused' }>['status'],
  text: string,
): DohVerdict {
  return { kind: 'refused', status, text };
}

const tooLong = refused(413, `A query has at most ${mostQueryOctets} octets here.`);

function readHead({ method, target, contentType, contentLength }: DohHead): DohVerdict | undefined {
  const mark = target.indexOf('?');
  if ((mark < 0 ? target : target.slice(0, mark)) !== dohPath)
    return refused(404, `DNS queries are answered at ${dohPath}, and nothing else is here.`);
  switch (method) {
    case 'GET':
      return mark < 0 ? noParameter : readParameter(target.slice(mark + 1));
    case 'POST':
      if (mediaTypeOf(contentType ?? '') !== dnsMessageType)
        return refused(415, `The content type of a query is ${dnsMessageType}.`);
      return Number(contentLength ?? 0) > mostQueryOctets ? tooLong : undefined;
    case 'OPTIONS':
      return { kind: 'preflight' };
    default:
      return refused(405, 'A query is asked by GET or POST.');
  }
}

const noParameter = refused(400, "The path's query has no 'dns': it is the DNS query in base64url.");

/** RFC 8484 §4.1.1: the variable `dns` of a URI Template; other variables are none of ours. */
function readParameter(query: string): DohVerdict {
  const values = query.split('&').filter((pair) => pair.startsWith('dns='));
  const [pair] = values;
  if (pair === undefined) return noParameter;
  if (values.length > 1) return refused(400, "The path's query has more than one 'dns'.");
  const text = pair.slice('dns='.length);
  if (text.length > Math.ceil((mostQueryOctets * 4) / 3))
    return refused(414, `A query has at most ${mostQueryOctets} octets here.`);
  // RFC 8484 §6: base64url without padding. A single digit over makes no octet.
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1)
    return refused(400, "'dns' is not base64url without padding (RFC 4648 §5).");
  return readQuery(Buffer.from(text, 'base64url'));
}

/** What the responder would be silent about is refused here: in HTTP there is always an answer. */
function readQuery(query: Uint8Array): DohVerdict {
  if (query.length < headerLength)
    return refused(400, `A DNS query has at least the ${headerLength} octets of its header.`);
  // RFC 1035 §4.1.1: QR.
  if (((query[2] ?? 0) & 0x80) !== 0) return refused(400, 'This DNS message is a response, not a query.');
  return { kind: 'query', query };
}

/** Without parameters (RFC 9110 §8.3.1). */
function mediaTypeOf(value: string): string {
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}
