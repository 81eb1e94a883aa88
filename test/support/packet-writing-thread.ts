// A thread for tests that writes answers into the packets in shared memory and asks for them, as fast as it can, while others do the same. Each octet of an
// answer's data says whose it is (`numberedAnswer`), so that a part of another's is found.
import { parentPort, workerData } from 'node:worker_threads';
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import { notKept, PacketAnswers } from '../../src/dns/resolver/packet-answers.ts';
import { PacketCache } from '../../src/dns/resolver/packet-cache.ts';
import { PacketMemory } from '../../src/dns/resolver/packet-memory.ts';
import { AddressBlocks } from '../../src/lib/address-blocks.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom, systemRandom } from '../../src/lib/random.ts';
import { faultInAnswer, numberedAnswer, numberedQuestion } from './numbered-packets.ts';

export interface PacketWriting {
  readonly packets: SharedArrayBuffer;
  readonly seed: number;
  /** Questions. */
  readonly count: number;
  /** One word: not 0 when it is to end. */
  readonly stop: SharedArrayBuffer;
}

export interface PacketsWritten {
  readonly kept: number;
  readonly answered: number;
  readonly torn: string;
}

const { packets, seed, count, stop } = workerData as PacketWriting;
const stopping = new Int32Array(stop);
const random = seededRandom(seed);
const memory = new PacketMemory(packets);
const now = (): number => systemClock.monotonic();
const cache = new PacketCache(memory, now);
const protocol = new AnswerProtocol({ udpSize: 1232 }, systemClock, systemRandom);
const access = new AddressBlocks(['0.0.0.0/0']);
const answers = new PacketAnswers({ memory, protocol, access, now });
const out = new Uint8Array(4096);
let [kept, answered, torn] = [0, 0, ''];
parentPort?.postMessage('running', []);
while (Atomics.load(stopping, 0) === 0 && torn === '') {
  answers.tick();
  for (let step = 0; step < 50 && torn === ''; step++) {
    if (cache.keep(numberedAnswer(random.below(count), random), 100, now())) kept += 1;
    const number = random.below(count);
    const query = numberedQuestion(number);
    protocol.from('udp', Uint8Array.of(127, 0, 0, 1), 0, 4);
    const length = answers.answer(query, 0, query.length, out, 0, 1232);
    if (length === notKept) continue;
    answered += 1;
    torn = faultInAnswer(number, out.subarray(0, length));
  }
}
parentPort?.postMessage({ kept, answered, torn } satisfies PacketsWritten, []);
