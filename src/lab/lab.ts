// The lab: a mail travels from Alice to Bob through an internet in a box, and both of DESIGN's journeys are shown as they happen.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToLatin1 } from '../lib/bytes.ts';
import { systemClock } from '../lib/clock.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { newJourneyId } from '../lib/journey.ts';
import type { Log } from '../lib/log.ts';
import { systemRandom } from '../lib/random.ts';
import { createNetwork } from '../net/network.ts';
import { openBox } from './box.ts';
import type { LabBox } from './box.ts';
import { JourneyWatch } from './journey-watch.ts';
import { writeLetter } from './letter.ts';
import { labHost } from './ports.ts';
import { retrieveNewest } from './pop3-retrieval.ts';
import type { LabReport } from './report.ts';
import { submit } from './submission.ts';
import { tellParties, tellWhatToTry } from './tour.ts';
import { alice, bob } from './world.ts';
import type { LabListener } from './world.ts';

const retrieved = 'Bob retrieves it by POP3 over TLS, byte for byte as Alice wrote it.';

/** How long the mail may take until the lab says that it got lost. */
const patienceMs = 15_000;

export interface LabOptions {
  readonly report: LabReport;
  readonly log: Log;
  /** Ends the lab after the retrieval. */
  readonly once: boolean;
  /** Aborted by the person at the keyboard. */
  readonly signal: AbortSignal;
}

/** Runs the lab. True when every step went well. */
export async function runLab(options: LabOptions): Promise<boolean> {
  const { report } = options;
  const folder = await mkdtemp(join(tmpdir(), 'signpost-lab-'));
  const watch = new JourneyWatch(report);
  await using box = await openBox({
    folder,
    log: options.log,
    onStep: (party, id, step) => watch.take(party, id, step),
  });
  tellParties(report, box);
  const good = await sendLetter(box, watch, report);
  if (options.once || !good || options.signal.aborted) return good;
  tellWhatToTry(report, box, watch.mailId);
  watch.showEverything();
  await aborted(options.signal);
  return true;
}

async function sendLetter(box: LabBox, watch: JourneyWatch, report: LabReport): Promise<boolean> {
  const network = createNetwork();
  const now = systemClock.now();
  const letter = writeLetter(now, newJourneyId(now, systemRandom));
  report.say(`\nA mail: ${alice.address} → ${bob.address}\n`);
  try {
    await submit(network, door(box, 'mail-example-com', 'submission'), alice, bob.address, letter);
    const stored = await watch.stored(patienceMs);
    const retrieval = await retrieveNewest(network, door(box, 'mail-example-org', 'pop3s'), bob);
    const whole = bytesToLatin1(retrieval.content).endsWith(bytesToLatin1(letter));
    watch.finish({
      ...stored,
      ok: stored.ok && whole,
      text: `${stored.text} ${whole ? retrieved : 'But what Bob retrieves by POP3 is not what Alice wrote!'}`,
    });
  } catch (error) {
    report.say(`\nThe mail got lost: ${error instanceof Error ? error.message : String(error)}`);
    watch.flush();
    return false;
  }
  const { missing, failed } = watch;
  if (missing.length > 0) report.say(`\nNobody took ${missing.join(', ')}.`);
  return missing.length === 0 && !failed;
}

function door(box: LabBox, id: string, listener: LabListener): Endpoint {
  return { address: labHost, port: box.server(id).ports.get(listener) ?? 0 };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
