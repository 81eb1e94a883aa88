// The authority as one role: the zones of the config kept and served, and all that their clients may ask of them. What it needs from
// outside, the listeners and the store, are arguments.
import type { Config, RemoteServerConfig, ZoneConfig } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Network } from '../../lib/transport.ts';
import { AnswerProtocol } from '../authority/answer-protocol.ts';
import { Authority } from '../authority/authority.ts';
import { AccessRules } from '../desk/access.ts';
import { AuthorityService } from '../desk/authority-service.ts';
import { Desk } from '../desk/desk.ts';
import { Keeper } from '../keeper/keeper.ts';
import type { ZoneSettings } from '../keeper/zone-life.ts';
import type { DnsResponder } from '../responder.ts';
import { Secondary } from '../transfer/in/secondary.ts';
import type { Primary } from '../transfer/in/primary.ts';
import { TransferServer } from '../transfer/out/transfer-server.ts';
import type { TsigKeys } from '../tsig/tsig-key.ts';
import { updateHandler } from '../update/update-handler.ts';
import { UpdatePolicy } from '../update/update-policy.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneLoader, ZoneSource } from '../zone/zone-loader.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import type { ZoneStore } from '../zone/zone-store.ts';
import { protocolSettings } from './protocol-settings.ts';
import { ServedZones } from './served-zones.ts';
import type { ServedZone } from './served-zones.ts';
import { readTsigKeys } from './tsig-keys.ts';

export interface AuthorityRoleOptions {
  readonly config: Pick<Config, 'zones' | 'keys' | 'authority'>;
  /** Needed where `needsZoneStore` says so. */
  readonly store: ZoneStore | undefined;
  readonly loader: ZoneLoader;
  readonly network: Network;
  /** As cookie-secrets.ts makes them. */
  readonly cookieSecrets: readonly Uint8Array[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Whether some zone isn't only in its file. */
export function needsZoneStore(zones: readonly ZoneConfig[]): boolean {
  return zones.some(isDurable);
}

/** A zone of the config, its names and rules read. */
interface ConfiguredZone {
  readonly origin: DomainName;
  readonly config: ZoneConfig;
  readonly transferTo: AccessRules;
  /** `undefined`: takes no updates. */
  readonly update: UpdatePolicy | undefined;
}

export class AuthorityRole {
  readonly zones: ZoneSet;
  readonly keeper: Keeper;
  readonly responder: DnsResponder;
  readonly #options: AuthorityRoleOptions;
  readonly #configured: ReadonlyMap<string, ConfiguredZone>;
  readonly #keys: TsigKeys;
  readonly #files: ServedZones;
  readonly #secondary: Secondary | undefined;

  /** The faults are sentences: what in the config can't be used. Nothing is served before `open`. */
  static make(options: AuthorityRoleOptions): Result<AuthorityRole, readonly string[]> {
    const keys = readTsigKeys(options.config.keys);
    if (!keys.ok) return keys;
    const configured = new Map<string, ConfiguredZone>();
    for (const config of options.config.zones) {
      const zone = readZone(config);
      if (!zone.ok) return fault([`zone ${config.name}: ${zone.fault}`]);
      configured.set(zone.value.origin.key, zone.value);
    }
    return ok(new AuthorityRole(options, configured, keys.value));
  }

  private constructor(
    options: AuthorityRoleOptions,
    configured: ReadonlyMap<string, ConfiguredZone>,
    keys: TsigKeys,
  ) {
    this.#options = options;
    this.#configured = configured;
    this.#keys = keys;
    const { config, store, loader, clock, random, log, cookieSecrets } = options;
    this.zones = new ZoneSet();
    this.keeper = new Keeper({ zones: this.zones, store, clock, log });
    this.#files = new ServedZones({ sources: this.#sources(), loader, taker: this.keeper, log });
    this.#secondary =
      store === undefined ? undefined : new Secondary({ ...options, store, keeper: this.keeper });
    const settings = protocolSettings(config.authority, cookieSecrets);
    const questions = new Authority(this.zones, {
      minimalResponses: config.authority.minimalResponses,
      protocol: new AnswerProtocol(settings, clock, random),
    });
    const transfers = new TransferServer({
      keeper: this.keeper,
      access: (origin) => this.#configured.get(origin.key)?.transferTo,
      clock,
      log,
    });
    const desk = new Desk({
      keys,
      questions,
      clock,
      log,
      maxUdpSize: config.authority.udpSize,
      handlers: {
        transfer: transfers.handle,
        update: updateHandler({
          keeper: this.keeper,
          policyOf: (origin) => this.#configured.get(origin.key)?.update,
          log,
        }),
      },
    });
    this.responder = new AuthorityService(questions, desk);
  }

  /** Those that files have, of which each was loaded well at least once. */
  get fileZones(): readonly ServedZone[] {
    return this.#files.zones;
  }

  /** Serves what is kept and what the files have. Gives what is wrong: texts of one or more lines, the other zones being served. */
  async open(): Promise<readonly string[]> {
    const faults = await this.keeper.open([...this.#configured.values()].map(settingsOf));
    faults.push(...(await this.#files.load()));
    for (const { origin, config } of this.#configured.values()) {
      if (config.primaries.length > 0) await this.#takeFrom(origin, config.primaries);
    }
    return faults;
  }

  /** Reads the files again that have changed; what is wrong is given as by `open`, and what was there keeps serving. */
  reload(): Promise<readonly string[]> {
    return this.#files.load();
  }

  /** Ends what is under way. The store is closed after it, by who has opened it. */
  async close(): Promise<void> {
    await this.#secondary?.close();
    await this.keeper.close();
  }

  #sources(): readonly ZoneSource[] {
    return [...this.#configured.values()].flatMap(({ origin, config: { file } }) =>
      file === undefined ? [] : [{ name: origin, file }],
    );
  }

  async #takeFrom(origin: DomainName, primaries: readonly RemoteServerConfig[]): Promise<void> {
    const kept = await this.#options.store?.findKeptZone(origin);
    this.#secondary?.add({
      origin,
      primaries: primaries.map((primary) => this.#primaryOf(primary)),
      state: kept?.state ?? {},
    });
  }

  #primaryOf({ endpoint, key, tls }: RemoteServerConfig): Primary {
    const name = key === undefined ? undefined : parseName(key);
    // The config was checked for keys that there aren't.
    return { endpoint, tls, key: name?.ok === true ? this.#keys.find(name.value) : undefined };
  }
}

function isDurable({ file, update }: ZoneConfig): boolean {
  return file === undefined || update.length > 0;
}

function settingsOf({ origin, config }: ConfiguredZone): ZoneSettings {
  const { file, journalSize } = config;
  return { origin, journalSize, file: file !== undefined, durable: isDurable(config) };
}

function readZone(config: ZoneConfig): Result<ConfiguredZone> {
  const origin = parseName(config.name);
  if (!origin.ok) return origin;
  const transferTo = AccessRules.compile(config.transferTo);
  if (!transferTo.ok) return transferTo;
  const update = config.update.length === 0 ? undefined : UpdatePolicy.compile(config.update);
  if (update?.ok === false) return update;
  return ok({ origin: origin.value, config, transferTo: transferTo.value, update: update?.value });
}
