// A thread for tests that asks the packets in shared memory for all questions in turn, as fast as it can, and looks whether each answer is
// whole: every octet of an answer's data is the same, and the name's number says which it may be.
import { parentPort, workerData } from 'node:worker_threads';
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import { notKept, PacketAnswers } from '../../src/dns/resolver/packet-answers.ts';
import { PacketMemory } from '../../src/dns/resolver/packet-memory.ts';
import { AddressBlocks } from '../../src/lib/address-blocks.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

export interface PacketReading {
  readonly packets: SharedArrayBuffer;
  readonly queries: readonly Uint8Array[];
  /** One word: not 0 when it is to end. */
  readonly stop: SharedArrayBuffer;
}

const { packets, queries, stop } = workerData as PacketReading;
const stopping = new Int32Array(stop);
const protocol = new AnswerProtocol({ udpSize: 1232 }, systemClock, systemRandom);
const answers = new PacketAnswers({
  memory: new PacketMemory(packets),
  protocol,
  access: new AddressBlocks(['0.0.0.0/0']),
  now: () => 1,
});
const out = new Uint8Array(4096);
let answered = 0;
let torn = '';
parentPort?.postMessage('running', []);
while (Atomics.load(stopping, 0) === 0 && torn === '') {
  for (const query of queries) {
    protocol.from('udp', Uint8Array.of(127, 0, 0, 1), 0, 4);
    const length = answers.answer(query, 0, query.length, out, 0, 1232);
    if (length === notKept) continue;
    answered += 1;
    const data = out.subarray(query.length + 12, length);
    if (data.length === 0 || data.some((octet) => octet !== data[0])) torn = out.subarray(0, length).toHex();
  }
}
parentPort?.postMessage({ answered, torn }, []);
