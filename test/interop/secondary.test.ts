// Our side as a secondary: zones of Knot, NSD and BIND come by AXFR, their changes by NOTIFY and IXFR, all of it signed; a catalog of Knot's
// has its members served here, and one of ours at Knot and BIND.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authority } from '../../src/dns/authority/authority.ts';
import { CatalogConsumer } from '../../src/dns/catalog/catalog-consumer.ts';
import { publishCatalog } from '../../src/dns/catalog/catalog-producer.ts';
import { SecondaryMembers } from '../../src/dns/catalog/secondary-members.ts';
import { AccessRules } from '../../src/dns/desk/access.ts';
import { AuthorityService } from '../../src/dns/desk/authority-service.ts';
import { Desk } from '../../src/dns/desk/desk.ts';
import { notifyHandler } from '../../src/dns/notify/notify-receiver.ts';
import { NotifySender } from '../../src/dns/notify/notify-sender.ts';
import type { Primary } from '../../src/dns/transfer/in/primary.ts';
import { defaultSecondaryLimits } from '../../src/dns/transfer/in/secondary-limits.ts';
import { Secondary } from '../../src/dns/transfer/in/secondary.ts';
import { TransferServer } from '../../src/dns/transfer/out/transfer-server.ts';
import { parseTsigKey, TsigKeys } from '../../src/dns/tsig/tsig-key.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { zonemdCheck } from '../../src/dns/zone/zonemd.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Log, LogFields } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createNetwork } from '../../src/net/network.ts';
import { zoneFromText } from '../support/dns-authority.ts';
import { openDnsListeners } from '../support/dns-listeners.ts';
import { bind } from '../support/dns-peers/bind.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { nsd } from '../support/dns-peers/nsd.ts';
import { DnsPeer, transferKey } from '../support/dns-peers/peer.ts';
import { contentAt, untilSerial } from '../support/dns-zone-content.ts';
import { freePort } from '../support/free-port.ts';
import { MemoryZoneKeeper } from '../support/memory-zone-keeper.ts';
import { missingPrograms } from '../support/programs.ts';

const parsed = parseTsigKey(transferKey.name, transferKey.algorithm, transferKey.secret);
const key = parsed.ok ? parsed.value : assert.fail(parsed.fault);
const [clock, random] = [systemClock, systemRandom];

interface OurSide extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly keeper: MemoryZoneKeeper;
  readonly secondary: Secondary;
  /** What was logged, a line each. */
  readonly said: readonly string[];
  take(zone: string, primary: Endpoint): void;
}

/** Serves what it takes, to anyone with the key, and hears everybody's NOTIFY. */
async function startOurSide(
  zones: ZoneSet = new ZoneSet(),
  origins: readonly DomainName[] = [],
): Promise<OurSide> {
  const said: string[] = [];
  const say = (event: string, fields?: LogFields): void =>
    void said.push(`${event} ${JSON.stringify(fields ?? {})}`);
  const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
  const keeper = new MemoryZoneKeeper(zones, origins);
  const network = createNetwork();
  const secondary = new Secondary({
    keeper,
    store: { saveState: () => Promise.resolve() },
    network,
    clock,
    random,
    log,
    check: zonemdCheck(clock, log),
    limits: { ...defaultSecondaryLimits, notifyGapMs: 20 },
  });
  const authority = new Authority(keeper.zones);
  const rules = AccessRules.compile([{ addresses: [], key: transferKey.name, tls: false }]);
  assert.ok(rules.ok);
  const transfers = new TransferServer({ keeper, access: () => rules.value, clock, log: silentLog });
  const desk = new Desk({
    keys: new TsigKeys([key]),
    handlers: {
      transfer: transfers.handle,
      notify: notifyHandler({
        zone: (origin) =>
          secondary.has(origin) ? { origin, primaries: ['127.0.0.1'], notifyFrom: undefined } : undefined,
        notified: (origin, serial, from) => void secondary.notified(origin, serial, from),
        log: silentLog,
      }),
    },
    questions: authority,
    clock,
    log: silentLog,
  });
  const listeners = await openDnsListeners(new AuthorityService(authority, desk));
  return {
    endpoint: { address: '127.0.0.1', port: listeners.port },
    keeper,
    secondary,
    said,
    take(zone, endpoint) {
      const primary: Primary = { endpoint, key, tls: undefined };
      secondary.add({ origin: domainName(zone), primaries: [primary], state: {} });
    },
    async [Symbol.asyncDispose]() {
      await secondary.close();
      await listeners[Symbol.asyncDispose]();
    },
  };
}

function zoneText(serial: number): string {
  const hosts = Array.from({ length: 500 }, (_, i) => `host-${i} A 10.1.${i >> 8}.${i & 255}`);
  return `$TTL 300
@ SOA ns host ${serial} 3600 600 86400 300
@ NS ns
ns A 192.0.2.53
*.w CNAME www
sub NS ns.sub
ns.sub A 192.0.2.2
step-${serial} TXT "only here"
changes ${300 + serial} MX ${serial} mail.example.net.
${hosts.join('\n')}
`;
}

const steps = 50;

for (const program of [knot, nsd, bind]) {
  const needed = { knot: 'knotd', nsd: 'nsd', bind: 'named' }[program.name] ?? program.name;
  test(
    `a zone of ${program.name}'s, and ${steps} changes`,
    { skip: missingPrograms(needed, 'dig') },
    async () => {
      await using ours = await startOurSide();
      await using peer = await DnsPeer.start(program, [
        { name: 'example.com', text: zoneText(1), notify: ours.endpoint },
      ]);
      const said = (): string => `${peer.said}\n${ours.said.join('\n')}`;
      await untilSerial(peer.endpoint, 'example.com', 1, said);
      ours.take('example.com', peer.endpoint);
      await untilSerial(ours.endpoint, 'example.com', 1, said);
      for (let serial = 2; serial <= steps + 1; serial++) {
        await peer.replaceZone('example.com', zoneText(serial));
        await untilSerial(ours.endpoint, 'example.com', serial, said);
      }
      assert.deepEqual(
        await contentAt(ours.endpoint, 'example.com'),
        await contentAt(peer.endpoint, 'example.com'),
      );
      const taken = ours.said.filter((line) => line.startsWith('a zone was taken'));
      assert.equal(taken.filter((line) => line.includes('"AXFR"')).length, 1, said());
      assert.ok(taken.filter((line) => line.includes('"IXFR"')).length === steps, said());
    },
  );
}

test(
  'a catalog of Knot’s: its members are served here',
  { skip: missingPrograms('knotd', 'dig') },
  async () => {
    const members = ['one.example', 'two.example'];
    await using ours = await startOurSide();
    await using peer = await DnsPeer.start(knot, [
      { name: 'catalog.example', catalog: 'producer', notify: ours.endpoint },
      ...members.map((name) => ({ name, text: zoneText(1), memberOf: 'catalog.example' })),
    ]);
    const catalog = domainName('catalog.example');
    const primaries = new Map([[catalog.key, [{ endpoint: peer.endpoint, key, tls: undefined }]]]);
    const consumer = new CatalogConsumer({
      keeper: ours.keeper,
      members: new SecondaryMembers({
        keeper: ours.keeper,
        store: { saveState: () => Promise.resolve(), findKeptZone: () => Promise.resolve(undefined) },
        secondary: ours.secondary,
        primaries,
        journalSize: 1e6,
      }),
      catalogs: [catalog],
      clock,
      log: silentLog,
    });
    // Knot answers no unsigned question about a catalog.
    for (const name of members) await untilSerial(peer.endpoint, name, 1, () => peer.said);
    ours.take('catalog.example', peer.endpoint);
    const said = (): string => `${peer.said}\n${ours.said.join('\n')}`;
    for (const name of members) {
      await untilSerial(ours.endpoint, name, 1, said);
      assert.deepEqual(await contentAt(ours.endpoint, name), await contentAt(peer.endpoint, name));
    }
    await consumer.close();
  },
);

for (const program of [knot, bind]) {
  const needed = { knot: 'knotd', bind: 'named' }[program.name] ?? program.name;
  test(
    `a catalog of ours: ${program.name} serves its members`,
    { skip: missingPrograms(needed, 'dig') },
    async () => {
      const catalog = domainName('catalog.example');
      const members = ['one.example.', 'two.example.', 'three.example.'];
      const zones = new ZoneSet(members.map((name) => zoneFromText(name, zoneText(7))));
      await using ours = await startOurSide(zones, [catalog]);
      const publish = async (count: number): Promise<void> => {
        const listed = members.slice(0, count).map((name) => domainName(name));
        const published = await publishCatalog(catalog, listed, { keeper: ours.keeper, clock, random });
        assert.ok(published.ok);
      };
      await publish(2);
      const port = await freePort();
      const peer = { address: '127.0.0.1', port };
      await using server = await DnsPeer.start(
        program,
        [{ name: 'catalog.example', catalog: 'consumer', primary: ours.endpoint }],
        port,
      );
      using sender = new NotifySender({
        keeper: ours.keeper,
        targets: () => [{ endpoint: peer, key, tls: undefined }],
        network: createNetwork(),
        clock,
        random,
        log: silentLog,
      });
      sender.start([catalog]);
      const said = (): string => server.said;
      for (const name of members.slice(0, 2)) await untilSerial(peer, name, 7, said);
      await publish(3);
      await untilSerial(peer, 'three.example.', 7, said);
      assert.deepEqual(
        await contentAt(peer, 'three.example.'),
        await contentAt(ours.endpoint, 'three.example.'),
      );
    },
  );
}
