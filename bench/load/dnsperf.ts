// DNS load by dnsperf: one thread, four sockets, up to 200 queries under way.
import { execFile } from 'node:child_process';
import { findProgram } from '../peers/launch.ts';

export interface DnsLoad {
  /** Queries that got an answer. */
  readonly answered: number;
  readonly lost: number;
  readonly perSecond: number;
}

/** `passes`: goes so often through the file instead of for `seconds`. Throws where dnsperf isn't installed or fails. */
export async function runDnsperf(
  port: number,
  queryFile: string,
  length: { readonly seconds: number } | { readonly passes: number },
): Promise<DnsLoad> {
  const program = findProgram('dnsperf', 'dnsperf');
  const span = 'seconds' in length ? ['-l', `${length.seconds}`] : ['-n', `${length.passes}`];
  const args = [
    '-s',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-d',
    queryFile,
    '-c',
    '4',
    '-T',
    '1',
    '-q',
    '200',
    ...span,
  ];
  const said = await new Promise<string>((resolve, reject) => {
    execFile(program, args, { timeout: 120_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`dnsperf failed: ${stderr}${stdout}`));
    });
  });
  const figure = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? Number.NaN);
  const load = {
    answered: figure(/Queries completed:\s+(\d+)/),
    lost: figure(/Queries lost:\s+(\d+)/),
    perSecond: figure(/Queries per second:\s+([\d.]+)/),
  };
  if (!Number.isFinite(load.answered) || load.answered === 0)
    throw new Error(`dnsperf got no answers: ${said}`);
  return load;
}
