// Primaries for the secondary's scenarios: servers with zones in several versions, that can be silent, refuse, cut transfers or hold another
// key, under a clock that is moved by hand. What they are asked is written down.
import { frameMessage, DnsFrameDecoder } from '../../src/dns/wire/frame-decoder.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { formatType, rrType } from '../../src/dns/wire/rr-type.ts';
import { readRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { soa } from '../../src/dns/wire/rdata/soa.ts';
import type { TsigKey } from '../../src/dns/tsig/tsig-key.ts';
import { TsigKeys } from '../../src/dns/tsig/tsig-key.ts';
import { verifyRequest } from '../../src/dns/tsig/verify-request.ts';
import { signRefusal } from '../../src/dns/tsig/response-signer.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { ConnectionFault } from '../../src/lib/transport.ts';
import type { Connection, DatagramFlow, Network } from '../../src/lib/transport.ts';

/** What a primary does to a question or to its answer. Names are those of the scenario files. */
export const primaryBehaviours = {
  silent: 'never answers, and takes no connections',
  unreachable: 'the system says that nobody listens there',
  'no udp': 'answers by TCP alone',
  truncates: 'every answer by UDP is cut short',
  refuses: 'REFUSED',
  'no ixfr': 'NOTIMP for IXFR',
  'no steps': 'the whole zone for IXFR',
  'wrong steps': 'IXFR removes a record that was never there',
  cuts: 'closes the connection in the midst of a transfer',
  'stops sending': 'falls silent in the midst of a transfer',
  'foreign records': 'puts a record of another zone into transfers',
  unsigned: 'leaves the signatures out',
} as const;
export type PrimaryBehaviour = keyof typeof primaryBehaviours;

/** A version of a zone: its SOA first. */
type Version = readonly ResourceRecord[];

interface Server {
  readonly zones: Map<string, Version[]>;
  does: ReadonlySet<PrimaryBehaviour>;
  key: TsigKey | undefined;
}

export class SimulatedPrimaries implements Network {
  readonly #clock: Clock;
  readonly #servers = new Map<string, Server>();
  /** `192.0.2.1 SOA`, `192.0.2.1 AXFR by tcp`. */
  asked: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(address: string, does: Iterable<PrimaryBehaviour>, key: TsigKey | undefined): void {
    const zones = this.#servers.get(address)?.zones ?? new Map<string, Version[]>();
    this.#servers.set(address, { zones, does: new Set(does), key });
  }

  /** The newest version from now on. */
  publish(address: string, zone: string, version: Version): void {
    const server = this.#servers.get(address);
    if (server === undefined) throw new Error(`no primary ${address} was put up`);
    server.zones.set(zone, [...(server.zones.get(zone) ?? []), version]);
  }

  openFlow(
    to: Endpoint,
    onDatagram: (bytes: Uint8Array) => void,
    onError: (error: Error) => void,
  ): DatagramFlow {
    let open = true;
    return {
      send: (bytes) => {
        this.#clock.after(20, () => {
          const server = this.#servers.get(to.address);
          if (!open) return;
          if (server === undefined || server.does.has('unreachable'))
            onError(new Error('nobody listens there'));
          else if (!server.does.has('silent') && !server.does.has('no udp'))
            for (const answer of this.#answers(to, server, bytes, 'udp'))
              if (answer !== 'cut') onDatagram(answer);
        });
      },
      [Symbol.dispose]: () => {
        open = false;
      },
    };
  }

  connect(
    to: Endpoint,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<Connection> {
    const server = this.#servers.get(to.address);
    return new Promise((resolve, reject) => {
      if (server === undefined || server.does.has('unreachable'))
        this.#clock.after(20, () => reject(new ConnectionFault('refused', 'nobody listens there')));
      else if (server.does.has('silent'))
        this.#clock.after(options.timeoutMs, () =>
          reject(new ConnectionFault('timeout', 'no connection in time')),
        );
      else
        this.#clock.after(20, () =>
          resolve(
            new SimulatedConnection(this.#clock, to, (bytes) => this.#answers(to, server, bytes, 'tcp')),
          ),
        );
    });
  }

  *#answers(
    to: Endpoint,
    server: Server,
    bytes: Uint8Array,
    transport: 'udp' | 'tcp',
  ): Generator<Uint8Array | 'cut'> {
    const keys = new TsigKeys(server.key === undefined ? [] : [server.key]);
    const signature = verifyRequest(bytes, keys, this.#clock.now());
    const plain = signature.kind === 'verified' || signature.kind === 'refused' ? signature.message : bytes;
    const decoded = decodeMessage(plain);
    if (!decoded.ok) throw new Error(`the secondary sent what is no message: ${decoded.fault.reason}`);
    const query = decoded.value;
    const type = query.questions[0]?.type ?? 0;
    this.asked.push(
      `${to.address} ${formatType(type)}${transport === 'tcp' && type === rrType.SOA ? ' by tcp' : ''}`,
    );
    if (signature.kind === 'refused') {
      yield signRefusal(encodeMessage(answerTo(query, [], 9)), signature.refusal, this.#clock.now());
      return;
    }
    const signer =
      signature.kind === 'verified' && !server.does.has('unsigned') ? signature.signer : undefined;
    for (const answer of responses(server, query, transport, signature.kind === 'verified')) {
      if (answer === 'cut') {
        yield answer;
        return;
      }
      const encoded = encodeMessage(answer);
      yield signer === undefined ? encoded : signer.sign(encoded, this.#clock.now());
    }
  }
}

function* responses(
  server: Server,
  query: Message,
  transport: 'udp' | 'tcp',
  signed: boolean,
): Generator<Message | 'cut'> {
  const { does } = server;
  const [question] = query.questions;
  const versions = server.zones.get(question?.name.toString() ?? '') ?? [];
  const newest = versions.at(-1);
  if (does.has('refuses') || newest === undefined || (server.key !== undefined && !signed)) {
    yield answerTo(query, [], 5);
    return;
  }
  const [first] = newest;
  if (first === undefined) return;
  if (question?.type === rrType.SOA) {
    const cut = transport === 'udp' && does.has('truncates');
    yield { ...answerTo(query, cut ? [] : [first], 0), truncated: cut };
    return;
  }
  if (question?.type === rrType.IXFR && does.has('no ixfr')) {
    yield answerTo(query, [], 4);
    return;
  }
  const all =
    question?.type === rrType.IXFR && !does.has('no steps')
      ? stepsTo(versions, query, does)
      : [...newest, first];
  const sent = does.has('foreign records') ? [first, foreign(first), ...all.slice(1)] : all;
  // Two messages, so that there is a midst.
  const half = Math.ceil(sent.length / 2);
  yield answerTo(query, sent.slice(0, half), 0);
  if (does.has('cuts')) yield 'cut';
  else if (!does.has('stops sending') && half < sent.length) yield answerTo(query, sent.slice(half), 0);
}

function stepsTo(
  versions: readonly Version[],
  query: Message,
  does: ReadonlySet<PrimaryBehaviour>,
): readonly ResourceRecord[] {
  const since = serialOf(query.authorities[0]);
  const from = versions.findIndex((version) => serialOf(version[0]) === since);
  const newest = versions.at(-1) ?? [];
  const [last] = newest;
  if (last === undefined) return [];
  if (serialOf(last) === since) return [last];
  // RFC 1995 §4: without the steps, the whole zone.
  if (from < 0) return [...newest, last];
  const steps: ResourceRecord[] = [last];
  for (let at = from; at + 1 < versions.length; at++) {
    const [before = [], after = []] = [versions[at], versions[at + 1]];
    const [oldSoa, newSoa] = [before[0], after[0]];
    if (oldSoa === undefined || newSoa === undefined) continue;
    const has = (version: Version, record: ResourceRecord): boolean =>
      version.some((each) => same(each, record));
    const gone = does.has('wrong steps')
      ? [{ ...newSoa, type: rrType.TXT, rdata: Uint8Array.of(1, 120) }]
      : [];
    steps.push(oldSoa, ...gone, ...before.slice(1).filter((record) => !has(after, record)));
    steps.push(newSoa, ...after.slice(1).filter((record) => !has(before, record)));
  }
  return [...steps, last];
}

function same(a: ResourceRecord, b: ResourceRecord): boolean {
  return (
    a.type === b.type && a.owner.equals(b.owner) && a.ttl === b.ttl && a.rdata.toHex() === b.rdata.toHex()
  );
}

function foreign(soaRecord: ResourceRecord): ResourceRecord {
  const parent = soaRecord.owner.parent() ?? soaRecord.owner;
  return { ...soaRecord, owner: parent, type: rrType.TXT, rdata: Uint8Array.of(1, 120) };
}

export function serialOf(record: ResourceRecord | undefined): number | undefined {
  return record === undefined ? undefined : readRdata(soa, record.rdata)?.serial;
}

function answerTo(query: Message, answers: readonly ResourceRecord[], rcode: number): Message {
  return {
    ...query,
    response: true,
    authoritative: rcode === 0,
    rcode,
    answers,
    authorities: [],
    additionals: [],
  };
}

/** A connection whose other end is a simulated primary. */
class SimulatedConnection implements Connection {
  readonly local: Endpoint = { address: '192.0.2.100', port: 40_000 };
  readonly remote: Endpoint;
  readonly tls = undefined;
  readonly #clock: Clock;
  readonly #answers: (bytes: Uint8Array) => Iterable<Uint8Array | 'cut'>;
  readonly #frames = new DnsFrameDecoder();
  readonly #incoming: (Uint8Array | undefined)[] = [];
  #waiting:
    { resolve(bytes: Uint8Array | undefined): void; reject(fault: ConnectionFault): void } | undefined;
  #closed = false;

  constructor(clock: Clock, remote: Endpoint, answers: (bytes: Uint8Array) => Iterable<Uint8Array | 'cut'>) {
    this.#clock = clock;
    this.remote = remote;
    this.#answers = answers;
  }

  read(idleMs: number): Promise<Uint8Array | undefined> {
    if (this.#closed) return Promise.reject(new ConnectionFault('aborted', 'closed on our side'));
    if (this.#incoming.length > 0) return Promise.resolve(this.#incoming.shift());
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(idleMs, () => {
        this.#waiting = undefined;
        reject(new ConnectionFault('timeout', 'nothing came in time'));
      });
      this.#waiting = {
        resolve: (bytes) => {
          timer.cancel();
          resolve(bytes);
        },
        reject: (fault) => {
          timer.cancel();
          reject(fault);
        },
      };
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    for (const message of this.#frames.push(bytes).messages) {
      let delay = 0;
      for (const answer of this.#answers(message.slice())) {
        delay += 20;
        this.#clock.after(delay, () => this.#give(answer === 'cut' ? undefined : frameMessage(answer)));
      }
    }
    return Promise.resolve();
  }

  startTls(): Promise<never> {
    return Promise.reject(new Error('not here'));
  }

  end(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(new ConnectionFault('aborted', 'closed on our side'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  #give(bytes: Uint8Array | undefined): void {
    if (this.#closed) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#incoming.push(bytes);
    else waiting.resolve(bytes);
  }
}
