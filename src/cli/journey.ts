// `signpost journey`: what happened to a message, step by step.
import { Command } from 'commander';
import type { JourneyView } from '../admin/api.ts';
import { formatStep, paintForTerminal } from '../lib/journey-text.ts';
import { oneLine } from '../lib/one-line.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatSize, formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';
import { positive } from './queue.ts';

export function journeyCommand(): Command {
  return new Command('journey')
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
    `${journey.id}: ${formatSize(journey.size)} from ${oneLine(journey.from)} to ${oneLine(journey.to.join(', '))}, ` +
    `received ${formatTime(journey.receivedAt)} UTC\n`;
  const paint = color ? paintForTerminal : undefined;
  return `${head}${journey.steps.map((step) => formatStep(step, '', paint)).join('\n')}\n`;
}
