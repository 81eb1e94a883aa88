// Keeps in the cache of answers what a datagram thread has answered by (plain-asker.ts): it has looked at all of the reply already.
import { decodeMessage, headerLength } from '../wire/message-decoder.ts';
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { AnswerCache, KeptAnswer } from './answer-cache.ts';
import type { Sought } from './engine.ts';
import type { Heard } from './heard-ring.ts';
import { readReply } from './read-reply.ts';

/** `ttl` of what was heard is in force since its question was asked. */
export function takePlainReply(
  answers: AnswerCache,
  { name, type }: Sought,
  { reply, ttl, asked, zoneLength }: Pick<Heard, 'reply' | 'ttl' | 'asked' | 'zoneLength'>,
): void {
  const questionEnd = headerLength + name.wire.length + 4;
  const count = ((reply[6] ?? 0) << 8) | (reply[7] ?? 0);
  // Data without names stand in the reply as they are kept.
  if (count > 0 && (type === rrType.A || type === rrType.AAAA || type === rrType.TXT)) {
    answers.putPlain(name, type, { reply, at: questionEnd, count }, ttl, asked);
    return;
  }
  const plain = reply.slice();
  // As it was before its letters were in random case: names point there.
  plain.set(name.wire, headerLength);
  const message = decodeMessage(plain);
  if (!message.ok) return;
  const zone = DomainName.unchecked(name.wire.subarray(name.wire.length - zoneLength));
  const reading = readReply(message.value, { zone, name, type, wholeChain: false });
  if (reading.kind !== 'answer' || reading.links.length > 0 || reading.end.kind === 'elsewhere') return;
  const { end } = reading;
  const security = 'insecure';
  const answer: KeptAnswer =
    end.kind === 'records'
      ? { ...end, rrset: { ...end.rrset, ttl }, security }
      : { kind: end.kind, authorities: end.authorities, security };
  answers.put(name, type, answer, ttl, end.rank);
}
