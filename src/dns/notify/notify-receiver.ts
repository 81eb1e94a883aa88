// Takes NOTIFY (RFC 1996 §3.8 to §3.11): a server says that a zone has changed, which is believed of those alone that we have the zone
// from, or who are allowed to say so, and no more than that the zone is worth a look.
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Log } from '../../lib/log.ts';
import type { AccessRules } from '../desk/access.ts';
import { replyTo } from '../desk/reply.ts';
import type { DnsRequest, DnsRequestHandler } from '../desk/request.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { DomainName } from '../wire/name.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { soa as soaType } from '../wire/rdata/soa.ts';
import { rrType } from '../wire/rr-type.ts';

/** What a secondary knows of a zone of its own. */
export interface NotifiedZone {
  readonly origin: DomainName;
  /** Addresses of its primaries. */
  readonly primaries: readonly string[];
  /** Who else may say that it has changed. */
  readonly notifyFrom: AccessRules | undefined;
}

export interface NotifyReceiverOptions {
  /** The zone of exactly that name, if we are a secondary of it. */
  readonly zone: (origin: DomainName) => NotifiedZone | undefined;
  /** `serial`: what the sender says that it has, where it says so. Called at most once for each NOTIFY; bounding is for the callee. */
  readonly notified: (origin: DomainName, serial: number | undefined, from: Endpoint) => void;
  readonly log: Log;
}

/** For `DnsRequestHandlers.notify`. */
export function notifyHandler({ zone, notified, log }: NotifyReceiverOptions): DnsRequestHandler {
  return (request) => {
    const { message, client } = request;
    const [question] = message.questions;
    const verdict = (code: number): Promise<Uint8Array> =>
      Promise.resolve(
        // RFC 1996 §4.7: the answer is as the question, with QR.
        encodeMessage(replyTo(message, { rcode: code, authoritative: code === rcode.NOERROR })),
      );
    if (question === undefined) return verdict(rcode.FORMERR);
    const known = question.class === rrClass.IN ? zone(question.name) : undefined;
    const fields = { zone: question.name.toString(), from: formatEndpoint(client.from) };
    if (known === undefined) {
      log.debug('a NOTIFY for a zone that we are no secondary of', fields);
      return verdict(rcode.NOTAUTH);
    }
    // RFC 1996 §3.3 leaves room for other types; nobody has found a use for them.
    if (question.type !== rrType.SOA) return verdict(rcode.NOTIMP);
    if (!isBelieved(known, request)) {
      // RFC 1996 §3.10 has the sender's message ignored, and told to the operator.
      log.info('a NOTIFY from who is no primary of the zone', fields);
      return verdict(rcode.REFUSED);
    }
    notified(known.origin, serialIn(request), client.from);
    return verdict(rcode.NOERROR);
  };
}

function isBelieved({ primaries, notifyFrom }: NotifiedZone, request: DnsRequest): boolean {
  return primaries.includes(request.client.from.address) || notifyFrom?.allow(request) === true;
}

/** RFC 1996 §3.7: the new SOA may stand in the answer section. */
function serialIn({ message }: DnsRequest): number | undefined {
  const [question] = message.questions;
  const record = message.answers.find(
    ({ type, owner }) => type === rrType.SOA && question !== undefined && owner.equals(question.name),
  );
  return record === undefined ? undefined : readRdata(soaType, record.rdata)?.serial;
}
