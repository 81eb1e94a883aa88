// `signpost resolver`: what the running server's resolver does, how the servers answer that it asks, and where it validates nothing.
import { Command } from 'commander';
import type { QueryView, ResolverView, UpstreamView } from '../admin/api.ts';
import { formatMs } from '../lib/journey-text.ts';
import { oneLine } from '../lib/one-line.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { ntaCommand } from './nta.ts';
import { expectDone } from './open-admin.ts';
import { formatSize, formatTable, formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';
import { positive } from './queue.ts';
import { resolverAdmin } from './resolver-admin.ts';
import { resolverCacheCommand } from './resolver-cache.ts';

type Options = ConfigOption & JsonOption;

export function resolverCommand(): Command {
  const resolver = new Command('resolver').description(
    "Tells what the running server's resolver does, and how the servers answer that it asks.",
  );
  resolver
    .command('status')
    .summary('what it does')
    .description(
      'Tells how many questions are being resolved, how full the cache is, and what was asked of whom.',
    )
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (options: Options) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      printData(expectDone(await admin.showResolver({})), options, describeResolver);
    });
  resolver
    .command('upstreams')
    .summary('the servers it asks')
    .description(
      'Lists the servers that it has asked, those asked most often first: how they answered, and how fast.',
    )
    .addOption(configOption())
    .option('--limit <count>', 'how many at most', positive, 50)
    .option(...jsonFlag)
    .action(async (options: Options & { readonly limit: number }) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      const upstreams = expectDone(await admin.listUpstreams({ limit: options.limit }));
      printData(upstreams, options, describeUpstreams);
    });
  resolver.addCommand(ntaCommand().summary('where nothing is validated'));
  resolver.addCommand(resolverCacheCommand());
  resolver
    .command('queries')
    .summary('what clients asked')
    .description('Lists what clients asked last, the newest first, where the config has a query log.')
    .addOption(configOption())
    .option('--limit <count>', 'how many at most', positive, 50)
    .option(...jsonFlag)
    .action(async (options: Options & { readonly limit: number }) => {
      const admin = await resolverAdmin(await readConfig(options.config));
      const queries = expectDone(await admin.listQueries({ limit: options.limit }));
      printData(queries, options, describeQueries);
    });
  return resolver;
}

function describeResolver(view: ResolverView): string {
  const { upstream } = view;
  const lines: readonly (readonly [string, string])[] = [
    ['resolving', `${view.inFlight} of at most ${view.mostInFlight} questions`],
    [
      'cache',
      `${view.cachedAnswers} answers, ${formatSize(view.cacheOctets)} of at most ${formatSize(view.mostCacheOctets)}`,
    ],
    ['servers', `${view.servers} known`],
    ['asked', `${upstream.queries} questions, ${upstream.overTcp} of them by TCP or TLS`],
    ['answered', `${upstream.answers}, ${upstream.truncated} of them cut short`],
    ['silent', `${upstream.timeouts}, and ${upstream.unreachable} could not be reached`],
    [
      'useless',
      `${upstream.unusable} could not be used, ${upstream.lame} came from servers that don't serve the zone`,
    ],
    ['forged', `${upstream.forged} questions drew wrong answers in numbers`],
  ];
  return lines.map(([name, value]) => `${name.padEnd(10)} ${value}\n`).join('');
}

function describeQueries(queries: readonly QueryView[]): string {
  if (queries.length === 0) return 'no client asked yet\n';
  return formatTable(
    ['AT (UTC)', 'CLIENT', 'BY', 'NAME', 'TYPE', 'ANSWER', 'TIME', 'DNSSEC', 'WHY'],
    queries.map((each) => [
      formatTime(each.at),
      each.client,
      each.transport,
      each.name,
      each.type,
      each.rcode ?? 'none',
      `${formatMs(each.ms)}${each.cached ? ' (cached)' : ''}`,
      each.security ?? '-',
      each.error === null ? '' : `${each.error.code}: ${each.error.text}`,
    ]),
  );
}

function describeUpstreams(upstreams: readonly UpstreamView[]): string {
  if (upstreams.length === 0) return 'no server was asked yet\n';
  return formatTable(
    ['SERVER', 'ASKED', 'ANSWERED', 'SILENT', 'MEDIAN', '95 %', 'LAME', 'ANSWERS'],
    upstreams.map((each) => [
      each.server,
      String(each.queries),
      String(each.answers),
      String(each.timeouts + each.unreachable),
      each.medianMs === null ? '-' : formatMs(each.medianMs),
      each.p95Ms === null ? '-' : formatMs(each.p95Ms),
      String(each.lame),
      Object.entries(each.rcodes)
        .toSorted(([, a], [, b]) => b - a)
        .map(([name, count]) => `${oneLine(name)} ${count}`)
        .join(', '),
    ]),
  );
}
