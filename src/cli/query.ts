// `signpost query`: asks for a name, and shows how the answer was found.
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { ResolutionView } from '../admin/api.ts';
import { adminClient, findServer } from '../admin/client.ts';
import { controlSocket } from '../admin/socket-path.ts';
import { parseQuestion, resolutionView } from '../admin/resolution-view.ts';
import type { Config } from '../config/config.ts';
import { parseConfig } from '../config/parse-config.ts';
import { chainIn, formatChain } from '../lib/chain-text.ts';
import { safeJson } from '../lib/one-line.ts';
import { systemClock } from '../lib/clock.ts';
import { parseAddress, parseEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { formatMs, formatStep, paintForTerminal } from '../lib/journey-text.ts';
import { silentLog } from '../lib/log.ts';
import { systemRandom } from '../lib/random.ts';
import type { Result } from '../lib/result.ts';
import { configOption, defaultConfigFile, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';

interface QueryOptions extends ConfigOption {
  readonly trace?: true;
  readonly fresh?: true;
  readonly dnssec?: true;
  readonly json?: true;
}

export function queryCommand(): Command {
  return new Command('query')
    .description(
      "Asks the running server's resolver, or, where none runs, resolves from the root by itself. With @SERVER, asks that DNS server and nobody else. " +
        'A name that does not exist is an answer, too: the exit code is 1 only where there is none.',
    )
    .argument('<name>', 'the name')
    .argument('[type]', 'the record type', 'A')
    .argument('[@server]', 'a DNS server: @192.0.2.1, @192.0.2.1:5300, @[2001:db8::1]:5300')
    .addOption(configOption())
    .option('--trace', 'show each step, and the chain of trust')
    .option('--fresh', "ask nothing of the running server's cache: resolve from the root by ourselves")
    .option('--dnssec', 'ask for DNSSEC records, too')
    .option('--json', 'print the answer and the steps as JSON')
    .action(async (name: string, type: string, server: string | undefined, options: QueryOptions) => {
      const words = [name, type, ...(server === undefined ? [] : [server])];
      const at = words.find((word) => word.startsWith('@'));
      const [asked = '', askedType = 'A'] = words.filter((word) => word !== at);
      const question = parseQuestion(asked, askedType, options.dnssec === true);
      if (!question.ok) throw new CommandFault(question.fault, 2);
      const config = await configOrDefaults(options.config);
      const view =
        at === undefined
          ? await resolve(config, asked, askedType, options)
          : await askServer(config, readServer(at), asked, askedType, options.dnssec === true);
      show(view, options);
      if (view.rcode !== 'NOERROR' && view.rcode !== 'NXDOMAIN') process.exitCode = 1;
    });
}

function show(view: ResolutionView, options: QueryOptions): void {
  if (options.json === true) {
    process.stdout.write(`${safeJson(view)}\n`);
    return;
  }
  const paint = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? paintForTerminal : undefined;
  if (options.trace === true) {
    process.stdout.write(`${view.steps.map((step) => formatStep(step, '', paint)).join('\n')}\n\n`);
    const chain = chainIn(view.steps);
    if (chain.length > 0) process.stdout.write(`chain of trust\n${formatChain(chain, paint)}\n\n`);
  }
  process.stdout.write(`${view.text}\n;; ${formatMs(view.ms)}\n`);
}

/** A question can be asked without any config: then with the real root, and no server to talk to. */
async function configOrDefaults(file: string): Promise<Config> {
  if (file === defaultConfigFile && !existsSync(file)) return ok(parseConfig('hostname: localhost\n', file));
  return await readConfig(file);
}

async function resolve(
  config: Config,
  name: string,
  type: string,
  options: QueryOptions,
): Promise<ResolutionView> {
  const dnssec = options.dnssec === true;
  const socket = controlSocket(config);
  const server = options.fresh === true ? ({ kind: 'none' } as const) : await findServer(socket);
  if (server.kind === 'unreachable') throw new CommandFault(server.reason);
  if (server.kind === 'running') {
    const answer = await adminClient(socket).resolveName({ name, type, dnssec });
    if (!answer.ok) throw new CommandFault(answer.fault.message);
    return answer.value;
  }
  const { resolveOnce } = await import('../main.ts');
  return resolutionView(ok(await resolveOnce(config, ok(parseQuestion(name, type, dnssec)), silentLog)));
}

async function askServer(
  config: Config,
  server: Endpoint,
  name: string,
  type: string,
  dnssec: boolean,
): Promise<ResolutionView> {
  const [{ reportFromServer }, { createNetwork }] = await Promise.all([
    import('../dns/client/server-report.ts'),
    import('../net/network.ts'),
  ]);
  const network = createNetwork({ map: config.network.map });
  const question = ok(parseQuestion(name, type, dnssec));
  const means = { clock: systemClock, random: systemRandom };
  return resolutionView(ok(await reportFromServer(network, server, question, means)));
}

function readServer(text: string): Endpoint {
  const address = parseAddress(text.slice(1));
  return address === undefined ? ok(parseEndpoint(text.slice(1)), 2) : { address, port: 53 };
}

function ok<Value>(result: Result<Value, unknown>, exitCode: 1 | 2 = 1): Value {
  if (result.ok) return result.value;
  throw new CommandFault(
    typeof result.fault === 'string' ? result.fault : JSON.stringify(result.fault),
    exitCode,
  );
}
