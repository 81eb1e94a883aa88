// A client that sends signed dynamic updates (RFC 2136) at a steady rate, each adding an address of a name of its own, and asks
// for each name from its acknowledgement on until it is there.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { signRequest } from '../../src/dns/tsig/tsig-client.ts';
import type { TsigKey } from '../../src/dns/tsig/tsig-key.ts';
import { opcode, rrClass } from '../../src/dns/wire/codes.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';

export interface UpdateLoad {
  readonly port: number;
  readonly zone: string;
  readonly key: TsigKey;
  readonly count: number;
  /** The number of the first; default 0. */
  readonly from?: number;
  readonly perSecond: number;
}

export interface UpdateReport {
  /** Answered with NOERROR. */
  readonly acknowledged: number;
  /** How often each other rcode came. */
  readonly refused: ReadonlyMap<number, number>;
  /** Updates a second that were sent: fewer than asked for where the machine is too slow. */
  readonly perSecond: number;
  /** Milliseconds from sending each update until an answer had its record, in ascending order. */
  readonly visibleAfter: Float64Array;
}

/** How long the last answers are waited for. */
const lingerMs = 5000;
const askAgainMs = 2;

/** The name that the update with this number adds, with the address 10.x.y.z of the same number. */
export function updatedName(zone: string, number: number): string {
  return `update${number}.${zone}`;
}

/** Signs them all, and sends them by {@link sendSigned}. */
export function sendUpdates(load: UpdateLoad): Promise<UpdateReport> {
  return sendSigned(load, signUpdates(load));
}

/**
 * For `sendSigned`, within the 300 seconds that a signature is good for (RFC 8945 §10): a client that is busy signing meanwhile reads
 * its answers late, and measures itself.
 */
export function signUpdates(load: UpdateLoad): readonly Uint8Array[] {
  const origin = domainName(load.zone);
  const { from = 0 } = load;
  return Array.from({ length: load.count }, (_, i) => {
    const update = updateMessage(from + i, origin, load.zone);
    return signRequest(update, load.key, Date.now()).bytes;
  });
}

export async function sendSigned(load: UpdateLoad, signed: readonly Uint8Array[]): Promise<UpdateReport> {
  using updates = await openSocket(load.port);
  using questions = await openSocket(load.port);
  const sentAt = new Float64Array((load.from ?? 0) + load.count);
  const seen: number[] = [];
  const refused = new Map<number, number>();
  let acknowledged = 0;
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const settle = (): void => {
    if (seen.length + sum(refused) === load.count) finish();
  };
  // Ids go around, and far fewer are under way than there are.
  const numbers = new Uint32Array(0x10000);
  const ask = (number: number): void => {
    numbers[number & 0xffff] = number;
    questions.socket.send(question(number & 0xffff, domainName(updatedName(load.zone, number))));
  };
  updates.socket.on('message', (answer: Buffer) => {
    const number = numbers[answer.readUInt16BE(0)] ?? 0;
    const rcode = answer.readUInt8(3) & 15;
    if (rcode === 0) {
      acknowledged += 1;
      ask(number);
      return;
    }
    refused.set(rcode, (refused.get(rcode) ?? 0) + 1);
    settle();
  });
  questions.socket.on('message', (answer: Buffer) => {
    const number = numbers[answer.readUInt16BE(0)] ?? 0;
    if (answer.readUInt16BE(6) === 0) {
      setTimeout(() => ask(number), askAgainMs).unref();
      return;
    }
    seen.push(performance.now() - (sentAt[number] ?? 0));
    settle();
  });

  const { from = 0 } = load;
  const start = performance.now();
  for (const [index, bytes] of signed.entries()) {
    const due = (index / load.perSecond) * 1000;
    while (performance.now() - start < due) await wait(1);
    const number = from + index;
    numbers[number & 0xffff] = number;
    sentAt[number] = performance.now();
    updates.socket.send(bytes);
  }
  const sending = (performance.now() - start) / 1000;
  await Promise.race([done, wait(lingerMs, undefined, { ref: false })]);
  return {
    acknowledged,
    refused,
    perSecond: load.count / sending,
    visibleAfter: Float64Array.from(seen).sort(),
  };
}

async function openSocket(port: number): Promise<{ readonly socket: Socket } & Disposable> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setRecvBufferSize(4 * 2 ** 20);
  return { socket, [Symbol.dispose]: () => void socket.close() };
}

const plain: Omit<Message, 'id' | 'opcode' | 'questions' | 'authorities'> = {
  response: false,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  answers: [],
  additionals: [],
  edns: undefined,
};

function question(id: number, name: DomainName): Uint8Array {
  const asked = { name, type: rrType.A, class: rrClass.IN };
  return encodeMessage({ ...plain, id, opcode: opcode.QUERY, questions: [asked], authorities: [] });
}

/** RFC 2136 §2: the zone stands where questions do, the update where authorities do. */
function updateMessage(number: number, origin: DomainName, zone: string): Uint8Array {
  const added = {
    owner: domainName(updatedName(zone, number)),
    type: rrType.A,
    class: rrClass.IN,
    ttl: 60,
    rdata: Uint8Array.of(10, number >> 16, number >> 8, number),
  };
  return encodeMessage({
    ...plain,
    id: number & 0xffff,
    opcode: opcode.UPDATE,
    questions: [{ name: origin, type: rrType.SOA, class: rrClass.IN }],
    authorities: [added],
  });
}

function sum(counts: ReadonlyMap<number, number>): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
}
