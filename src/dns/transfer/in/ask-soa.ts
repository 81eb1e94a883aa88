// Asks a primary which serial it has (RFC 1034 §4.3.5): by UDP, by TCP where UDP brings no good answer, and over TLS alone where the
// primary is asked so (RFC 9103 §6.3: the question would tell in clear what the transfer hides).
import type { Timer } from '../../../lib/clock.ts';
import { fault, ok } from '../../../lib/result.ts';
import type { Result } from '../../../lib/result.ts';
import type { DatagramFlow } from '../../../lib/transport.ts';
import { signRequest, TsigResponseVerifier } from '../../tsig/tsig-client.ts';
import { formatRcode, opcode, rcode, rrClass } from '../../wire/codes.ts';
import { encodeMessage } from '../../wire/message-encoder.ts';
import type { Message } from '../../wire/message.ts';
import type { DomainName } from '../../wire/name.ts';
import { rrType } from '../../wire/rr-type.ts';
import { usualPatience } from './primary.ts';
import type { Primary, PrimaryFault, PrimaryMeans, PrimaryPatience } from './primary.ts';
import { openAnswer, PrimaryStream } from './primary-stream.ts';
import { serialOf } from './transfer-decoder.ts';

/** A question to a primary; `authorities` holds our SOA in that of an IXFR (RFC 1995 §3). */
export function questionFor(
  origin: DomainName,
  type: number,
  id: number,
  authorities: Message['authorities'] = [],
): Message {
  return {
    id,
    response: false,
    opcode: opcode.QUERY,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: rcode.NOERROR,
    questions: [{ name: origin, type, class: rrClass.IN }],
    answers: [],
    authorities,
    additionals: [],
    edns: undefined,
  };
}

/** The serial that the primary has. Where the answer is another than a SOA record given with authority, the fault says so. */
export async function askSerial(
  origin: DomainName,
  primary: Primary,
  means: PrimaryMeans,
  signal: AbortSignal,
  patience: PrimaryPatience = usualPatience,
): Promise<Result<number, PrimaryFault>> {
  const question = questionFor(origin, rrType.SOA, means.random.below(0x1_0000));
  if (primary.tls === undefined) {
    const answer = await askByUdp(question, primary, means, signal, patience);
    if (signal.aborted) return fault({ kind: 'gone', reason: 'given up' });
    const serial = answer === undefined ? undefined : read(answer, origin);
    // Silence may be a firewall's that lets no UDP pass, and Knot DNS answers for a catalog by TCP alone: so whatever was wrong with
    // UDP, TCP has its try.
    if (serial?.ok === true) return serial;
  }
  const stream = await PrimaryStream.open(primary, means, signal, patience);
  if (!stream.ok) return stream;
  using open = stream.value;
  return await askSerialOn(open, question, origin);
}

/** The same on a connection that is there. */
export async function askSerialOn(
  stream: PrimaryStream,
  question: Message,
  origin: DomainName,
): Promise<Result<number, PrimaryFault>> {
  const asked = await stream.ask(question);
  if (!asked.ok) return asked;
  const answer = await asked.value.next();
  if (answer.ok && answer.value.id !== question.id)
    return fault({ kind: 'wrong', reason: 'an answer to something else' });
  return read(answer, origin);
}

function read(answer: Result<Message, PrimaryFault>, origin: DomainName): Result<number, PrimaryFault> {
  if (!answer.ok) return answer;
  const { value: message } = answer;
  if (message.rcode !== rcode.NOERROR)
    return fault({ kind: 'wrong', reason: `the primary answers ${formatRcode(message.rcode)}` });
  if (!message.authoritative)
    return fault({ kind: 'wrong', reason: 'the primary does not answer with authority' });
  const [record] = message.answers.filter((each) => each.owner.equals(origin) && each.type === rrType.SOA);
  const serial = record === undefined ? undefined : serialOf(record);
  return serial === undefined
    ? fault({ kind: 'wrong', reason: 'the answer has no SOA record of the zone' })
    : ok(serial);
}

/** Sends the question, again where nothing comes back; `undefined` where nothing came at all. */
export function askByUdp(
  question: Message,
  primary: Primary,
  means: PrimaryMeans,
  signal: AbortSignal,
  patience: PrimaryPatience,
): Promise<Result<Message, PrimaryFault> | undefined> {
  const { clock, network } = means;
  const { key } = primary;
  const plain = encodeMessage(question);
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    let flow: DatagramFlow | undefined;
    let over = false;
    let wrong: PrimaryFault | undefined;
    /** Of each try, as its answer's signature depends on it. */
    const macs: Uint8Array[] = [];
    const settle = (outcome: Result<Message, PrimaryFault> | undefined): void => {
      if (over) return;
      over = true;
      timer?.cancel();
      flow?.[Symbol.dispose]();
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => settle(undefined);
    const hear = (bytes: Uint8Array): void => {
      const verifiers =
        key === undefined ? [undefined] : macs.map((mac) => new TsigResponseVerifier(key, mac));
      for (const verifier of verifiers) {
        const answer = openAnswer(bytes, verifier, clock.now());
        if (answer.ok && answersTo(answer.value, question)) {
          settle(answer);
          return;
        }
        // Anybody may send datagrams in the primary's name, so what is wrong with one is only told where no good one comes.
        if (!answer.ok) wrong = answer.fault;
      }
    };
    const attempt = (tries: readonly number[]): void => {
      const [patienceMs, ...more] = tries;
      if (patienceMs === undefined) {
        settle(wrong === undefined ? undefined : fault(wrong));
        return;
      }
      const signed = key === undefined ? undefined : signRequest(plain, key, clock.now());
      if (signed !== undefined) macs.push(signed.mac);
      flow?.send(signed?.bytes ?? plain);
      timer = clock.after(patienceMs, () => attempt(more));
    };
    if (signal.aborted) {
      settle(undefined);
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    flow = network.openFlow(primary.endpoint, hear, () => settle(undefined));
    attempt(patience.udpMs);
  });
}

function answersTo(message: Message, question: Message): boolean {
  const [asked, mine] = [message.questions[0], question.questions[0]];
  return (
    message.response &&
    message.id === question.id &&
    message.opcode === question.opcode &&
    asked !== undefined &&
    mine !== undefined &&
    asked.name.equals(mine.name) &&
    asked.type === mine.type &&
    asked.class === mine.class
  );
}
