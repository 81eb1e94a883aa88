// The program of the resolver's datagram threads.
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { serveDatagrams } from '../../net/worker-thread.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { ResolverThread } from './resolver-thread.ts';
import type { ResolverThreadStart } from './resolver-thread.ts';

await serveDatagrams((started) => {
  const start = started as ResolverThreadStart;
  const protocol = new AnswerProtocol(start.settings, systemClock, systemRandom);
  return { answers: new ResolverThread(start, protocol, systemRandom), take: () => undefined };
});
