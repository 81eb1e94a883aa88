// `signpost lab`: shows a mail find its way through an internet in a box.
import { Command, Option } from 'commander';
import { humanReport, jsonReport } from '../lab/report.ts';
import { CommandFault } from './exit.ts';
import { logLevels, openLog } from './log.ts';
import type { LogLevel } from './log.ts';

interface LabCommandOptions {
  readonly once?: true;
  readonly json?: true;
  readonly logLevel: LogLevel;
}

export function labCommand(): Command {
  return new Command('lab')
    .description(
      'Brings up a root server, the servers of com and org, two domains with their mail systems, and a resolver, all on this machine only. ' +
        'Sends a mail from Alice to Bob and tells each step of its way. Then stays up, and lists commands to try.',
    )
    .option('--once', 'end when Bob has his mail: 0 if every step went well')
    .option('--json', 'one JSON object a line: step, ok, ms, server, text')
    .addOption(new Option('--log-level <level>', 'what to log').choices(logLevels).default('warn'))
    .action(async (options: LabCommandOptions) => {
      const write = (text: string): void => void process.stdout.write(text);
      const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
      const report = options.json === true ? jsonReport(write) : humanReport(write, color);
      const terminal = process.stderr.isTTY;
      const log = openLog(options.logLevel, terminal, terminal && process.env['NO_COLOR'] === undefined);
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          // The second signal ends the process at once.
          process.once(signal, () => process.exit(1));
          stop.abort();
        });
      }
      // Nobody watches any more.
      process.stdout.once('error', () => stop.abort());
      const { runLab } = await import('../lab/lab.ts');
      const good = await runLab({ report, log, once: options.once === true, signal: stop.signal });
      if (!good) throw new CommandFault('the mail did not find its way');
    });
}
