// Servers that don't know EDNS (RFC 6891), as their answers show.
import { rcode } from '../wire/codes.ts';
import type { Message } from '../wire/message.ts';

/** RFC 6891 §7: FORMERR (or NOTIMP, as older servers say) without an OPT record is a server that doesn't know EDNS; BADVERS, one that knows another version. */
export function rejectsEdns(message: Message): boolean {
  if (message.rcode === rcode.BADVERS) return true;
  return message.edns === undefined && (message.rcode === rcode.FORMERR || message.rcode === rcode.NOTIMP);
}
