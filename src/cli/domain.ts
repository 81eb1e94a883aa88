// `signpost domain`: the domains that we take mail for.
import { Command } from 'commander';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;
type AddOptions = Options & { readonly aliasOf?: string };
type SetOptions = Options & { readonly catchAll?: string | boolean };

export function domainCommand(): Command {
  const domain = new Command('domain').description(
    'Adds, lists, shows, changes and removes the domains that this server takes mail for.',
  );
  domain
    .command('add')
    .summary('take mail for a domain')
    .description('Takes mail for a domain from now on. Its MX records are to name this server.')
    .argument('<name>', 'the domain, like example.com')
    .option('--alias-of <domain>', 'another name of this domain of ours: each address there is here, too')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (name: string, options: AddOptions) => {
      const config = await readConfig(options.config);
      const { aliasOf } = options;
      const added = expectDone(await withAdmin(config, (admin) => admin.addDomain({ name, aliasOf })));
      printData(added, options, () =>
        added.aliasOf === null
          ? `${added.name} is ours now; 'signpost account add someone@${added.name}' makes its first account\n`
          : `${added.name} is ours now, with the addresses of ${added.aliasOf}\n`,
      );
    });
  domain
    .command('list')
    .summary('list the domains')
    .description('Lists the domains that this server takes mail for, and how many accounts each has.')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (options: Options) => {
      const config = await readConfig(options.config);
      const domains = expectDone(await withAdmin(config, (admin) => admin.listDomains({})));
      printData(domains, options, () =>
        domains.length === 0
          ? "there are no domains yet; 'signpost domain add NAME' makes one\n"
          : formatTable(
              ['DOMAIN', 'ACCOUNTS', 'SINCE (UTC)', 'ALIAS OF'],
              domains.map(({ name, accounts, createdAt, aliasOf }) => [
                name,
                String(accounts.length),
                formatTime(createdAt),
                aliasOf ?? '',
              ]),
            ),
      );
    });
  domain
    .command('show')
    .summary('show one domain')
    .description('Shows a domain and its accounts.')
    .argument('<name>', 'the domain')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (name: string, options: Options) => {
      const config = await readConfig(options.config);
      const shown = expectDone(await withAdmin(config, (admin) => admin.showDomain({ name })));
      printData(
        shown,
        options,
        () =>
          `${shown.name}, since ${formatTime(shown.createdAt)} UTC\n` +
          (shown.aliasOf === null ? '' : `  the addresses of ${shown.aliasOf}\n`) +
          (shown.catchAll === null ? '' : `  what nobody else gets goes to ${shown.catchAll}\n`) +
          (shown.accounts.length === 0
            ? '  no accounts\n'
            : shown.accounts.map((each) => `  ${each}\n`).join('')),
      );
    });
  domain
    .command('set')
    .summary('change what holds for a domain')
    .description('Says who gets the mail that no address of a domain takes.')
    .argument('<name>', 'the domain')
    .option('--catch-all <address>', 'the address that gets it, here or elsewhere')
    .option('--no-catch-all', 'nobody gets it: unknown recipients are refused')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (name: string, options: SetOptions) => {
      const address = options.catchAll;
      // Commander's word for an option that has a --no- form and was not given.
      if (address === undefined || address === true)
        throw new CommandFault('nothing to set: give --catch-all ADDRESS or --no-catch-all', 2);
      const config = await readConfig(options.config);
      const target = address === false ? null : address;
      const set = expectDone(
        await withAdmin(config, (admin) => admin.setCatchAll({ name, address: target })),
      );
      printData(set, options, () =>
        set.catchAll === null
          ? `mail for addresses of ${set.name} that nobody has is refused\n`
          : `mail for addresses of ${set.name} that nobody has goes to ${set.catchAll}\n`,
      );
    });
  domain
    .command('remove')
    .summary('take no more mail for a domain')
    .description(
      'Takes no more mail for a domain. Refused while it has accounts, aliases, groups or domains that are its aliases.',
    )
    .argument('<name>', 'the domain')
    .addOption(configOption())
    .action(async (name: string, options: ConfigOption) => {
      const config = await readConfig(options.config);
      expectDone(await withAdmin(config, (admin) => admin.removeDomain({ name })));
      process.stdout.write(`${name} is no longer ours\n`);
    });
  return domain;
}
