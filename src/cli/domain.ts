// `signpost domain`: the domains that we take mail for.
import { Command } from 'commander';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;

export function domainCommand(): Command {
  const domain = new Command('domain').description(
    'Adds, lists, shows and removes the domains that this server takes mail for.',
  );
  domain
    .command('add')
    .summary('take mail for a domain')
    .description('Takes mail for a domain from now on. Its MX records are to name this server.')
    .argument('<name>', 'the domain, like example.com')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (name: string, options: Options) => {
      const config = await readConfig(options.config);
      const added = expectDone(await withAdmin(config, (admin) => admin.addDomain({ name })));
      printData(
        added,
        options,
        () =>
          `${added.name} is ours now; 'signpost account add someone@${added.name}' makes its first account\n`,
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
              ['DOMAIN', 'ACCOUNTS', 'SINCE (UTC)'],
              domains.map(({ name, accounts, createdAt }) => [
                name,
                String(accounts.length),
                formatTime(createdAt),
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
          (shown.accounts.length === 0
            ? '  no accounts\n'
            : shown.accounts.map((each) => `  ${each}\n`).join('')),
      );
    });
  domain
    .command('remove')
    .summary('take no more mail for a domain')
    .description('Takes no more mail for a domain. Refused while it has accounts.')
    .argument('<name>', 'the domain')
    .addOption(configOption())
    .action(async (name: string, options: ConfigOption) => {
      const config = await readConfig(options.config);
      expectDone(await withAdmin(config, (admin) => admin.removeDomain({ name })));
      process.stdout.write(`${name} is no longer ours\n`);
    });
  return domain;
}
