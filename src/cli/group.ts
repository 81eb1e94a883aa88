// `signpost group`: mailing lists with members.
import { Command, Option } from 'commander';
import { addListCommands, formatList } from './address-lists.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

interface SetOptions extends ConfigOption, JsonOption {
  readonly post?: 'anyone' | 'members';
  readonly owner?: string | boolean;
}

export function groupCommand(): Command {
  const group = new Command('group').description(
    'Adds, lists, shows, changes and removes groups: mailing lists whose owner, and not the sender, is told of members that ' +
      "can't be reached.",
  );
  addListCommands(group, {
    kind: 'group',
    target: 'member',
    mayBeEmpty: true,
    add: 'Makes a group at an address of one of our domains. Where there is one already, members are added.',
  });
  group
    .command('set')
    .summary('change the rules of a group')
    .description('Says who may send to a group, and who is told of members that can’t be reached.')
    .argument('<address>', 'the group')
    .addOption(new Option('--post <who>', 'who may send to it').choices(['anyone', 'members']))
    .option('--owner <address>', "is told of members that can't be reached")
    .option('--no-owner', "the domain's postmaster is told")
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (address: string, options: SetOptions) => {
      // Commander gives `true` for an option that has a --no- form and was not given.
      const owner = options.owner === true ? undefined : options.owner === false ? null : options.owner;
      if (options.post === undefined && owner === undefined)
        throw new CommandFault('nothing to set: give --post, --owner or --no-owner', 2);
      const config = await readConfig(options.config);
      const set = { address, posting: options.post, owner };
      const list = expectDone(await withAdmin(config, (admin) => admin.setGroup(set)));
      printData(list, options, formatList);
    });
  return group;
}
