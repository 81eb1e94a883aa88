// A datagram worker's program for tests: what it does with a datagram, the datagram's first letter says.
import { forMainThread, noReply } from '../../src/net/datagram-worker.ts';
import { serveDatagrams } from '../../src/net/worker-thread.ts';

let told = 0;

await serveDatagrams((start) => {
  // Every datagram is sent back as a DNS response.
  if (start === 'echo') return { answers: { answer: echo }, take: () => undefined };
  if (start === 'forward')
    return { answers: { patient: true, answer: () => forMainThread }, take: () => undefined };
  if (typeof start !== 'number') throw new Error(`started with ${String(start)}`);
  told = start;
  return {
    answers: {
      answer(bytes, at, length, replyAt) {
        switch (String.fromCharCode(bytes[at] ?? 0)) {
          case 'e':
            bytes.copyWithin(replyAt, at, at + length);
            return length;
          case 'm':
            return forMainThread;
          case 't':
            bytes[replyAt] = 0x30 + told;
            return 1;
          case 'x':
            throw new Error('told to throw');
          case 'k':
            return process.exit(1);
          default:
            return noReply;
        }
      },
    },
    take: (message) => (told = Number(message)),
  };
});

function echo(bytes: Uint8Array, at: number, length: number, replyAt: number): number {
  bytes.copyWithin(replyAt, at, at + length);
  bytes[replyAt + 2] = (bytes[at + 2] ?? 0) | 0x80;
  return length;
}
