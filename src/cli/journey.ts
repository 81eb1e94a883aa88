// `signpost journey`: what happened to a message, step by step.
import { Command } from 'commander';
import type { JourneyView } from '../admin/api.ts';
import type { JourneyStep } from '../lib/journey.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatSize, formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';
import { positive } from './queue.ts';

export function journeyCommand(): Command {
  return new Command('journey')
    .summary('what happened to a message, step by step')
    .description(
      'Tells what happened to one message: who was asked what, what was answered, how long it took. Without an id, lists the latest messages.',
    )
    .argument('[id]', "the message's id, which also stands in its Received line")
    .addOption(configOption())
    .option('--limit <count>', 'how many to list at most', positive, 20)
    .option(...jsonFlag)
    .action(
      async (id: string | undefined, options: ConfigOption & JsonOption & { readonly limit: number }) => {
        const config = await readConfig(options.config);
        if (id === undefined) {
          const journeys = expectDone(
            await withAdmin(config, (admin) => admin.listJourneys({ limit: options.limit })),
          );
          printData(journeys, options, listJourneys);
          return;
        }
        const journey = expectDone(await withAdmin(config, (admin) => admin.showJourney({ id })));
        const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
        printData(journey, options, () => describeJourney(journey, color));
      },
    );
}

function listJourneys(journeys: readonly JourneyView[]): string {
  if (journeys.length === 0) return 'no message has come yet\n';
  return formatTable(
    ['ID', 'RECEIVED (UTC)', 'FROM', 'TO', 'SIZE', 'SO FAR'],
    journeys.map((journey) => [
      journey.id,
      formatTime(journey.receivedAt),
      journey.from,
      journey.to.length > 1
        ? `${journey.to[0] ?? ''} and ${journey.to.length - 1} more`
        : (journey.to[0] ?? ''),
      formatSize(journey.size),
      journey.steps.at(-1)?.text ?? '',
    ]),
  );
}

function describeJourney(journey: JourneyView, color: boolean): string {
  const head =
    `${journey.id}: ${formatSize(journey.size)} from ${journey.from} to ${journey.to.join(', ')}, ` +
    `received ${formatTime(journey.receivedAt)} UTC\n`;
  return head + formatSteps(journey.steps, color);
}

/** Two lines a step; the steps of a resolution stand indented below the step that waited for it. */
export function formatSteps(steps: readonly JourneyStep[], color: boolean, indent: string = ''): string {
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  let text = '';
  for (const step of steps) {
    const mark = step.ok ? paint(32, '✓') : paint(31, '✗');
    const name = paint(step.step.startsWith('D') ? 36 : 33, step.step);
    const time = paint(2, formatMs(step.ms).padStart(9));
    const who =
      step.server === undefined ? '' : `  ${paint(1, step.server.name)} ${paint(2, step.server.address)}`;
    text += `${indent}${mark} ${name} ${time}${who}\n${indent}     ${step.text}\n`;
    if (step.steps !== undefined) text += formatSteps(step.steps, color, `${indent}     `);
  }
  return text;
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
