// The program of the authority's datagram threads.
import { systemClock } from '../../lib/clock.ts';
import { collectGarbage } from '../../lib/garbage.ts';
import { systemRandom } from '../../lib/random.ts';
import { serveDatagrams } from '../../net/worker-thread.ts';
import { Authority } from '../authority/authority.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { SharedZones } from '../zone/shared-zones.ts';
import type { ZoneShareChange } from '../zone/zone-share.ts';
import { AuthorityThread } from './authority-thread.ts';
import type { AuthorityThreadStart } from './authority-thread.ts';
import { SharedGarbage } from './shared-garbage.ts';

await serveDatagrams((start, takeMessages) => {
  const { share, settings, minimalResponses } = start as AuthorityThreadStart;
  const zones = new SharedZones(share, takeMessages);
  const protocol = new AnswerProtocol(settings, systemClock, systemRandom);
  const authority = new Authority(zones, { protocol, minimalResponses });
  return {
    answers: new AuthorityThread(authority, protocol, new SharedGarbage(zones, collectGarbage)),
    take: (message) => zones.take(message as ZoneShareChange),
  };
});
