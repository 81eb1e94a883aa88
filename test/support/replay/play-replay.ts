// Plays a published resolver scenario: clients ask our resolver, scripted servers answer it, and a scripted clock moves.
import assert from 'node:assert/strict';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../../src/dns/wire/message.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { unreachable } from '../../../src/lib/result.ts';
import { expectReply, messageOf } from './replay-messages.ts';
import { replayResolver, timeOf } from './replay-resolver.ts';
import { readReplay } from './replay-script.ts';
import type { CheckStep, ReplayEntry } from './replay-script.ts';
import { ScriptedServers } from './scripted-servers.ts';

/** Throws where a client is told something else than the scenario says. */
export function playReplay(text: string, seed: number): void {
  const replay = readReplay(text);
  const clock = new VirtualClock(timeOf(replay));
  const servers = new ScriptedServers(clock, replay.ranges);
  const front = replayResolver(replay, { upstream: servers, clock, seed });
  const replies: Message[] = [];
  for (const [index, step] of replay.steps.entries()) {
    servers.step = step.number;
    switch (step.kind) {
      case 'time':
        clock.advance(step.seconds * 1000);
        break;
      case 'query':
        ask(step.entry, replay.steps[index + 1]?.kind === 'check');
        break;
      case 'reply':
        servers.answerLate(step.entry);
        settle();
        break;
      case 'check':
        check(step);
        break;
      default:
        unreachable(step);
    }
  }

  function ask(entry: ReplayEntry, isAwaited: boolean): void {
    const transport = entry.match.includes('TCP') ? 'tcp' : 'udp';
    const client = { from: { address: '127.0.0.1', port: 9 }, transport } as const;
    front.renew();
    settle();
    front.respond(encodeMessage(messageOf(entry, 77)), client, (bytes) => {
      assert.ok(bytes instanceof Uint8Array);
      const decoded = decodeMessage(bytes);
      assert.ok(decoded.ok);
      replies.push(decoded.value);
    });
    settle();
    // A server that the script doesn't know is silent: its timeout must pass before the next one is asked.
    if (!isAwaited) return;
    clock.run(() => front.pending === 0);
    settle();
  }

  /** All that can happen without time passing, what goes on behind an answer included. */
  function settle(): void {
    for (let next = clock.nextTimer(); next !== undefined && next <= clock.now(); next = clock.nextTimer())
      clock.advance(0);
  }

  function check(step: CheckStep): void {
    const where = `step ${step.number} (line ${step.line}) of '${replay.title}', after\n  ${servers.asked.join('\n  ')}\n`;
    const got = replies.shift();
    assert.ok(got, `no reply at ${where}`);
    expectReply(step.entry, got, where);
  }
}
