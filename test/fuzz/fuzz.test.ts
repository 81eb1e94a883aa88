// A fixed share of every fuzz target in each test run; `npm run fuzz` does the rest.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runCampaign } from './campaign.ts';
import { findTargets } from './find-targets.ts';
import { maxInputLength } from './mutate.ts';
import type { FuzzTarget } from './target.ts';
import { startWatchdog } from './watchdog.ts';

const targets = await findTargets();

suite('fuzz targets hold', () => {
  for (const target of targets) {
    test(target.name, async () => {
      using watchdog = startWatchdog(target.name, maxInputLength);
      const onStep = (step: number, input: Uint8Array): void => watchdog.step(step, input);
      const count = target.testSteps ?? 2000;
      const { failure } = await runCampaign(target, { seed: 1, first: 0, count, onStep });
      assert.equal(
        failure && `step ${failure.step}: ${failure.reason}\ninput ${failure.input.toHex()}`,
        undefined,
      );
    });
  }
});

suite('the fuzzer notices', () => {
  const failing = (run: FuzzTarget['run']): FuzzTarget => ({
    name: 'failing',
    seeds: [Uint8Array.of(1, 2, 3)],
    run,
  });
  const kept: Uint8Array[] = [];
  const cases: readonly (readonly [string, FuzzTarget['run'], RegExp])[] = [
    ['a throw', (input) => assert.notEqual(input[0], 7), /Expected "actual" to be strictly unequal/],
    ['a rejection', (input) => (input[0] === 7 ? Promise.reject(new Error('no')) : Promise.resolve()), /no/],
    ['a leak', () => void kept.push(new Uint8Array(20_000)), /stayed behind/],
    ['a hang', (input) => (input[0] === 7 ? block(60) : undefined), /took \d+ ms/],
  ];
  for (const [name, run, reason] of cases) {
    test(name, async () => {
      const { failure } = await runCampaign(failing(run), {
        seed: 1,
        first: 0,
        count: 2000,
        maxStepTime: 50,
      });
      assert.match(failure?.reason ?? 'nothing', reason);
      kept.length = 0;
    });
  }

  test('and the same seed and step make the same input again', async () => {
    const target = failing((input) => assert.notEqual(input[0], 7));
    const { failure } = await runCampaign(target, { seed: 1, first: 0, count: 2000 });
    assert.ok(failure !== undefined);
    const again = await runCampaign(target, { seed: 1, first: failure.step, count: 1 });
    assert.deepEqual(again.failure?.input, failure.input);
  });
});

function block(milliseconds: number): void {
  const start = process.threadCpuUsage();
  while (process.threadCpuUsage(start).user < milliseconds * 1000);
}
