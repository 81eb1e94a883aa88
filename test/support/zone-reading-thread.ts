// A thread that answers the same questions over and over from zones that another thread changes, and notes answers that no version of a zone
// can have given. See src/dns/zone/shared-zones.test.ts, whose zones hold the serial in each record.
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WorkerAnswers } from '../../src/dns/authority/hot-answers.ts';
import type { WorkerAnswersStart } from '../../src/dns/authority/hot-answers.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import type { ZoneShareChange } from '../../src/dns/zone/zone-share.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

export interface ReadingThreadStart {
  readonly start: WorkerAnswersStart;
  readonly port: MessagePort;
  readonly queries: readonly Uint8Array[];
  /** Word 0: stop; word 1: the serial published last; word 2: answers given. */
  readonly control: SharedArrayBuffer;
}

const { start, port, queries, control } = workerData as ReadingThreadStart;
const words = new Int32Array(control);
const takeMessages = (): void => {
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received === undefined) return;
    answers.take(received.message as ZoneShareChange);
  }
};
const answers = new WorkerAnswers(start, systemClock, systemRandom, takeMessages);
const out = new Uint8Array(65_536);
const address = Uint8Array.of(192, 0, 2, 1);
const wrong: string[] = [];

/** The serial that each record of the answer holds: the TTL of all is the serial. */
function serialsOf(length: number): readonly number[] {
  const message = decodeMessage(out.slice(0, length));
  if (!message.ok) return [Number.NaN];
  const { answers, authorities, additionals } = message.value;
  return [...answers, ...authorities, ...additionals].map(({ ttl }) => ttl);
}

for (let count = 0; Atomics.load(words, 0) === 0; count++) {
  const query = queries[count % queries.length];
  if (query === undefined) break;
  const least = Atomics.load(words, 1);
  const length = answers.answer(query, 0, query.length, out, 0, 1232, address, 0, 4);
  const most = Atomics.load(words, 1);
  Atomics.store(words, 2, count + 1);
  const serials = serialsOf(length);
  const [first = Number.NaN] = serials;
  const isOne = serials.every((serial) => serial === first);
  // Published at least when the question came; at most one change further than was noted when the answer was made.
  if (!isOne || !(first >= least && first <= most + 1)) {
    wrong.push(`${serials.join(' ')} while ${least} to ${most} were published`);
    if (wrong.length > 5) break;
  }
  if (count % 64 === 0) takeMessages();
}
port.postMessage(wrong);
