// What decoding costs for each 10 KiB of content: `node bench/smtp-decode.ts`. Figures for src/smtp/wire/data-decoder.ts.
import { systemClock } from '../src/lib/clock.ts';
import { ContentCollector } from '../src/smtp/server/content-collector.ts';
import { ContentMemory, contentMemoryLimits } from '../src/smtp/server/content-memory.ts';
import { DataDecoder } from '../src/smtp/wire/data-decoder.ts';

const size = 10_240;
const rounds = 20_000;

/** Content of `size` octets in lines of `width`, and its end. */
function content(width: number, octet: number): Uint8Array {
  const line = Buffer.concat([Buffer.alloc(width, octet), Buffer.from('\r\n')]);
  const lines = Math.ceil(size / line.length);
  return Buffer.concat([...Array<Buffer>(lines).fill(line), Buffer.from('.\r\n')]);
}

const memory = new ContentMemory(systemClock, contentMemoryLimits(size));

function decode(bytes: Uint8Array): void {
  using collector = new ContentCollector(memory, 1_000_000);
  if (new DataDecoder(collector).push(bytes) !== bytes.length) throw new Error('the end was not found');
}

for (const [name, bytes] of [
  ['lines of 72', content(72, 0x78)],
  ['lines of 990', content(990, 0x78)],
  ['8-bit lines of 72', content(72, 0xe4)],
  ['empty lines', content(0, 0)],
  ['lines of one dot', content(2, 0x2e)],
] as const) {
  for (let i = 0; i < rounds / 4; i++) decode(bytes);
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) decode(bytes);
  const { user, system } = process.cpuUsage(before);
  console.log(`${name.padEnd(20)} ${((user + system) / rounds).toFixed(1).padStart(6)} µs of CPU`);
}
