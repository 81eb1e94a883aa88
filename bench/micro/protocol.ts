// CPU of what EDNS options and limits add to an answer: an OPT record alone, a cookie to be made, one to be checked, and counting the answer.
// Run: node bench/micro/protocol.ts
import { AnswerProtocol } from '../../src/dns/protocol/answer-protocol.ts';
import type { ProtocolSettings } from '../../src/dns/protocol/answer-protocol.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

const rounds = 9;
const queries = 200_000;
const address = Uint8Array.of(192, 0, 2, 1);
const out = new Uint8Array(1232);

function option(cookie: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 10, 0, cookie.length, ...cookie);
}

/** Microseconds of CPU a query: the median of the rounds. */
function measure(settings: Partial<ProtocolSettings>, options: Uint8Array): number {
  const protocol = new AnswerProtocol({ udpSize: 1232, ...settings }, systemClock, systemRandom);
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < queries; i++) {
      // A batch is of 64 datagrams at most.
      if ((i & 63) === 0) protocol.tick();
      protocol.from('udp', address, 0, 4);
      protocol.readOptions(options, 0, options.length);
      protocol.writeOpt(out, 0, 100, 1232, 0, false);
      if (protocol.limited) protocol.verdict(0, i);
    }
    const { user, system } = process.cpuUsage(before);
    figures.push((user + system) / queries);
  }
  return figures.sort((a, b) => a - b)[rounds >> 1] ?? 0;
}

const secrets = { cookieSecrets: [new Uint8Array(16).fill(1)] };
const clientCookie = new Uint8Array(8).fill(2);
const protocol = new AnswerProtocol({ udpSize: 1232, ...secrets }, systemClock, systemRandom);
protocol.from('udp', address, 0, 4);
const asked = option(clientCookie);
protocol.readOptions(asked, 0, asked.length);
const end = protocol.writeOpt(out, 0, 0, 1232, 0, false);
const whole = out.slice(15, end);

const none = new Uint8Array(0);
for (const [what, settings, options] of [
  ['no option', {}, none],
  ['a new cookie', secrets, asked],
  ['a known cookie', secrets, option(whole)],
  ['a limit', { rateLimit: { perSecond: 1000, slip: 2, exempt: [] } }, none],
] as const) {
  console.log(`${what}: ${measure(settings, options).toFixed(3)} µs`);
}
