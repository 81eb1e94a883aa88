// A thread that answers the same questions over and over from zones that another thread changes, and notes answers that no version of a zone
// can have given. See src/dns/zone/shared-zones.test.ts, whose zones hold the serial in each record.
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import { Authority } from '../../src/dns/authority/authority.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { SharedZones } from '../../src/dns/zone/shared-zones.ts';
import type { ZoneShare, ZoneShareChange } from '../../src/dns/zone/zone-share.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

export interface ReadingThreadStart {
  readonly share: ZoneShare;
  readonly port: MessagePort;
  readonly queries: readonly Uint8Array[];
  /** Word 0: stop; word 1: the serial published last; word 2: answers given. */
  readonly control: SharedArrayBuffer;
}

const { share, port, queries, control } = workerData as ReadingThreadStart;
const words = new Int32Array(control);
const takeMessages = (): void => {
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received === undefined) return;
    zones.take(received.message as ZoneShareChange);
  }
};
const zones = new SharedZones(share, takeMessages);
const protocol = new AnswerProtocol({ udpSize: 1232 }, systemClock, systemRandom);
const authority = new Authority(zones, { protocol, minimalResponses: true });
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
  protocol.from('udp', address, 0, 4);
  const length = authority.answerHere(query, 0, query.length, out, 0, 1232);
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
