// Zones to and from Knot, NSD and BIND, all of it signed by TSIG: one AXFR, then fifty changes by IXFR; after them, dig's AXFR of both sides
// is equal. The changes to our own zone are made by nsupdate.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { bind } from '../support/dns-peers/bind.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { nsd } from '../support/dns-peers/nsd.ts';
import { DnsPeer, transferKey } from '../support/dns-peers/peer.ts';
import type { PeerProgram } from '../support/dns-peers/peer.ts';
import { contentAt, serialsSince, untilSerial } from '../support/dns-zone-content.ts';
import { freePort } from '../support/free-port.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import type { ServedSignpost } from '../support/served-signpost.ts';
import { keyedServer, serveFiles, transferConfig } from '../support/transfer-config.ts';

const steps = 50;
/** Changes may be gathered on their way; this often it is looked whether they have come. */
const lookEvery = 10;
const skip = missingPrograms('knotd', 'nsd', 'named', 'dig', 'nsupdate');

/** So many that all changes together are smaller than the zone: a server may send the zone where they aren't. */
const lasting = Array.from({ length: 1500 }, (_, i) => `h${i} A 10.1.${i >> 8}.${i & 255}\n`).join('');

/**
 * Each serial brings a name of its own, takes that of three serials before away, and changes a TTL, a text and two records of a set.
 * No MX at the apex: NSD 4.6 adds it again in each of its steps without having removed it, for which we take the whole zone instead.
 */
function content(zone: string, serial: number): string {
  const names = [serial, serial - 1, serial - 2].filter((each) => each > 0);
  return `$ORIGIN ${zone}.
$TTL 300
@ SOA ns1 host ${serial} 3600 900 604800 300
@ NS ns1
ns1 A 192.0.2.1
list MX 10 mail
mail AAAA 2001:db8::25
*.wild A 192.0.2.9
sub NS ns1.sub
ns1.sub A 192.0.2.53
sub DS 12345 13 2 ${'ab'.repeat(32)}
odd TYPE65280 \\# 3 010203
changing ${300 + serial} TXT "serial ${serial}" "with \\"quotes\\""
${lasting}${names.map((each) => `s${each} A 10.0.0.${each}\ns${each} A 10.0.1.${each}`).join('\n')}
`;
}

const programs = [knot, nsd, bind] as const;
/** What we take from a program, and what it takes from us. */
const fromZone = ({ name }: PeerProgram): string => `from-${name}.example`;
const toZone = ({ name }: PeerProgram): string => `to-${name}.example`;

describe('one server of ours, between them all', { skip }, () => {
  const stack = new AsyncDisposableStack();
  const ours = { address: '127.0.0.1', port: 0 };
  const primaries = new Map<PeerProgram, DnsPeer>();
  const secondaries = new Map<PeerProgram, DnsPeer>();
  let served: ServedSignpost | undefined;

  before(async () => {
    ours.port = await freePort();
    const items: string[] = [];
    const files: Record<string, string> = {};
    const ports = new Map<PeerProgram, number>();
    for (const program of programs) {
      const name = fromZone(program);
      const primary = await DnsPeer.start(program, [{ name, text: content(name, 1), notify: ours }]);
      primaries.set(program, stack.use(primary));
      await untilSerial(primary.endpoint, name, 1, () => primary.said);
      const port = await freePort();
      ports.set(program, port);
      const transferTo = `transfer-to: [key: ${transferKey.name}]`;
      const to = `update: [{ key: ${transferKey.name} }], notify: [${keyedServer({ address: '127.0.0.1', port })}]`;
      items.push(`{ name: ${name}, ${transferTo}, primaries: [${keyedServer(primary.endpoint)}] }`);
      items.push(`{ name: ${toZone(program)}, ${transferTo}, file: ${toZone(program)}, ${to} }`);
      files[toZone(program)] = content(toZone(program), 1);
    }
    const signpost = await serveFiles({ 'signpost.yaml': transferConfig(ours.port, items), ...files });
    ({ served } = stack.use(signpost));
    for (const [program, port] of ports) {
      const zone = { name: toZone(program), primary: ours };
      secondaries.set(program, stack.use(await DnsPeer.start(program, [zone], port)));
    }
  });
  after(() => stack.disposeAsync());

  for (const program of programs) {
    test(`we are a secondary of ${program.name}: AXFR, then ${steps} steps by IXFR`, async () => {
      const zone = fromZone(program);
      const primary = primaries.get(program);
      assert.ok(primary && served);
      const said = (): string => `${primary.said}\n${served?.stderr ?? ''}`;
      await untilSerial(ours, zone, 1, said);
      for (let serial = 2; serial <= steps + 1; serial++) {
        await primary.replaceZone(zone, content(zone, serial));
        await untilSerial(primary.endpoint, zone, serial, said);
        if (serial % lookEvery === 0) await untilSerial(ours, zone, serial, said);
      }
      await untilSerial(ours, zone, steps + 1, said);
      assert.equal(wholeTransfers(served, zone), 1, said());
      assert.deepEqual(await contentAt(ours, zone), await contentAt(primary.endpoint, zone));
      await assertSteps(ours, zone, 1, steps + 1);
    });

    test(`${program.name} is a secondary of us: AXFR, then ${steps} updates by IXFR`, async () => {
      const zone = toZone(program);
      const secondary = secondaries.get(program);
      assert.ok(secondary && served);
      const theirs = secondary.endpoint;
      const said = (): string => `${secondary.said}\n${served?.stderr ?? ''}`;
      await untilSerial(theirs, zone, 1, said);
      for (let serial = 1; serial <= steps; serial += lookEvery) {
        await update(ours, zone, serial, lookEvery);
        await untilSerial(ours, zone, serial + lookEvery, said);
        await untilSerial(theirs, zone, serial + lookEvery, said);
      }
      assert.equal(wholeTransfers(served, zone), 1, said());
      assert.deepEqual(await contentAt(theirs, zone), await contentAt(ours, zone));
      await assertSteps(ours, zone, 1, steps + 1);
    });
  }
});

/** How many times we have sent or taken the zone as a whole, by our log. */
function wholeTransfers({ stderr }: ServedSignpost, zone: string): number {
  const whole = /"(?:kind|how)":"AXFR"/;
  return stderr.split('\n').filter((line) => whole.test(line) && line.includes(`"zone":"${zone}.`)).length;
}

/** By nsupdate, `count` updates, one after the other, the first of them upon `serial`. */
async function update(server: Endpoint, zone: string, serial: number, count: number): Promise<void> {
  const { name, algorithm, secret } = transferKey;
  const commands = Array.from({ length: count }, (_, i) => {
    const to = serial + i + 1;
    return `prereq yxrrset changing.${zone}. TXT
update delete changing.${zone}. TXT
update add changing.${zone}. ${300 + to} TXT "serial ${to}" "with \\"quotes\\""
update delete s${to - 3}.${zone}.
update add s${to}.${zone}. 300 A 10.0.0.${to}
update add s${to}.${zone}. 300 A 10.0.1.${to}
send`;
  });
  const input = `server ${server.address} ${server.port}\nzone ${zone}\nkey ${algorithm}:${name} ${secret}\n${commands.join('\n')}\n`;
  const done = await runProgram('nsupdate', [], { input });
  assert.equal(done.code, 0, `${done.stdout.toString()}${done.stderr}`);
}

/** The journal holds each change: IXFR from the first serial tells them one by one. */
async function assertSteps(server: Endpoint, zone: string, from: number, to: number): Promise<void> {
  const serials = await serialsSince(server, zone, from);
  assert.ok(serials.length > 2, `IXFR from ${from} is no IXFR: serials ${serials.join(' ')}`);
  assert.deepEqual([serials[0], serials.at(-1)], [to, to]);
  const pairs = serials.slice(1, -1);
  for (let i = 0; i < pairs.length; i += 2) {
    // RFC 1995 §4: each step has the SOA that it starts from and the one that it leads to, which the next starts from.
    assert.equal(pairs[i], i === 0 ? from : pairs[i - 1], `serials ${serials.join(' ')}`);
  }
}
