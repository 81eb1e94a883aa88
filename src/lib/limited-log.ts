// A log for what strangers can cause: so many lines of each kind a minute and no more, so that nobody fills the disk by sending nonsense.
import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';

interface Kind {
  /** When its minute began, by the monotonic clock. */
  began: number;
  lines: number;
  /** Left out since the last line that was written. */
  left: number;
}

const minute = 60_000;

/**
 * Lines of `info` and `warn` are counted by their event, which is a fixed sentence; the first of the next minute tells by `leftOut` how many
 * are missing. `debug` and `error` pass.
 */
export function limitLog(log: Log, clock: Clock, perMinute = 30): Log {
  return limited(log, clock, perMinute, new Map());
}

function limited(log: Log, clock: Clock, perMinute: number, kinds: Map<string, Kind>): Log {
  const pass = (event: string, fields: LogFields | undefined): LogFields | false => {
    const now = clock.monotonic();
    const kind = kinds.get(event) ?? { began: now, lines: 0, left: 0 };
    kinds.set(event, kind);
    if (now - kind.began >= minute) {
      kind.began = now;
      kind.lines = 0;
    }
    if (kind.lines >= perMinute) {
      kind.left += 1;
      return false;
    }
    const leftOut = kind.left;
    kind.lines += 1;
    kind.left = 0;
    return leftOut === 0 ? (fields ?? {}) : { ...fields, leftOut };
  };
  return {
    debug: (event, fields) => log.debug(event, fields),
    info: (event, fields) => {
      const passed = pass(event, fields);
      if (passed !== false) log.info(event, passed);
    },
    warn: (event, fields) => {
      const passed = pass(event, fields);
      if (passed !== false) log.warn(event, passed);
    },
    error: (event, fields) => log.error(event, fields),
    child: (fields) => limited(log.child(fields), clock, perMinute, kinds),
  };
}
