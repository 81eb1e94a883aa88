// `signpost resolver cache`: shows what the running server's resolver remembers, and has it forget.
import { Command } from 'commander';
import type { Admin, CacheItemView } from '../admin/api.ts';
import { oneLine } from '../lib/one-line.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone } from './open-admin.ts';
import { jsonFlag } from './print.ts';
import type { JsonOption } from './print.ts';
import { resolverAdmin } from './resolver-admin.ts';

type Options = ConfigOption & JsonOption;

export function resolverCacheCommand(): Command {
  const cache = new Command('cache').description(
    'Shows what the resolver of the running server remembers, and has it forget.',
  );
  cache
    .command('dump')
    .summary('all that it remembers')
    .description(
      'Prints all answers in the cache, in no order: name, type, seconds left, how secure it is, whether a server of the zone said it itself, and the records.',
    )
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (options: Options) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      for await (const item of itemsOf(admin))
        process.stdout.write(options.json === true ? `${JSON.stringify(item)}\n` : describe(item));
    });
  cache
    .command('flush')
    .summary('makes it forget a name')
    .description('Has it forget a name: all of it, or one type. It asks the servers again when it is asked.')
    .argument('<name>', 'the name, like www.example.org; . with --subtree is everything')
    .argument('[type]', 'the type, like MX')
    .addOption(configOption())
    .option('--subtree', 'with all names below it')
    .action(
      async (
        name: string,
        type: string | undefined,
        options: ConfigOption & { readonly subtree?: boolean },
      ) => {
        const admin = await resolverAdmin(await readConfig(options.config));
        expectDone(await admin.flushCache({ name, type, subtree: options.subtree }));
      },
    );
  return cache;
}

/** Piece by piece, so that neither side ever has all of it at hand. */
async function* itemsOf(admin: Admin): AsyncGenerator<CacheItemView> {
  let from: string | undefined;
  do {
    const { items, next } = expectDone(await admin.dumpCache({ from, limit: itemsAtOnce }));
    yield* items;
    from = next ?? undefined;
  } while (from !== undefined);
}

const itemsAtOnce = 200;

function describe(item: CacheItemView): string {
  const what = item.kind === 'records' ? '' : ` ${item.kind}`;
  const left = item.ttl < 0 ? `ended ${-item.ttl} s ago` : `${item.ttl} s`;
  const word =
    item.kind === 'failure' ? '' : `, ${item.security}${item.authoritative ? ', authoritative' : ''}`;
  const reason = item.reason === null ? '' : `, ${oneLine(item.reason)}`;
  const head = `${item.name} ${item.type ?? 'all types'}${what} (${left}${word}${reason})\n`;
  return head + item.records.map((record) => `  ${oneLine(record)}\n`).join('');
}
