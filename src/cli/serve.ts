// `signpost serve`: runs the server until it is told to stop.
import { Command, Option } from 'commander';
import { configWarnings } from '../config/config.ts';
import type { Log } from '../lib/log.ts';
import type { RunningSignpost } from '../main.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { systemClock } from '../lib/clock.ts';
import { giveBackMemory, giveBackWhenIdle, processMemory } from './give-back-memory.ts';
import { logLevels, openLog } from './log.ts';
import type { LogLevel } from './log.ts';

/** How long connections and deliveries that run may take to end after SIGTERM. */
const drainMs = 10_000;
/** How much longer closing may take after that. */
const graceMs = 5000;

export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Runs every role that has a listener in the config file. Prints one line, "signpost ready", once all of them are open; logs go to stderr. ' +
        'SIGHUP reloads zones and certificates, SIGTERM lets what runs come to its end and stops.',
    )
    .addOption(configOption())
    .addOption(new Option('--log-level <level>', 'what to log').choices(logLevels).default('info'))
    .action(async (options: ConfigOption & { readonly logLevel: LogLevel }) => {
      const config = await readConfig(options.config);
      const terminal = process.stderr.isTTY;
      const log = openLog(options.logLevel, terminal, terminal && process.env['NO_COLOR'] === undefined);
      for (const warning of configWarnings(config)) log.warn('the config has a weakness', { warning });
      process.on('uncaughtException', (error) =>
        end(log, 'an error in Signpost itself; please report it', error),
      );
      // Before the listeners are open: a signal that comes early must not be lost.
      const stop = stopSignal(log);
      const { startSignpost } = await import('../main.ts');
      const running = await startSignpost(config, { log });
      process.on('SIGHUP', () => void reload(running, log));
      giveBackMemory();
      using _memory = giveBackWhenIdle(systemClock, processMemory());
      process.stdout.write('signpost ready\n');
      log.info('ready', {
        hostname: config.hostname,
        listeners: running.listeners.map(
          ({ name, endpoint }) => `${name} ${endpoint.address} port ${endpoint.port}`,
        ),
      });
      await stop;
      // Whatever doesn't come to its end by then won't.
      setTimeout(() => end(log, 'what ran did not end in time'), drainMs + graceMs).unref();
      await running.close(drainMs);
      log.info('stopped');
    });
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
function stopSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: string): void => {
      if (asked) process.exit(1);
      asked = true;
      log.info('stopping: what runs may come to its end', { signal, seconds: drainMs / 1000 });
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** Nothing that was answered by 250 is lost: all of that is in the store. */
function end(log: Log, why: string, error?: Error): never {
  log.error(why, error === undefined ? {} : { error: error.stack ?? error.message });
  process.exit(1);
}

async function reload(running: RunningSignpost, log: Log): Promise<void> {
  try {
    const faults = await running.reload();
    for (const fault of faults) log.error('not reloaded: what was there keeps serving', { fault });
    if (faults.length === 0) log.info('reloaded zones and certificates');
  } catch (error) {
    log.error('the reload failed: what was there keeps serving', { error: String(error) });
  }
}
