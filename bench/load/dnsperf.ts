// DNS load by dnsperf: one thread, four sockets, up to 200 queries under way.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { findProgram } from '../peers/launch.ts';

export interface DnsLoad {
  /** Queries that got an answer. */
  readonly answered: number;
  readonly lost: number;
  readonly perSecond: number;
}

export type LoadLength = { readonly seconds: number } | { readonly passes: number };

export interface LoadOptions {
  /** Default: udp. */
  readonly transport?: 'udp' | 'tcp';
  /** Whether the queries carry an OPT record. */
  readonly edns?: boolean;
  /** Queries a second at most; default: as many as come through. */
  readonly perSecond?: number;
  /** Queries under way at most; default 200. */
  readonly underWay?: number;
  /** A file for dnsperf's own line on each query: `> NOERROR h1.bench.test A 0.000123`. */
  readonly eachQuery?: string;
  readonly signal?: AbortSignal;
}

/** `passes`: goes so often through the file instead of for `seconds`. Throws where dnsperf isn't installed or fails. */
export async function runDnsperf(
  port: number,
  queryFile: string,
  length: LoadLength,
  options: LoadOptions = {},
): Promise<DnsLoad> {
  const program = findProgram('dnsperf', 'dnsperf');
  const args = ['-s', '127.0.0.1', '-p', `${port}`, '-d', queryFile, '-c', '4', '-T', '1'];
  args.push('-q', `${options.underWay ?? 200}`, '-m', options.transport ?? 'udp');
  args.push(...('seconds' in length ? ['-l', `${length.seconds}`] : ['-n', `${length.passes}`]));
  if (options.edns === true) args.push('-e');
  if (options.perSecond !== undefined) args.push('-Q', `${Math.round(options.perSecond)}`);
  const { eachQuery } = options;
  const said =
    eachQuery === undefined
      ? await run(program, args, options.signal)
      : await runToFile(program, [...args, '-v'], eachQuery);
  const figure = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? Number.NaN);
  const load = {
    answered: figure(/Queries completed:\s+(\d+)/),
    lost: figure(/Queries lost:\s+(\d+)/),
    perSecond: figure(/Queries per second:\s+([\d.]+)/),
  };
  if (!Number.isFinite(load.answered) || load.answered === 0)
    throw new Error(`dnsperf got no answers: ${said.slice(-2000)}`);
  return load;
}

/** Milliseconds that each query took, in ascending order, out of what `eachQuery` wrote. */
export function readLatencies(eachQuery: string): Float64Array {
  const text = readFileSync(eachQuery, 'latin1');
  const found: number[] = [];
  for (const match of text.matchAll(/^> [A-Z]+ \S+ \S+ (\d+\.\d+)$/gm)) found.push(Number(match[1]) * 1000);
  return Float64Array.from(found).sort();
}

const longestRunMs = 300_000;

function run(program: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: longestRunMs, ...(signal !== undefined && { signal }) };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`dnsperf failed: ${stderr}${stdout}`));
    });
  });
}

/** Into a file, because a pipe would have to be read while servers are measured. */
async function runToFile(program: string, args: readonly string[], path: string): Promise<string> {
  const file = openSync(path, 'w');
  const child = spawn(program, [...args], { stdio: ['ignore', file, file], timeout: longestRunMs });
  const [code] = await once(child, 'close');
  closeSync(file);
  const text = readFileSync(path, 'latin1');
  if (code !== 0) throw new Error(`dnsperf failed: ${text.slice(-2000)}`);
  return text.slice(text.indexOf('Statistics:'));
}
