// A replay's upstream: servers that answer by script, at once, and say nothing where the script has nothing to say.
import assert from 'node:assert/strict';
import type {
  Upstream,
  UpstreamEvent,
  UpstreamRequest,
  UpstreamTransport,
} from '../../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../../src/dns/wire/message.ts';
import { formatType } from '../../../src/dns/wire/rr-type.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { isFor, replyOf } from './replay-messages.ts';
import type { ReplayEntry, ReplayRange } from './replay-script.ts';

interface Unanswered {
  readonly query: Message;
  readonly transport: UpstreamTransport;
  readonly heard: (event: UpstreamEvent) => void;
}

export class ScriptedServers implements Upstream {
  readonly #clock: Clock;
  readonly #ranges: readonly ReplayRange[];
  readonly #unanswered = new Set<Unanswered>();
  /** The step being played, which decides who is there. */
  step = 0;
  /** What was asked of whom, and whether the script answered, for people. */
  readonly asked: string[] = [];

  constructor(clock: Clock, ranges: readonly ReplayRange[]) {
    this.#clock = clock;
    this.#ranges = ranges;
  }

  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void {
    const decoded = decodeMessage(request.bytes);
    assert.ok(decoded.ok);
    const query = decoded.value;
    const { transport } = request;
    const entry = this.#entryFor(request.to.address, query, transport);
    const [question] = query.questions;
    this.asked.push(
      `step ${this.step}: ${request.to.address} ${transport} ${question?.name.lowerCase().toString()} ${formatType(question?.type ?? 0)}${entry === undefined ? ', no answer' : ''}`,
    );
    if (entry !== undefined) {
      const timer = this.#clock.after(0, () => tell(entry, query, heard));
      return () => timer.cancel();
    }
    const waiting = { query, transport, heard };
    this.#unanswered.add(waiting);
    return () => void this.#unanswered.delete(waiting);
  }

  /** A server answers late: the entry is the reply to the first question it fits. */
  answerLate(entry: ReplayEntry): void {
    const waiting = [...this.#unanswered].find(({ query, transport }) => isFor(entry, query, transport));
    assert.ok(waiting, 'no question waits for this reply');
    tell(entry, waiting.query, waiting.heard);
  }

  #entryFor(address: string, query: Message, transport: UpstreamTransport): ReplayEntry | undefined {
    return this.#ranges
      .filter(
        ({ from, to, addresses }) => from <= this.step && this.step <= to && addresses.includes(address),
      )
      .flatMap(({ entries }) => entries)
      .find((each) => isFor(each, query, transport));
  }
}

function tell(entry: ReplayEntry, query: Message, heard: (event: UpstreamEvent) => void): void {
  heard({ kind: 'message', bytes: encodeMessage(replyOf(entry, query)) });
}
