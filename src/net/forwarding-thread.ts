// A datagram worker's program that answers nothing itself: it saves the main thread the system calls, which for datagrams one by
// one cost more than all this does (bench/micro/datagram-echo.ts: 11–17 µs of CPU against 19–22).
import { forMainThread } from './datagram-worker.ts';
import { serveDatagrams } from './worker-thread.ts';

await serveDatagrams(() => ({
  answers: { patient: true, answer: () => forMainThread },
  take: () => undefined,
}));
