// `signpost queue`: what waits to be relayed.
import { Command, InvalidArgumentError } from 'commander';
import type { QueueView } from '../admin/api.ts';
import { oneLine } from '../lib/one-line.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatSize, formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;

export function queueCommand(): Command {
  const queue = new Command('queue').description(
    'Lists and shows what waits to be relayed to other servers, makes it due now, or takes it out.',
  );
  queue
    .command('list')
    .summary('list what waits')
    .description('Lists what waits, by the time of the next attempt.')
    .addOption(configOption())
    .option('--limit <count>', 'how many at most', positive, 100)
    .option(...jsonFlag)
    .action(async (options: Options & { readonly limit: number }) => {
      const config = await readConfig(options.config);
      const entries = expectDone(
        await withAdmin(config, (admin) => admin.listQueue({ limit: options.limit })),
      );
      printData(entries, options, () =>
        entries.length === 0
          ? 'the queue is empty\n'
          : formatTable(
              ['ID', 'FROM', 'TO', 'SIZE', 'TRIES', 'NEXT (UTC)', 'LAST ANSWER'],
              entries.map((entry) => [
                String(entry.id),
                entry.from,
                entry.to,
                formatSize(entry.size),
                String(entry.attempts),
                entry.held ? 'held' : formatTime(entry.nextAttemptAt),
                entry.lastReply ?? '',
              ]),
            ),
      );
    });
  queue
    .command('show')
    .summary('show one entry')
    .description('Shows one entry of the queue: one recipient of one message.')
    .argument('<id>', 'the entry, as queue list numbers it', positive)
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (id: number, options: Options) => {
      const config = await readConfig(options.config);
      const entry = expectDone(await withAdmin(config, (admin) => admin.showQueue({ id })));
      printData(entry, options, describeEntry);
    });
  queue
    .command('retry')
    .summary('try again now')
    .description('Makes one entry due now, or all of them.')
    .argument('[id]', 'the entry; all of them where none is named', positive)
    .addOption(configOption())
    .action(async (id: number | undefined, options: ConfigOption) => {
      const config = await readConfig(options.config);
      const { retried } = expectDone(await withAdmin(config, (admin) => admin.retryQueue({ id })));
      process.stdout.write(`${retried} due now\n`);
    });
  queue
    .command('cancel')
    .summary('take an entry out')
    .description(
      'Takes an entry out of the queue: that recipient never gets the message, and its sender is not told.',
    )
    .argument('<id>', 'the entry', positive)
    .addOption(configOption())
    .action(async (id: number, options: ConfigOption) => {
      const config = await readConfig(options.config);
      expectDone(await withAdmin(config, (admin) => admin.cancelQueue({ id })));
      process.stdout.write(`${id} is taken out; its sender is not told\n`);
    });
  return queue;
}

/** A whole number from 1 on, for Commander. */
export function positive(text: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < 1) throw new InvalidArgumentError('expected a number from 1 on.');
  return value;
}

function describeEntry(entry: QueueView): string {
  const lines: readonly (readonly [string, string])[] = [
    ['entry', String(entry.id)],
    ['from', entry.from],
    ['to', entry.to],
    ['size', formatSize(entry.size)],
    ['since', `${formatTime(entry.queuedAt)} UTC`],
    ['attempts', String(entry.attempts)],
    ['next', entry.held ? 'held: not attempted' : `${formatTime(entry.nextAttemptAt)} UTC`],
    ['last answer', entry.lastReply ?? 'none yet'],
    ['journey', `signpost journey ${entry.journey}`],
  ];
  return lines.map(([name, value]) => `${name.padEnd(12)} ${oneLine(value)}\n`).join('');
}
