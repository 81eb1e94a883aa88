// One NOTIFY and its answer (RFC 1996 §3): by UDP, by TCP where UDP brings none, over TLS alone where the secondary is told so.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { askByUdp, questionFor } from '../transfer/in/ask-soa.ts';
import { usualPatience } from '../transfer/in/primary.ts';
import type { Primary, PrimaryMeans } from '../transfer/in/primary.ts';
import { PrimaryStream } from '../transfer/in/primary-stream.ts';
import { formatRcode, opcode, rcode } from '../wire/codes.ts';
import type { Message } from '../wire/message.ts';
import { recordsOf } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneView } from '../zone/zone-view.ts';

/** '' where the secondary took it, else the response code by which it doesn't; the fault says why there was no answer. */
export async function sayNotify(
  view: ZoneView,
  target: Primary,
  means: PrimaryMeans,
  signal: AbortSignal,
): Promise<Result<string>> {
  const notify: Message = {
    ...questionFor(view.origin, rrType.SOA, means.random.below(0x1_0000)),
    opcode: opcode.NOTIFY,
    authoritative: true,
    // RFC 1996 §3.7: a hint, which lets a secondary that has that serial already keep still.
    answers: recordsOf(view.soa),
  };
  if (target.tls === undefined) {
    const answer = await askByUdp(notify, target, means, signal, usualPatience);
    if (answer?.ok === true) return ok(verdictOf(answer.value));
  }
  const stream = await PrimaryStream.open(target, means, signal, usualPatience);
  if (!stream.ok) return fault(stream.fault.reason);
  using open = stream.value;
  const asked = await open.ask(notify);
  if (!asked.ok) return fault(asked.fault.reason);
  const answer = await asked.value.next();
  if (!answer.ok) return fault(answer.fault.reason);
  const { id, response, opcode: code } = answer.value;
  if (id !== notify.id || !response || code !== opcode.NOTIFY) return fault('an answer to something else');
  return ok(verdictOf(answer.value));
}

function verdictOf(answer: Message): string {
  return answer.rcode === rcode.NOERROR ? '' : formatRcode(answer.rcode);
}
