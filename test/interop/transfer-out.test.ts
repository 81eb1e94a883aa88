// Our side as a primary: dig and kdig fetch zones with keys and without, and Knot, NSD and BIND keep up with fifty changes.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Desk } from '../../src/dns/desk/desk.ts';
import { AccessRules } from '../../src/dns/desk/access.ts';
import { AuthorityService } from '../../src/dns/desk/authority-service.ts';
import { Authority } from '../../src/dns/authority/authority.ts';
import { NotifySender } from '../../src/dns/notify/notify-sender.ts';
import { parseTsigKey, TsigKeys, tsigAlgorithms } from '../../src/dns/tsig/tsig-key.ts';
import type { TsigKey } from '../../src/dns/tsig/tsig-key.ts';
import { TransferServer } from '../../src/dns/transfer/out/transfer-server.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { ok } from '../../src/lib/result.ts';
import { createNetwork } from '../../src/net/network.ts';
import { zoneFromText } from '../support/dns-authority.ts';
import { openDnsListeners } from '../support/dns-listeners.ts';
import { record } from '../support/dns-messages.ts';
import { bind } from '../support/dns-peers/bind.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { nsd } from '../support/dns-peers/nsd.ts';
import { DnsPeer, transferKey } from '../support/dns-peers/peer.ts';
import { contentAt, untilSerial } from '../support/dns-zone-content.ts';
import { freePort } from '../support/free-port.ts';
import { MemoryZoneKeeper } from '../support/memory-zone-keeper.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';

const origin = domainName('example.com');

function soa(serial: number): string {
  return `example.com. 300 IN SOA ns.example.com. host.example.com. ${serial} 3600 600 86400 300`;
}

const text = `$TTL 300
@ SOA ns host 1 3600 600 86400 300
@ NS ns
ns A 192.0.2.53
WWW A 192.0.2.80
mail MX 10 ns
t TXT "a" "b\\"c"
_sip._udp SRV 0 5 5060 ns
*.w CNAME www
sub NS ns.sub
ns.sub A 192.0.2.2
${Array.from({ length: 2000 }, (_, i) => `host-${i} A 10.1.${i >> 8}.${i & 255}`).join('\n')}
`;

function keyOf(name: string, algorithm: TsigKey['algorithm']): TsigKey {
  const key = parseTsigKey(name, algorithm, transferKey.secret);
  return key.ok ? key.value : assert.fail(key.fault);
}

const keys = [
  keyOf(transferKey.name, transferKey.algorithm),
  ...tsigAlgorithms.map((algorithm) => keyOf(`key-${algorithm}`, algorithm)),
];

interface Primary extends AsyncDisposable {
  readonly keeper: MemoryZoneKeeper;
  readonly endpoint: Endpoint;
}

/** Gives the zone to anyone with one of the keys, and tells `secondary` of its changes. */
async function startPrimary(secondary?: Endpoint): Promise<Primary> {
  const keeper = new MemoryZoneKeeper(new ZoneSet([zoneFromText('example.com.', text)]));
  const authority = new Authority(keeper.zones);
  const rules = AccessRules.compile(
    keys.map(({ name }) => ({ addresses: [], key: name.toString(), tls: false })),
  );
  assert.ok(rules.ok);
  const [clock, random, log] = [systemClock, systemRandom, silentLog];
  const server = new TransferServer({ keeper, access: () => rules.value, clock, log });
  const desk = new Desk({
    keys: new TsigKeys(keys),
    handlers: { transfer: server.handle },
    questions: authority,
    clock,
    log,
  });
  const listeners = await openDnsListeners(new AuthorityService(authority, desk));
  const targets = secondary === undefined ? [] : [{ endpoint: secondary, key: keys[0], tls: undefined }];
  const network = createNetwork();
  const sender = new NotifySender({ keeper, targets: () => targets, network, clock, random, log });
  sender.start([origin]);
  return {
    keeper,
    endpoint: { address: '127.0.0.1', port: listeners.port },
    [Symbol.asyncDispose]: async () => {
      sender[Symbol.dispose]();
      await listeners[Symbol.asyncDispose]();
    },
  };
}

/** Adds a host and takes away the one that the step before added. */
async function step(keeper: MemoryZoneKeeper, serial: number): Promise<void> {
  const host = (n: number): string => `step-${n}.example.com. 300 IN A 192.0.2.${n}`;
  const changed = await keeper.change(origin, () =>
    ok({
      from: record(soa(serial)),
      to: record(soa(serial + 1)),
      removed: serial === 1 ? [] : [record(host(serial))],
      added: [record(host(serial + 1))],
    }),
  );
  assert.ok(changed.ok);
}

suite('dig and kdig', { skip: missingPrograms('dig', 'kdig') }, () => {
  let primary: Primary;
  before(async () => {
    primary = await startPrimary();
    for (const serial of [1, 2, 3]) await step(primary.keeper, serial);
  });
  after(async () => await primary[Symbol.asyncDispose]());

  async function ask(program: 'dig' | 'kdig', ...args: string[]): Promise<string> {
    const { address, port } = primary.endpoint;
    const { stdout, stderr } = await runProgram(program, [`@${address}`, '-p', String(port), ...args]);
    return `${stdout.toString()}${stderr}`;
  }

  const records = 2000 + 12;
  for (const key of keys) {
    const named = `${key.algorithm}:${key.name.toString()}:${transferKey.secret}`;
    test(`AXFR with ${key.name.toString()}`, async () => {
      const dig = await ask('dig', '-y', named, 'example.com', 'AXFR');
      has(dig, new RegExp(`XFR size: ${records} records`));
      hasNot(dig, /Couldn't verify|WARNING|failed/);
      const kdig = await ask('kdig', '-y', named, 'example.com', 'AXFR');
      has(kdig, new RegExp(`${records} records`));
      hasNot(kdig, /;; (WARNING|ERROR)/);
    });
  }

  const named = `${transferKey.algorithm}:${transferKey.name}:${transferKey.secret}`;
  test('IXFR by TCP and by UDP', async () => {
    for (const transport of ['+tcp', '+notcp']) {
      const answer = await ask('dig', '-y', named, transport, 'example.com', 'IXFR=2', '+noall', '+answer');
      const serials = Array.from(answer.matchAll(/SOA\s+\S+\s+\S+\s+(\d+)/g), ([, serial]) => serial);
      assert.deepEqual(serials, ['4', '2', '3', '3', '4', '4'], transport);
      hasNot(answer, /Couldn't verify/);
    }
    const kdig = await ask('kdig', '-y', named, '+tcp', 'example.com', 'IXFR=1');
    has(kdig, /step-4\.example\.com\./);
    hasNot(kdig, /;; (WARNING|ERROR)/);
  });

  test('a signed question is answered and signed', async () => {
    const answer = await ask('dig', '-y', named, '+norec', 'www.example.com', 'A');
    has(answer, /status: NOERROR/);
    has(answer, /192\.0\.2\.80/);
    has(answer, /TSIG\s+hmac-sha256/);
    hasNot(answer, /Couldn't verify|WARNING/);
  });

  const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['without a key', ['example.com', 'AXFR'], /Transfer failed/],
    ['of a zone that isn’t here', ['-y', named, 'example.org', 'AXFR'], /Transfer failed/],
    [
      'with a key that isn’t known',
      ['-y', `hmac-sha256:other:${transferKey.secret}`, 'www.example.com', 'A'],
      /status: NOTAUTH[\s\S]*BADKEY/,
    ],
    [
      'with another secret',
      ['-y', `hmac-sha256:${transferKey.name}:AAAAAAAAAAAAAAAAAAAAAA==`, 'www.example.com', 'A'],
      /status: NOTAUTH[\s\S]*BADSIG/,
    ],
    [
      'with SHA-1',
      ['-y', `hmac-sha1:${transferKey.name}:${transferKey.secret}`, 'www.example.com', 'A'],
      /status: NOTAUTH[\s\S]*BADKEY/,
    ],
  ];
  for (const [title, args, expected] of refusals)
    test(title, async () => has(await ask('dig', ...args), expected));
});

for (const program of [knot, nsd, bind]) {
  const needed = { knot: 'knotd', nsd: 'nsd', bind: 'named' }[program.name] ?? program.name;
  test(`${program.name} follows fifty changes`, { skip: missingPrograms(needed, 'dig') }, async () => {
    const port = await freePort();
    const secondary: Endpoint = { address: '127.0.0.1', port };
    await using primary = await startPrimary(secondary);
    await using peer = await DnsPeer.start(
      program,
      [{ name: 'example.com', primary: primary.endpoint }],
      port,
    );
    const said = (): string => peer.said;
    await untilSerial(secondary, 'example.com', 1, said);
    for (let serial = 1; serial <= 50; serial++) {
      await step(primary.keeper, serial);
      if (serial % 10 === 0) await untilSerial(secondary, 'example.com', serial + 1, said);
    }
    assert.deepEqual(
      await contentAt(secondary, 'example.com'),
      await contentAt(primary.endpoint, 'example.com'),
    );
  });
}

/** The text is too long to be shown whole. */
function has(text: string, expected: RegExp): void {
  assert.ok(expected.test(text), `no ${String(expected)} in ...${text.slice(-600)}`);
}

function hasNot(text: string, wrong: RegExp): void {
  assert.ok(!wrong.test(text), `${String(wrong)} in ...${text.slice(-600)}`);
}
