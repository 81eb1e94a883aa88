// Builds the internet in a box: a folder and a `signpost.yaml` for each party, the map from real-looking addresses to
// loopback ports, and then the servers themselves, each started by the same way as `signpost serve`.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseConfig } from '../config/parse-config.ts';
import type { Config } from '../config/config.ts';
import type { JourneyObserver } from '../lib/journey.ts';
import type { Log } from '../lib/log.ts';
import { systemRandom } from '../lib/random.ts';
import { makeCredentials } from '../login/password.ts';
import { openStores, startSignpost } from '../main.ts';
import type { RunningSignpost, Stores } from '../main.ts';
import { parseMailAddress } from '../smtp/wire/path.ts';
import { findFreePort, labHost } from './ports.ts';
import { labParties } from './world.ts';
import type { LabAccount, LabListener, LabParty } from './world.ts';

/** A party, up and running. */
export interface LabServer {
  readonly party: LabParty;
  readonly configFile: string;
  /** The loopback port of each of its doors. */
  readonly ports: ReadonlyMap<LabListener, number>;
  readonly running: RunningSignpost;
}

export interface LabBox extends AsyncDisposable {
  readonly folder: string;
  readonly servers: readonly LabServer[];
  server(id: string): LabServer;
}

export interface LabBoxOptions {
  /** An empty folder that the box fills and, when it is disposed of, removes. */
  readonly folder: string;
  readonly log: Log;
  /** Is told the steps that each party takes. */
  readonly onStep: (party: LabParty, ...step: Parameters<JourneyObserver>) => void;
}

export async function openBox(options: LabBoxOptions): Promise<LabBox> {
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(options.folder, { recursive: true, force: true }));
  const ports = await choosePorts();
  const map = addressMap(ports);
  const servers: LabServer[] = [];
  for (const party of labParties) {
    const partyPorts = ports.get(party.id) ?? new Map<LabListener, number>();
    const configFile = await writeParty(options.folder, party, partyPorts, map);
    const running = await startParty(configFile, party, options);
    opened.defer(() => running.close());
    servers.push({ party, configFile, ports: partyPorts, running });
  }
  const owned = opened.move();
  return {
    folder: options.folder,
    servers,
    server(id) {
      const found = servers.find(({ party }) => party.id === id);
      if (found === undefined) throw new Error(`nobody in the box is called '${id}'`);
      return found;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type PortTable = ReadonlyMap<string, ReadonlyMap<LabListener, number>>;

async function choosePorts(): Promise<PortTable> {
  const table = new Map<string, ReadonlyMap<LabListener, number>>();
  for (const { id, doors } of labParties) {
    const ports = new Map<LabListener, number>();
    for (const { listener, preferredPort } of doors) ports.set(listener, await findFreePort(preferredPort));
    table.set(id, ports);
  }
  return table;
}

/** `network.map`: every public address and port in the box, and where it is on loopback. */
function addressMap(ports: PortTable): Record<string, string> {
  const map: Record<string, string> = {};
  for (const { id, address, doors } of labParties) {
    for (const { listener, publicPort } of doors) {
      map[`${address}:${publicPort}`] = `${labHost}:${ports.get(id)?.get(listener)}`;
    }
  }
  return map;
}

async function writeParty(
  folder: string,
  party: LabParty,
  ports: ReadonlyMap<LabListener, number>,
  map: Record<string, string>,
): Promise<string> {
  const home = join(folder, party.id);
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (party.zone !== undefined) await writeFile(join(home, 'zone'), party.zone.text);
  const root = labParties.find(({ id }) => id === 'root');
  const resolver = labParties.find(({ id }) => id === 'resolver');
  const resolves = party.id === 'resolver';
  const config = {
    hostname: party.hostname,
    data: './data',
    listeners: Object.fromEntries([...ports].map(([listener, port]) => [listener, [`${labHost}:${port}`]])),
    ...(party.zone !== undefined && { zones: [{ name: party.zone.name, file: 'zone' }] }),
    resolver: {
      'trust-anchors': [],
      ...(resolves
        ? { 'root-hints': [{ name: root?.hostname, addresses: [root?.address] }] }
        : { forward: [`${resolver?.address}:53`] }),
    },
    // All in the box comes from this host, and is looked into all the same.
    'mail-checks': { exempt: [] },
    // Several servers share this one machine, and none of them has much to do.
    workers: { dns: 1 },
    network: { map },
  };
  const file = join(home, 'signpost.yaml');
  await writeFile(file, `# ${party.role}: ${party.hostname}, ${party.address}\n${stringify(config)}`);
  return file;
}

async function startParty(
  configFile: string,
  party: LabParty,
  options: LabBoxOptions,
): Promise<RunningSignpost> {
  const config = await readLabConfig(configFile);
  if (party.accounts.length > 0) {
    await using stores = await openStores(config);
    for (const account of party.accounts) await addLabAccount(stores, account);
  }
  return startSignpost(config, {
    log: options.log.child({ server: party.id }),
    onStep: (id, step) => options.onStep(party, id, step),
  });
}

async function readLabConfig(file: string): Promise<Config> {
  const config = parseConfig(await readFile(file, 'utf8'), file);
  if (!config.ok) throw new Error(`the lab wrote a config that is wrong: ${JSON.stringify(config.fault)}`);
  return config.value;
}

async function addLabAccount(stores: Stores, account: LabAccount): Promise<void> {
  const address = parseMailAddress(account.address);
  const credentials = await makeCredentials(account.password, systemRandom);
  if (!address.ok || !credentials.ok) throw new Error(`the lab's account ${account.address} is wrong`);
  await stores.domains.addDomain(address.value.domain);
  const added = await stores.accounts.addAccount(address.value, credentials.value);
  if (!added.ok) throw new Error(added.fault);
}
