// What `signpost alias` and `signpost group` have in common: adding, listing, showing and removing.
import type { Command } from 'commander';
import type { ListView } from '../admin/people-api.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;

export interface ListWords {
  readonly kind: 'alias' | 'group';
  /** What its targets are called: `target`, `member`. */
  readonly target: string;
  /** Whether it can be made with none. */
  readonly mayBeEmpty: boolean;
  readonly add: string;
}

/** Puts the commands `add`, `list`, `show` and `remove` into `command`. */
export function addListCommands(command: Command, words: ListWords): void {
  const { kind, target } = words;
  const targets = words.mayBeEmpty ? `[${target}...]` : `<${target}...>`;
  command
    .command('add')
    .summary(`make one, or add to it`)
    .description(words.add)
    .argument('<address>', `the address of the ${kind}, in one of our domains`)
    .argument(targets, `addresses, of ours or elsewhere`)
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (address: string, added: readonly string[], options: Options) => {
      const config = await readConfig(options.config);
      const list = expectDone(
        await withAdmin(config, (admin) => admin.addTargets({ kind, address, targets: added })),
      );
      printData(list, options, formatList);
      warn(list);
    });
  command
    .command('list')
    .summary('list them')
    .description(`Lists what there is of this kind, in one domain or in all.`)
    .argument('[domain]', 'only those of this domain')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (domain: string | undefined, options: Options) => {
      const config = await readConfig(options.config);
      const lists = expectDone(await withAdmin(config, (admin) => admin.listLists({ kind, domain })));
      printData(lists, options, () =>
        lists.length === 0
          ? `there are none; 'signpost ${kind} add' makes one\n`
          : formatTable(
              [kind.toUpperCase(), `${target.toUpperCase()}S`],
              lists.map((list) => [list.address, shortened(list.targets)]),
            ),
      );
    });
  command
    .command('show')
    .summary('show one')
    .description(`Shows all that stand behind one.`)
    .argument('<address>', `the ${kind}`)
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (address: string, options: Options) => {
      const config = await readConfig(options.config);
      const list = expectDone(await withAdmin(config, (admin) => admin.showList({ kind, address })));
      printData(list, options, formatList);
    });
  command
    .command('remove')
    .summary(`remove one, or a ${target} of it`)
    .description(`Removes the ${kind}; or, where some are named, these from it.`)
    .argument('<address>', `the ${kind}`)
    .argument(`[${target}...]`, 'only these')
    .addOption(configOption())
    .action(async (address: string, removed: readonly string[], options: ConfigOption) => {
      const config = await readConfig(options.config);
      if (removed.length > 0) {
        const input = { kind, address, targets: removed };
        const list = expectDone(await withAdmin(config, (admin) => admin.removeTargets(input)));
        process.stdout.write(formatList(list));
        return;
      }
      expectDone(await withAdmin(config, (admin) => admin.removeList({ kind, address })));
      process.stdout.write(`the ${kind} ${address} is removed\n`);
    });
}

export function formatList({ address, kind, targets, nobody, posting, owner, createdAt }: ListView): string {
  const unknown = new Set(nobody);
  const rule = posting === 'members' ? '  only members may post\n' : '';
  const told = owner === null ? '' : `  ${owner} is told of members that can't be reached\n`;
  return (
    `${address}, ${kind === 'group' ? 'a group' : 'an alias'} since ${formatTime(createdAt)} UTC\n${rule}${told}` +
    (targets.length === 0 ? '  nobody yet: mail for it is refused\n' : '') +
    targets.map((each) => `  ${each}${unknown.has(each) ? ' (nobody has this address)' : ''}\n`).join('')
  );
}

function warn({ nobody }: ListView): void {
  for (const each of nobody) process.stderr.write(`signpost: nobody has the address ${each} yet\n`);
}

function shortened(targets: readonly string[]): string {
  const most = 5;
  return targets.length > most
    ? `${targets.slice(0, most).join(', ')} and ${targets.length - most} more`
    : targets.join(', ');
}
