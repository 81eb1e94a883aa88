// What an answer from the resolver's packets costs without the system's share: `node bench/micro/resolver-packets.ts`.
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import { PacketAnswers } from '../../src/dns/resolver/packet-answers.ts';
import { PacketCache } from '../../src/dns/resolver/packet-cache.ts';
import { AddressBlocks } from '../../src/lib/address-blocks.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

const names = 5000;
const rounds = 400;

const protocol = new AnswerProtocol({ udpSize: 1232 }, systemClock, systemRandom);
const packets = PacketCache.make(16 << 20, systemRandom, () => performance.now());
const access = new AddressBlocks(['127.0.0.0/8', '::1']);
const answers = new PacketAnswers({ memory: packets.memory, protocol, access, now: () => 2000 });
/** An A record of an hour. */
const record = Uint8Array.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 192, 0, 2, 1);
const queries = Array.from({ length: names }, (_, i) => {
  const label = new TextEncoder().encode(`h${i}`);
  const name = [label.length, ...label, ...new TextEncoder().encode('\u0005bench\u0004test\u0000')];
  return Uint8Array.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1]);
});
for (const query of queries) {
  const body = Uint8Array.from([...query.with(2, 0x81).with(3, 0x80).with(7, 1), ...record]);
  const flags = { authentic: false, dnssecOk: false, checkingDisabled: false };
  packets.keep({ body, questionEnd: query.length, error: new Uint8Array(0), ...flags }, 3600, 0);
}
const client = Uint8Array.of(127, 0, 0, 1);
const out = new Uint8Array(2048);
for (const isWarm of [false, true]) {
  let answered = 0;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    for (const query of queries) {
      protocol.from('udp', client, 0, 4);
      if (answers.answer(query, 0, query.length, out, 0, 1232) > 0) answered += 1;
    }
  }
  const { user } = process.cpuUsage(before);
  if (isWarm)
    console.log(
      `${(user / (rounds * names)).toFixed(3)} µs a query, ${answered} of ${rounds * names} answered`,
    );
}
