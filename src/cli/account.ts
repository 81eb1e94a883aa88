// `signpost account`: who may log in, and has a mailbox.
import { Command } from 'commander';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { accountSetCommand, formatAccount } from './account-set.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { readPassword } from './password-input.ts';
import { formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

type Options = ConfigOption & JsonOption;
type PasswordOptions = ConfigOption & { readonly passwordStdin?: true };

const passwordFlag = ['--password-stdin', 'read the password from the first line of standard input'] as const;

export function accountCommand(): Command {
  const account = new Command('account').description(
    'Adds, lists, shows, changes and removes accounts. A password is asked for, or read from standard input: ' +
      'it is never an argument, which others on this machine could see.',
  );
  account
    .command('add')
    .summary('make an account')
    .description('Makes an account with its Inbox. Its domain must be one of ours (signpost domain add).')
    .argument('<address>', 'the mail address, which is also the name to log in with')
    .addOption(configOption())
    .option(...passwordFlag)
    .action(async (address: string, options: PasswordOptions) => {
      const config = await readConfig(options.config);
      const password = await readPassword(options.passwordStdin === true);
      const added = expectDone(await withAdmin(config, (admin) => admin.addAccount({ address, password })));
      process.stdout.write(`${added.address} can log in and get mail now\n`);
    });
  account
    .command('list')
    .summary('list the accounts')
    .description('Lists the accounts, of one domain or of all.')
    .argument('[domain]', 'only those of this domain')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (domain: string | undefined, options: Options) => {
      const config = await readConfig(options.config);
      const accounts = expectDone(await withAdmin(config, (admin) => admin.listAccounts({ domain })));
      printData(accounts, options, () =>
        accounts.length === 0
          ? "there are no accounts; 'signpost account add ADDRESS' makes one\n"
          : formatTable(
              ['ACCOUNT', 'SINCE (UTC)'],
              accounts.map(({ address, createdAt }) => [address, formatTime(createdAt)]),
            ),
      );
    });
  account
    .command('show')
    .summary('show one account')
    .description('Shows an account, and what is set for it.')
    .argument('<address>', 'the account')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (address: string, options: Options) => {
      const config = await readConfig(options.config);
      const shown = expectDone(await withAdmin(config, (admin) => admin.showAccount({ address })));
      printData(shown, options, formatAccount);
    });
  account.addCommand(accountSetCommand());
  account
    .command('password')
    .summary('change a password')
    .description('Changes the password of an account.')
    .argument('<address>', 'the account')
    .addOption(configOption())
    .option(...passwordFlag)
    .action(async (address: string, options: PasswordOptions) => {
      const config = await readConfig(options.config);
      const password = await readPassword(options.passwordStdin === true);
      expectDone(await withAdmin(config, (admin) => admin.setPassword({ address, password })));
      process.stdout.write(`the password of ${address} is changed\n`);
    });
  account
    .command('remove')
    .summary('remove an account with its mail')
    .description('Removes an account, its mailboxes and all mail in them, for good.')
    .argument('<address>', 'the account')
    .addOption(configOption())
    .action(async (address: string, options: ConfigOption) => {
      const config = await readConfig(options.config);
      expectDone(await withAdmin(config, (admin) => admin.removeAccount({ address })));
      process.stdout.write(`${address} and its mail are removed\n`);
    });
  return account;
}
