// `signpost resolver nta`: turns validation off for a name whose owner has broken its signatures, for a time (RFC 7646).
import { Argument, Command, InvalidArgumentError } from 'commander';
import type { NegativeAnchorView } from '../admin/api.ts';
import { parseDuration } from '../dns/wire/duration.ts';
import { parseName } from '../dns/wire/name.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone } from './open-admin.ts';
import { formatTable, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';
import { resolverAdmin } from './resolver-admin.ts';

type Options = ConfigOption & JsonOption;

export function ntaCommand(): Command {
  const nta = new Command('nta').description(
    'Negative trust anchors: names at and below which nothing is validated for a time, because their owner has broken the signatures.',
  );
  nta
    .command('add')
    .addArgument(nameArgument())
    .summary('validate nothing there for a time')
    .description('Validates nothing at and below the name for a time. Asked again, the time begins anew.')
    .addOption(configOption())
    .option('--for <time>', 'how long: 3600, 12h, 7d at most', duration, 86_400)
    .option(...jsonFlag)
    .action(async (name: string, options: Options & { readonly for: number }) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      const added = expectDone(await admin.addNegativeAnchor({ name, seconds: options.for }));
      printData(added, options, (view) => `${view.name} is not validated until ${view.until ?? 'ever'}\n`);
    });
  nta
    .command('list')
    .summary('where nothing is validated')
    .description('Lists the names at and below which nothing is validated, those of the config among them.')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (options: Options) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      printData(expectDone(await admin.listNegativeAnchors({})), options, describe);
    });
  nta
    .command('remove')
    .addArgument(nameArgument())
    .summary('validate again')
    .description('Validates again at and below the name.')
    .addOption(configOption())
    .action(async (name: string, options: ConfigOption) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      expectDone(await admin.removeNegativeAnchor({ name }));
    });
  return nta;
}

function describe(negatives: readonly NegativeAnchorView[]): string {
  if (negatives.length === 0) return 'everything is validated\n';
  return formatTable(
    ['NAME', 'UNTIL'],
    negatives.map(({ name, until }) => [name, until ?? 'the config is changed']),
  );
}

function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds === 0)
    throw new InvalidArgumentError('it must be a time, like 3600, 12h or 7d');
  return seconds;
}

function nameArgument(): Argument {
  return new Argument('<name>').argParser((text) => {
    const name = parseName(text);
    if (!name.ok) throw new InvalidArgumentError(name.fault);
    return text;
  });
}
