// Asks the servers of one zone one question until one of them gives an answer that can be used: chooses by round-trip time, goes on
// to the next after a silence, a refusal or a lame answer, and looks up the addresses of servers that came without glue.
// All within the budget of the client's question.
import { shuffle } from '../../lib/random.ts';
import { extendedError } from '../wire/edns-option.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { askServer } from './ask-server.ts';
import type { Candidate, ServerReply } from './ask-server.ts';
import type { Delegation, NameServer } from './delegation-cache.ts';
import { isOnTrail } from './engine.ts';
import type { Engine, Sought, Work } from './engine.ts';
import { addressesIn, mostAddresses, readReply } from './read-reply.ts';
import { formatServer, serverEndpoint } from './server-address.ts';
import type { Task } from './task.ts';
import { askingStep, plainName, sentence, soughtInWords } from './words.ts';

export type ZoneReply =
  | ServerReply
  | {
      readonly kind: 'failure';
      readonly reason: string;
      readonly extendedError: number;
      /** A server did answer, but refused or failed: with another question it may do better (RFC 9156 §2.3). */
      readonly answered: boolean;
    };

/** Silences of one server for one question before it isn't asked again (RFC 9520 §3.1: three queries in all). */
const triesPerServer = 3;
/** How long a server that doesn't serve a zone isn't asked for it again, in milliseconds. */
const lameMemory = 5 * 60_000;

/** A server as one of a zone: what it says of another zone is another matter. `address`: with the port. */
export function serverOfZone(zone: DomainName, address: string): string {
  return `${address} ${zone.key}`;
}

/** `shortened`: the question is not the whole one, so that a refusal says little about the server (RFC 9156 §2.3). `avoid`: as for `descend`. */
export function* askZone(
  engine: Engine,
  work: Work,
  delegation: Delegation,
  sought: Sought,
  shortened: boolean,
  avoid: ReadonlySet<string>,
): Task<ZoneReply> {
  const { zone } = delegation;
  if (delegation.askOwn !== undefined) return askOwnZone(engine, work, delegation, sought);
  if (!engine.load.begin(zone))
    return failed(`too many names of ${plainName(zone)} are asked for at one time`, false);
  try {
    return yield* askServers(engine, work, delegation, sought, shortened, avoid);
  } finally {
    engine.load.end(zone);
  }
}

function* askServers(
  engine: Engine,
  work: Work,
  delegation: Delegation,
  sought: Sought,
  shortened: boolean,
  avoid: ReadonlySet<string>,
): Task<ZoneReply> {
  const { zone } = delegation;
  const candidates = new Map<string, Candidate>();
  const addCandidate = (server: NameServer, address: string): void => {
    if (avoid.size > 0 && avoid.has(serverOfZone(zone, formatServer(address)))) return;
    if (!candidates.has(address)) candidates.set(address, { server, address, silent: 0 });
  };
  const withoutAddress: NameServer[] = [];
  const addServers = (servers: readonly NameServer[]): void => {
    for (const server of servers) {
      for (const address of server.addresses) addCandidate(server, address);
      if (server.addresses.length === 0) withoutAddress.push(server);
    }
    shuffle(withoutAddress, engine.random);
  };
  addServers(delegation.servers);
  let further = delegation.further ?? [];
  /** Those whose glue has been taken, and whose own word about their addresses comes last. */
  const glued = new Set<NameServer>();
  let reason: string | undefined;
  let answered = false;
  let lastResorts = 0;
  let otherwise: ZoneReply | undefined;
  for (let tries = 0; tries < engine.limits.triesPerZone;) {
    const { exhausted } = work.budget;
    if (exhausted !== undefined) return otherwise ?? failed(exhausted, answered);
    // A thread of ours may have asked already, and brought the reply.
    const brought = tries === 0 ? engine.exchanges.brought(sought) : undefined;
    const choice =
      brought !== undefined && candidates.has(brought)
        ? { address: brought, lastResort: false }
        : engine.book.choose(candidates.keys(), zone.key);
    if (choice === undefined || (choice.lastResort && (withoutAddress.length > 0 || lastResorts > 0))) {
      const target = withoutAddress.pop();
      if (target === undefined) {
        if (further.length === 0) break;
        addServers(further);
        further = [];
        continue;
      }
      // What leads to the server's own zone anyway may lead to this one: a question saved, where that zone is known.
      const glue = glued.has(target) ? [] : engine.delegations.glueOf(target.name);
      if (glue.length > 0) {
        glued.add(target);
        withoutAddress.unshift(target);
        for (const address of glue) addCandidate(target, address);
        continue;
      }
      const own = yield* addressesOf(engine, work, zone, target);
      // On the way to its own word its parent's may have come, which counts where that one leads nowhere.
      for (const address of [...own, ...engine.delegations.glueOf(target.name)])
        addCandidate(target, address);
      continue;
    }
    const candidate = candidates.get(choice.address);
    if (candidate === undefined) break;
    if (isBusy(engine, choice.address)) {
      candidates.delete(choice.address);
      if (!answered) reason = `the servers of ${plainName(zone)} have too many questions of ours at hand`;
      continue;
    }
    if (choice.lastResort) lastResorts += 1;
    tries += 1;
    const told = yield* askServer(engine, work, delegation, candidate, sought, shortened);
    switch (told.kind) {
      case 'usable':
        return told.reply;
      case 'silent':
        candidate.silent += 1;
        if (candidate.silent >= triesPerServer) candidates.delete(choice.address);
        if (!answered) reason = told.reason;
        break;
      case 'useless':
        candidates.delete(choice.address);
        if (told.lame && !shortened) {
          engine.book.markLame(choice.address, zone.key, lameMemory);
          engine.figures.lame(formatServer(choice.address));
        }
        answered = true;
        ({ reason } = told);
        otherwise ??= told.otherwise;
        break;
    }
  }
  return (
    otherwise ?? failed(reason ?? `${plainName(zone)} has no server whose address can be found`, answered)
  );
}

/** A server that is silent gets far fewer questions at one time. */
function isBusy({ book, exchanges, limits }: Engine, address: string): boolean {
  const most = book.isSilent(address) ? limits.perSilentServer : limits.perServer;
  return exchanges.inFlight(serverEndpoint(address)) >= most;
}

/** A zone that this server has itself: nothing goes over the network. */
function askOwnZone(engine: Engine, work: Work, delegation: Delegation, sought: Sought): ZoneReply {
  const { zone } = delegation;
  const since = engine.clock.monotonic();
  const message = delegation.askOwn?.(sought.name, sought.type);
  const server = engine.self ?? { name: 'this server', address: '' };
  if (message === undefined)
    return failed(`${plainName(zone)} is a zone of this server, and not loaded`, false);
  const reading = readReply(message, { zone, name: sought.name, type: sought.type, wholeChain: false });
  if (reading.kind !== 'answer' && reading.kind !== 'referral')
    return failed(`${plainName(zone)} is a zone of this server: ${reading.reason}`, true);
  const text = sentence(`Looks into its own zone for ${soughtInWords(sought)}`);
  work.journal.add(() => ({
    step: askingStep(zone),
    since,
    ok: true,
    server,
    text,
    detail: { zone: zone.toString() },
  }));
  return { kind: 'reply', reading, message, server, since };
}

function failed(reason: string, answered: boolean): ZoneReply {
  return { kind: 'failure', reason, extendedError: extendedError.NO_REACHABLE_AUTHORITY, answered };
}

/** Looks up a server's addresses: IPv4 first, IPv6 where that gives none. None at all where it would need the zone itself. */
function* addressesOf(
  engine: Engine,
  work: Work,
  zone: DomainName,
  server: NameServer,
): Task<readonly string[]> {
  // Only the zone's own servers could say, and they are what we look for.
  if (server.name.isAtOrBelow(zone) && !zone.isRoot) return [];
  if (work.depth >= engine.limits.depth) return [];
  for (const type of [rrType.A, rrType.AAAA]) {
    const sought: Sought = { name: server.name, type };
    if (!engine.book.reachable(type === rrType.A ? 'ipv4' : 'ipv6')) continue;
    if (isOnTrail(work.trail, sought)) return [];
    const isKnown = engine.answers.get(server.name, type, 'any') !== undefined;
    if (!isKnown && !work.budget.takeTarget()) return [];
    const outcome = yield* engine.resolveWithin(sought, work);
    if (outcome.end.kind !== 'records') continue;
    const addresses = addressesIn(outcome.end.rrset)
      .filter((address) => engine.serverAddresses.has(address, engine.routes.isInside(zone)))
      .slice(0, mostAddresses);
    if (addresses.length > 0) return addresses;
  }
  work.budget.targetFailed();
  return [];
}
