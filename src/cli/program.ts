// All commands of `signpost`, and what is said where one fails.
import { Command, CommanderError } from 'commander';
import { version } from '../lib/version.ts';
import { CommandFault } from './exit.ts';

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** In the order of the help page. Only the module of the command that is asked for is loaded: all of them take 0.3 s of CPU. */
const commands: Readonly<Record<string, CommandEntry>> = {
  lab: {
    summary: 'watch a mail find its way through an internet in a box',
    load: async () => (await import('./lab.ts')).labCommand(),
  },
  quickstart: {
    summary: 'set up a domain: config, zone and first account',
    load: async () => (await import('./quickstart.ts')).quickstartCommand(),
  },
  serve: { summary: 'run the server', load: async () => (await import('./serve.ts')).serveCommand() },
  config: {
    summary: 'check the config file',
    load: async () => (await import('./config.ts')).configCommand(),
  },
  domain: {
    summary: 'the domains that we take mail for',
    load: async () => (await import('./domain.ts')).domainCommand(),
  },
  account: {
    summary: 'who may log in, and has a mailbox',
    load: async () => (await import('./account.ts')).accountCommand(),
  },
  alias: {
    summary: 'addresses that stand for others',
    load: async () => (await import('./alias.ts')).aliasCommand(),
  },
  group: {
    summary: 'mailing lists with members',
    load: async () => (await import('./group.ts')).groupCommand(),
  },
  queue: {
    summary: 'what waits to be relayed',
    load: async () => (await import('./queue.ts')).queueCommand(),
  },
  journey: {
    summary: 'what happened to a message, step by step',
    load: async () => (await import('./journey.ts')).journeyCommand(),
  },
  zone: { summary: 'check and show zones', load: async () => (await import('./zone.ts')).zoneCommand() },
  resolver: {
    summary: 'what the resolver does, and whom it asks',
    load: async () => (await import('./resolver.ts')).resolverCommand(),
  },
  query: {
    summary: 'ask for a name, and see how the answer is found',
    load: async () => (await import('./query.ts')).queryCommand(),
  },
};

/** Runs the command that the process's arguments name; the exit code. */
export async function runProgram(): Promise<number> {
  process.stdout.on('error', outputFailed);
  // There is nowhere left to tell of it.
  process.stderr.on('error', () => undefined);
  const program = new Command('signpost')
    .description('One server that is both the mail server and the DNS server of a domain.')
    .version(version)
    .helpCommand('help [command]', 'show what a command does')
    .showHelpAfterError("('signpost help' lists the commands)");
  const [first, second] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const asked = first === 'help' ? second : first;
  // Commander would show the whole help, and not say why.
  const topic = process.argv[2] === 'help' ? process.argv[3] : undefined;
  if (topic?.startsWith('-') === false && topic !== 'help' && !Object.hasOwn(commands, topic)) {
    process.stderr.write(`signpost: there is no command '${topic}' ('signpost help' lists the commands)\n`);
    return 2;
  }
  for (const [name, { summary, load }] of Object.entries(commands)) {
    program.addCommand((name === asked ? await load() : new Command(name)).summary(summary));
  }
  prepare(program, 'signpost');

  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return explain(error);
  }
}

/**
 * Whoever reads what we print may stop reading (`| head`): the command still does its work, and its exit code stays true.
 * Any other fault, like a full disk, makes it fail.
 */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || process.exitCode === 1) return;
  process.exitCode = 1;
  process.stderr.write(`signpost: what was printed could not be written: ${error.message}\n`);
}

/** Commander would end the process by itself, with 1 for misuse. Subcommands inherit neither wish once they are added. */
function prepare(command: Command, words: string): void {
  command.exitOverride();
  if (command.parent !== null) command.showHelpAfterError(`('${words} --help' tells how it is used)`);
  for (const each of command.commands) prepare(each, `${words} ${each.name()}`);
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
