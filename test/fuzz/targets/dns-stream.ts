// DNS on a stream: frames are found alike however the octets are split, and a served connection ends, answers each query at most once,
// and keeps nothing of a message that is whole.
import assert from 'node:assert/strict';
import { concatBytes } from '../../../src/lib/bytes.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import type { Random } from '../../../src/lib/random.ts';
import { DnsFrameDecoder, frameMessage } from '../../../src/dns/wire/frame-decoder.ts';
import { dnsStreamHandler } from '../../../src/dns/server/stream.ts';
import type { Connection } from '../../../src/lib/transport.ts';
import { authorityOf, queryFor } from '../../support/dns-authority.ts';
import type { FuzzTarget } from '../target.ts';

const authority = authorityOf({ 'example.': '$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n' });
/** What gets no answer (a response, an empty header) is given up at once; the end of idle connections never comes. */
const hasty: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (ms, action) => {
    let cancelled = ms === Number.POSITIVE_INFINITY;
    queueMicrotask(() => (cancelled ? undefined : action()));
    return { cancel: () => void (cancelled = true) };
  },
};
const handler = dnsStreamHandler(authority, { clock: hasty, idleMs: Number.POSITIVE_INFINITY });

export const target: FuzzTarget = {
  name: 'dns-stream',
  seeds: [
    frameMessage(queryFor('example. SOA')),
    concatBytes([
      frameMessage(queryFor('ns.example. A')),
      frameMessage(queryFor('no.example. A', { edns: {} })),
    ]),
    concatBytes([frameMessage(queryFor('ns.example. AAAA')), Uint8Array.of(0, 0), Uint8Array.of(0, 5, 1)]),
    concatBytes([frameMessage(new Uint8Array(300)), frameMessage(new Uint8Array(1))]),
  ],
  testSteps: 1500,
  async run(input, random) {
    const chunks = pieces(input, random);
    const whole = decode([input]);
    assert.deepEqual(decode(chunks), whole);
    const answers = decode([await serve(chunks)]);
    assert.equal(answers.fault, undefined);
    assert.equal(answers.pending, 0);
    assert.ok(answers.messages.length <= whole.messages.length);
  },
};

function pieces(input: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + 1 + random.below(40);
    chunks.push(input.slice(at, end));
    at = end;
  }
  return chunks;
}

function decode(chunks: readonly Uint8Array[]): {
  readonly messages: readonly string[];
  readonly fault: string | undefined;
  readonly pending: number;
} {
  const decoder = new DnsFrameDecoder();
  const messages: string[] = [];
  for (const chunk of chunks) {
    const step = decoder.push(chunk);
    messages.push(...step.messages.map((message) => message.toHex()));
    if (step.fault !== undefined) return { messages, fault: step.fault, pending: 0 };
  }
  return { messages, fault: undefined, pending: decoder.pending };
}

/** What the client of a connection that sends `chunks` and then ends gets. */
async function serve(chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  const left = [...chunks];
  const written: Uint8Array[] = [];
  const connection: Connection = {
    local: { address: '192.0.2.1', port: 53 },
    remote: { address: '192.0.2.2', port: 40_000 },
    tls: undefined,
    read: () => Promise.resolve(left.shift()),
    write: (bytes) => {
      written.push(bytes);
      return Promise.resolve();
    },
    startTls: () => Promise.reject(new Error('not here')),
    end: () => Promise.resolve(),
    destroy: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await handler(connection, new AbortController().signal);
  return concatBytes(written);
}
