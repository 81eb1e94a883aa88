// `signpost alias`: addresses that stand for others.
import { Command } from 'commander';
import { addListCommands } from './address-lists.ts';

export function aliasCommand(): Command {
  const alias = new Command('alias').description(
    'Adds, lists, shows and removes aliases: addresses of ours that stand for others, of ours or elsewhere. The sender of ' +
      'their mail stays who it is.',
  );
  addListCommands(alias, {
    kind: 'alias',
    target: 'target',
    mayBeEmpty: false,
    add: 'Makes an address of one of our domains stand for others. Where it does already, these are added.',
  });
  return alias;
}
