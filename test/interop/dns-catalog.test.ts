// Catalog zones (RFC 9432) to and from Knot and BIND: the zones that a catalog names are served, with the content of their primary.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { bind } from '../support/dns-peers/bind.ts';
import { knot } from '../support/dns-peers/knot.ts';
import { DnsPeer, transferKey } from '../support/dns-peers/peer.ts';
import { contentAt, serialAt, untilGone, untilSerial } from '../support/dns-zone-content.ts';
import { freePort } from '../support/free-port.ts';
import { missingPrograms } from '../support/programs.ts';
import { keyedServer, serveFiles, transferConfig } from '../support/transfer-config.ts';

const catalog = 'catalog.example';
const members = ['first.example', 'second.example'] as const;
const [first, second] = members;
const skip = missingPrograms('knotd', 'named', 'dig');
const toKey = `transfer-to: [key: ${transferKey.name}]`;

function content(name: string): string {
  return `$ORIGIN ${name}.
$TTL 300
@ SOA ns1 host 7 3600 900 604800 300
@ NS ns1
ns1 A 192.0.2.1
@ TXT "this is ${name}"
`;
}

async function localPort(): Promise<Endpoint> {
  return { address: '127.0.0.1', port: await freePort() };
}

for (const program of [knot, bind]) {
  test(`${program.name} serves the zones of our catalog`, { skip }, async () => {
    const [ours, theirs] = [await localPort(), await localPort()];
    const items = [
      `{ name: ${catalog}, catalog: producer, ${toKey}, notify: [${keyedServer(theirs)}] }`,
      `{ names: [${members.join(', ')}], file: '%s.zone', member-of: ${catalog}, ${toKey} }`,
    ];
    await using signpost = await serveFiles({
      'signpost.yaml': transferConfig(ours.port, items),
      ...Object.fromEntries(members.map((name) => [`${name}.zone`, content(name)])),
    });
    await untilSerial(ours, first, 7, () => signpost.served.stderr);
    const consumer = { name: catalog, primary: ours, catalog: 'consumer' } as const;
    await using peer = await DnsPeer.start(program, [consumer], theirs.port);
    const said = (): string => `${peer.said}\n${signpost.served.stderr}`;
    for (const name of members) {
      await untilSerial(theirs, name, 7, said);
      assert.deepEqual(await contentAt(theirs, name), await contentAt(ours, name));
    }
    assert.deepEqual(await contentAt(theirs, catalog), await contentAt(ours, catalog));
  });
}

test("we serve the zones of Knot's catalog", { skip }, async () => {
  const ours = await localPort();
  await using primary = await DnsPeer.start(knot, [
    ...members.map((name) => ({ name, text: content(name), memberOf: catalog, notify: ours })),
    { name: catalog, catalog: 'producer', notify: ours },
  ]);
  await untilSerial(primary.endpoint, first, 7, () => primary.said);
  await using signpost = await serveFiles({ 'signpost.yaml': consumerConfig(ours, primary.endpoint) });
  const said = (): string => `${primary.said}\n${signpost.served.stderr}`;
  for (const name of members) {
    await untilSerial(ours, name, 7, said);
    assert.deepEqual(await contentAt(ours, name), await contentAt(primary.endpoint, name));
  }
  assert.deepEqual(await contentAt(ours, catalog), await contentAt(primary.endpoint, catalog));
});

test("members come and go with BIND's catalog", { skip }, async () => {
  const ours = await localPort();
  await using primary = await DnsPeer.start(bind, [
    ...members.map((name) => ({ name, text: content(name), notify: ours })),
    { name: catalog, text: catalogContent(1, [first]), notify: ours },
  ]);
  await untilSerial(primary.endpoint, catalog, 1, () => primary.said);
  await using signpost = await serveFiles({ 'signpost.yaml': consumerConfig(ours, primary.endpoint) });
  const said = (): string => `${primary.said}\n${signpost.served.stderr}`;
  await untilSerial(ours, first, 7, said);
  assert.equal(await serialAt(ours, second), undefined);
  await primary.replaceZone(catalog, catalogContent(2, [second]));
  await untilSerial(ours, second, 7, said);
  await untilGone(ours, first, said);
  assert.deepEqual(await contentAt(ours, second), await contentAt(primary.endpoint, second));
});

function consumerConfig(ours: Endpoint, primary: Endpoint): string {
  const from = `primaries: [${keyedServer(primary)}]`;
  return transferConfig(ours.port, [
    `{ name: ${catalog}, catalog: consumer, ${from}, ${toKey}, members: { ${toKey} } }`,
  ]);
}

/** RFC 9432 §4.2: the members' labels are free to choose, and stay with them. */
function catalogContent(serial: number, names: readonly string[]): string {
  const pointers = names.map((name) => `id-${name.replaceAll('.', '-')}.zones 0 PTR ${name}.\n`);
  return `$ORIGIN ${catalog}.
@ 0 SOA invalid. invalid. ${serial} 3600 900 604800 0
@ 0 NS invalid.
version 0 TXT "2"
${pointers.join('')}`;
}
