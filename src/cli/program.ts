// All commands of `signpost`, and what is said where one fails.
import { Command, CommanderError } from 'commander';
import { version } from '../lib/version.ts';
import { accountCommand } from './account.ts';
import { configCommand } from './config.ts';
import { domainCommand } from './domain.ts';
import { CommandFault } from './exit.ts';
import { journeyCommand } from './journey.ts';
import { queueCommand } from './queue.ts';
import { labCommand } from './lab.ts';
import { queryCommand } from './query.ts';
import { quickstartCommand } from './quickstart.ts';
import { serveCommand } from './serve.ts';
import { zoneCommand } from './zone.ts';

/** Runs the command that the process's arguments name; the exit code. */
export async function runProgram(): Promise<number> {
  const program = new Command('signpost')
    .description('One server that is both the mail server and the DNS server of a domain.')
    .version(version)
    .addCommand(labCommand())
    .addCommand(quickstartCommand())
    .addCommand(serveCommand())
    .addCommand(configCommand())
    .addCommand(domainCommand())
    .addCommand(accountCommand())
    .addCommand(queueCommand())
    .addCommand(journeyCommand())
    .addCommand(zoneCommand())
    .addCommand(queryCommand())
    .helpCommand('help [command]', 'show what a command does')
    .showHelpAfterError("('signpost help' lists the commands)");
  endByException(program);

  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return explain(error);
  }
}

/** Commander would end the process by itself, with 1 for misuse. Subcommands don't inherit the wish once they are added. */
function endByException(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) endByException(each);
}

/** Errors whose message is a sentence for the operator. By name, because loading their modules here would load the whole program. */
const operatorFaults: ReadonlySet<string> = new Set(['StartFault', 'ListenFault', 'StoreFault']);

/** Says why the command failed; the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said it already; 0 is for --help and --version.
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof CommandFault) {
    process.stderr.write(`signpost: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof Error && operatorFaults.has(error.name)) {
    process.stderr.write(`signpost: ${error.message}\n`);
    return 1;
  }
  const story = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `signpost: an error in Signpost itself; please report it with these lines:\n${story}\n`,
  );
  return 1;
}
