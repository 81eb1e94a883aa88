// A DNS client on one TCP connection, for tests: many requests at once, their answers found by id, and zone transfers.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { response } from './dns-messages.ts';

export class DnsStreamClient implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (message: Uint8Array | undefined) => void>();
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      for (const resolve of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
    });
  }

  static async connect({ address, port }: Endpoint): Promise<DnsStreamClient> {
    const socket = connect({ host: address, port, noDelay: true });
    await once(socket, 'connect');
    return new DnsStreamClient(socket);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  /** An id that no request under way has. */
  newId(): number {
    for (;;) {
      const id = this.#nextId;
      this.#nextId = id === 0xffff ? 1 : id + 1;
      if (!this.#waiting.has(id)) return id;
    }
  }

  /** The next message with the request's id; `undefined` where the connection ends before it comes. */
  ask(request: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.set(((request[0] ?? 0) << 8) | (request[1] ?? 0), resolve);
      this.#send(request);
    });
  }

  /** All records of an AXFR, or of an IXFR from that serial's SOA, in their order; throws where it is refused or breaks off. */
  async transfer(zone: DomainName, from?: ResourceRecord): Promise<readonly ResourceRecord[]> {
    const id = this.newId();
    const type = from === undefined ? rrType.AXFR : rrType.IXFR;
    const request = encodeMessage({
      ...response({ id, authoritative: false }),
      response: false,
      questions: [{ name: zone, type, class: 1 }],
      authorities: from === undefined ? [] : [from],
    });
    const records: ResourceRecord[] = [];
    let next: Promise<Uint8Array | undefined> = this.ask(request);
    for (;;) {
      const message = readMessage(await next);
      if (message.rcode !== 0) throw new Error(`the transfer was refused: ${message.rcode}`);
      records.push(...message.answers);
      if (isWhole(records)) return records;
      next = new Promise((resolve) => {
        this.#waiting.set(id, resolve);
        this.#deliver();
      });
    }
  }

  #send(message: Uint8Array): void {
    const framed = new Uint8Array(message.length + 2);
    framed.set([message.length >>> 8, message.length & 0xff]);
    framed.set(message, 2);
    this.#socket.write(framed);
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#deliver();
  }

  /** Whole messages go to who waits for them; one that nobody waits for yet stays. */
  #deliver(): void {
    while (this.#received.length >= 4) {
      const end = 2 + this.#received.readUInt16BE(0);
      if (this.#received.length < end) return;
      const id = this.#received.readUInt16BE(2);
      const resolve = this.#waiting.get(id);
      if (resolve === undefined) return;
      this.#waiting.delete(id);
      const message = Uint8Array.from(this.#received.subarray(2, end));
      this.#received = this.#received.subarray(end);
      resolve(message);
    }
  }
}

function readMessage(bytes: Uint8Array | undefined): Message {
  if (bytes === undefined) throw new Error('the connection ended');
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.fault.reason);
  return message.value;
}

/**
 * Whether these are all (RFC 5936 §2.2, RFC 1995 §4): a SOA alone, or the first SOA again at the end. The first SOA of an IXFR stands
 * before its last step, too; what then follows isn't looked for, so steps end where additions of the last one do.
 */
function isWhole(records: readonly ResourceRecord[]): boolean {
  const [first, second] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) return false;
  if (records.length === 1) return true;
  if (last.type !== rrType.SOA || !isSame(first, last)) return false;
  // In steps the newest SOA comes thrice: first, before the last additions, and at the end.
  const count = records.filter((record) => record.type === rrType.SOA && isSame(record, first)).length;
  return second?.type === rrType.SOA ? count === 3 : count === 2;
}

function isSame(a: ResourceRecord, b: ResourceRecord): boolean {
  return Buffer.compare(a.rdata, b.rdata) === 0;
}
