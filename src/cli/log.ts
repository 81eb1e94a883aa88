// The program's log: JSON lines by pino, or lines for people where stderr is a terminal.
import { Writable } from 'node:stream';
import { destination, pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { Log, LogFields } from '../lib/log.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Logs to stderr. `color`: the terminal understands SGR codes. */
export function openLog(level: LogLevel, terminal: boolean, color: boolean): Log {
  const to: DestinationStream = terminal ? humanStream(process.stderr, color) : logDestination();
  return wrap(
    pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      to,
    ),
  );
}

/** What of the log waits for a disk that takes nothing; beyond it lines are dropped. */
const maxWaitingOctets = 1024 * 1024;

/** A log that can't be written (its disk is full, its reader is gone) is no reason to end a connection or the server. */
function logDestination(): DestinationStream {
  const stderr = destination({ fd: 2, sync: true, maxLength: maxWaitingOctets });
  stderr.on('error', () => undefined);
  return stderr;
}

function wrap(logger: Logger): Log {
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    child: (fields: LogFields) => wrap(logger.child(fields)),
  };
}

function humanStream(to: NodeJS.WritableStream, color: boolean): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      to.write(humanLine(chunk.toString('utf8'), color));
      done();
    },
  });
}

const levelColors: Readonly<Record<string, number>> = { debug: 2, info: 32, warn: 33, error: 31 };

/** `12:00:00.000 warn  a zone has a weakness  part=authority`; fields of several lines follow below, indented. */
export function humanLine(json: string, color: boolean): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const name = String(level);
  let line = `${paint(2, String(time).slice(11, 23))} ${paint(levelColors[name] ?? 0, name.padEnd(5))} ${String(msg)}`;
  let below = '';
  for (const [key, value] of Object.entries(fields)) {
    const text = visible(typeof value === 'string' ? value : JSON.stringify(value));
    if (text.includes('\n')) below += `\n    ${text.replaceAll('\n', '\n    ')}`;
    else
      line += ` ${paint(2, `${key}=`)}${/[\s"]/.test(text) && typeof value === 'string' ? JSON.stringify(text) : text}`;
  }
  return `${line}${below}\n`;
}

/** What peers send may hold characters that steer a terminal. */
function visible(text: string): string {
  return text.replaceAll(
    /[^\P{Cc}\n]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
