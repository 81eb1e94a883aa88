// What every store must do with journeys.
import assert from 'node:assert/strict';
import type { JourneyId } from '../../src/lib/journey.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { AcceptedMessage } from '../../src/mailbox/message.ts';
import { into, relay, step, start } from './store-under-test.ts';
import type { Each } from './store-under-test.ts';

export function journeyContract(each: Each): void {
  each('a journey is written with its message and read back, the newest first', async (under) => {
    const messages: AcceptedMessage[] = [];
    for (let i = 0; i < 5; i++) {
      under.clock.advance(1000);
      const message = under.message('content', relay('a', 'one.example'), relay('b', 'two.example'));
      messages.push(message);
      await under.store.accept(message);
    }
    const [first] = messages;
    assert.ok(first);
    assert.deepEqual(await under.store.readJourney(first.id), {
      id: first.id,
      receivedAt: start + 1000,
      reversePath: { localPart: 'sender', domain: 'example.net' },
      recipients: [
        { localPart: 'a', domain: 'one.example' },
        { localPart: 'b', domain: 'two.example' },
      ],
      size: 7,
      steps: first.journey,
    });
    assert.deepEqual(
      (await under.store.listJourneys(3)).map((journey) => journey.id),
      messages
        .map((message) => message.id)
        .reverse()
        .slice(0, 3),
    );
    assert.equal(await under.store.readJourney('0000000000000000' as JourneyId), undefined);
  });

  each('a journey names the recipients that the sender wrote, whatever they stood for', async (under) => {
    const alice = await under.account('alice');
    const via = { localPart: 'all', domain: 'example.com' };
    const message = under.message(
      'x',
      { ...into(alice), via },
      { ...relay('a', 'one.example'), via },
      relay('b', 'one.example'),
    );
    await under.store.accept(message);
    assert.deepEqual((await under.store.readJourney(message.id))?.recipients, [
      via,
      { localPart: 'b', domain: 'one.example' },
    ]);
  });

  each(
    'steps are added in the order in which they were settled; for an unknown message they are dropped',
    async (under) => {
      const message = { ...under.message('x', relay('a', 'one.example')), journey: [] };
      await under.store.accept(message);
      for (let i = 1; i <= 12; i++) {
        const unknown = '0000000000000000' as JourneyId;
        const steps = [step('S5', i)];
        await under.store.settle(
          [],
          [
            { message: message.id, steps },
            { message: unknown, steps },
          ],
          [],
        );
      }
      const journey = await under.store.readJourney(message.id);
      assert.deepEqual(
        journey?.steps.map(({ at }) => at),
        Array.from({ length: 12 }, (_, i) => i + 1),
      );
      assert.equal((await under.store.listJourneys(10)).length, 1);
    },
  );

  each('no two messages have one journey', async (under) => {
    const alice = await under.account('alice');
    const message = under.message('x', into(alice));
    await under.store.accept(message);
    await assert.rejects(under.store.accept(message), StoreFault);
    assert.equal((await under.entriesOf(alice)).length, 1);
  });
}
