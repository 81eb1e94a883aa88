// Dynamic updates (RFC 2136): the handler that the desk gives them to. Each is one change of the keeper, so it is durable before NOERROR is said,
// and one step of IXFR. A secondary doesn't forward updates (§6 is an option): whoever sends them must ask the primary.
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Log } from '../../lib/log.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { replyTo } from '../desk/reply.ts';
import type { DnsRequest, DnsRequestHandler } from '../desk/request.ts';
import { formatRcode, rcode, rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { DomainName } from '../wire/name.ts';
import { formatType, rrType } from '../wire/rr-type.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { UnfitZone, ZoneKeeper } from '../zone/zone-keeper.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { DraftZone } from './draft-zone.ts';
import { checkPrerequisites, scanPrerequisites } from './prerequisites.ts';
import type { UpdatePermit, UpdatePolicy } from './update-policy.ts';
import { carryOut, changeOf, firstForbidden, scanUpdates } from './update-section.ts';
import type { ScanFault } from './update-section.ts';

export interface UpdateOptions {
  readonly keeper: ZoneKeeper;
  /** What may be changed in a zone; `undefined`: it takes no updates. */
  readonly policyOf: (origin: DomainName) => UpdatePolicy | undefined;
  readonly log: Log;
}

/** Why an update isn't carried out: the response code, and a sentence for the log and for whoever speaks EDNS. */
interface Refusal {
  readonly kind: 'refused';
  readonly code: number;
  readonly reason: string;
}

export function updateHandler(options: UpdateOptions): DnsRequestHandler {
  return async (request) => {
    const { message } = request;
    const outcome = await update(request, options);
    if (outcome === undefined) return encodeMessage(replyTo(message));
    const { code, reason } = outcome;
    options.log.info('an update was refused', {
      from: formatEndpoint(request.client.from),
      key: request.key?.toString(),
      zone: message.questions[0]?.name.toString(),
      code: formatRcode(code),
      reason,
    });
    const prohibited = code === rcode.REFUSED;
    return encodeMessage(
      replyTo(message, {
        rcode: code,
        extendedError: { code: prohibited ? extendedError.PROHIBITED : extendedError.OTHER, text: reason },
      }),
    );
  };
}

async function update(request: DnsRequest, options: UpdateOptions): Promise<Refusal | undefined> {
  const { message, client, key } = request;
  const { keeper } = options;
  const [zone, ...others] = message.questions;
  // RFC 2136 §3.1.1
  if (zone === undefined || others.length > 0 || zone.type !== rrType.SOA)
    return refusal(rcode.FORMERR, 'the zone section must name one zone, with type SOA');
  const origin = keeper.enclosing(zone.name);
  // RFC 2136 §3.1.2
  if (origin === undefined || !origin.equals(zone.name) || zone.class !== rrClass.IN)
    return refusal(rcode.NOTAUTH, `${zone.name.toString()} is not a zone of this server`);
  const policy = options.policyOf(origin);
  if (policy === undefined) return refusal(rcode.REFUSED, 'the zone takes no updates here');
  // Before anything is said about the zone: prerequisites would tell strangers what is in it (RFC 2136 §3.3).
  const permit = policy.permitFor({ client, key });
  if (permit === undefined) {
    const who = key === undefined ? 'the update is not signed' : 'no rule lets this key update the zone';
    return refusal(rcode.REFUSED, who);
  }
  const scanned = scanPrerequisites(origin, message.answers);
  if (!scanned.ok) return refusal(scanned.fault, 'a prerequisite is not one');
  const found = scanUpdates(origin, message.authorities);
  const changed = await keeper.change<Refusal>(origin, (newest) => make(newest, request, permit, found));
  if (changed.ok) return undefined;
  return changed.fault.kind === 'refused' ? changed.fault : unfit(changed.fault, keeper.view(origin));
}

function make(
  newest: ZoneView,
  { message }: DnsRequest,
  permit: UpdatePermit,
  scanned: Result<undefined, ScanFault>,
): Result<ZoneChange | undefined, Refusal> {
  const draft = new DraftZone(newest);
  const met = checkPrerequisites(draft, message.answers);
  if (!met.ok) return fault(refusal(met.fault, 'a prerequisite is not met'));
  // RFC 2136 §3.4.1: the section is looked at once the prerequisites are met.
  if (!scanned.ok) return fault(refusal(scanned.fault.code, scanned.fault.reason));
  const forbidden = firstForbidden(draft, message.authorities, permit);
  if (forbidden !== undefined) {
    const what = `${forbidden.owner.toString()} ${formatType(forbidden.type)}`;
    return fault(refusal(rcode.REFUSED, `no rule lets this key change ${what}`));
  }
  carryOut(draft, message.authorities);
  return ok(changeOf(newest, draft));
}

/** RFC 2136 has no code for what would be no zone, a DNAME above other names, say. */
function unfit({ reasons }: UnfitZone, view: ZoneView | undefined): Refusal {
  return refusal(view === undefined ? rcode.SERVFAIL : rcode.REFUSED, reasons.join('; '));
}

function refusal(code: number, reason: string): Refusal {
  return { kind: 'refused', code, reason };
}
