// Updates of any kind to a zone: each is refused and changes nothing, or is one step that leads from what was to what is; and
// what is stays a zone with one SOA and a name server.
import assert from 'node:assert/strict';
import { Keeper } from '../../../src/dns/keeper/keeper.ts';
import { updateHandler } from '../../../src/dns/update/update-handler.ts';
import { UpdatePolicy } from '../../../src/dns/update/update-policy.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { formatRecord } from '../../../src/dns/wire/presentation.ts';
import { recordsOf } from '../../../src/dns/wire/record.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { buildZone } from '../../../src/dns/zone/zone-builder.ts';
import { isLater } from '../../../src/dns/wire/serial-arithmetic.ts';
import { ZoneSet } from '../../../src/dns/zone/zone-set.ts';
import type { ZoneView } from '../../../src/dns/zone/zone-view.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { recordsOfText } from '../../support/records.ts';
import { updateMessage } from '../../support/update-messages.ts';
import type { FuzzTarget } from '../target.ts';

const origin = domainName('example.com');
/** Past so many RRsets the zone begins anew. */
const mostRRsets = 60;

const built = buildZone(
  origin,
  recordsOfText(
    origin,
    `@ SOA ns h 10 2 3 4 5\n@ NS ns\n@ NS ns.sub\nns A 192.0.2.1\nmail A 192.0.2.2\nmail A 192.0.2.3
www CNAME mail\n*.w TXT x\nold DNAME new\nsub NS ns.sub\nns.sub A 192.0.2.4\na.ent MX 1 mail\n`,
  ),
);
assert.ok(built.ok);
const base = built.value.zone;
const keeper = new Keeper({
  zones: new ZoneSet(),
  store: undefined,
  clock: new VirtualClock(),
  log: silentLog,
});
await keeper.open([{ origin, file: true, durable: false, journalSize: 100_000 }]);
const rule = { addresses: [], key: 'key', tls: false, names: [] };
const policy = UpdatePolicy.compile([
  { ...rule, types: [] },
  { ...rule, types: ['SOA', 'NS', 'DS'] },
]);
assert.ok(policy.ok);
const handler = updateHandler({ keeper, policyOf: () => policy.value, log: silentLog });
const client = { from: { address: '192.0.2.53', port: 53 }, transport: 'udp' } as const;
let generation = 0;

export const target: FuzzTarget = {
  name: 'dns-update',
  seeds: [
    ['add new 60 A 192.0.2.5', 'add new 60 TXT "x"'],
    ['del mail A', 'add mail 5 CNAME www', 'del www'],
    ['del @', 'del @ NS', 'del @ NS ns', 'del sub'],
    ['add @ 5 SOA ns h 4000000000 1 2 3 4', 'add @ 5 NS x'],
    [
      'yxdomain mail',
      'nxdomain n',
      'yxrrset mail A 192.0.2.2',
      'yxrrset mail A 192.0.2.3',
      'add n 5 A 192.0.2.9',
    ],
    ['yxrrset www CNAME mail', 'nxrrset www A', 'add x.old 5 A 192.0.2.9', 'del old DNAME new'],
    ['raw update mail 1 5 WKS C00002020600', 'raw update mail 254 0 WKS C00002020600'],
  ].map((lines) => encodeMessage(updateMessage(origin, lines))),
  testSteps: 1000,
  async run(input) {
    const message = decodeMessage(input);
    if (!message.ok) return;
    const before = await content();
    const response = await handler({ message: message.value, client, key: domainName('key'), limit: 512 });
    assert.ok(response instanceof Uint8Array);
    const reply = decodeMessage(response);
    assert.ok(reply.ok && reply.value.response && reply.value.id === message.value.id);
    const after = await content();
    if (after.serial === before.serial) return assert.deepEqual(linesOf(after), linesOf(before));
    assert.ok(isLater(after.serial, before.serial));
    assert.equal(reply.value.rcode, 0);
    const changes = await keeper.changesSince(origin, before.serial);
    const [change] = changes ?? [];
    assert.ok(change !== undefined && changes?.length === 1);
    const lines = new Set(linesOf(before));
    for (const record of [change.from, ...change.removed]) assert.ok(lines.delete(lineOf(record)));
    for (const record of [change.to, ...change.added]) lines.add(lineOf(record));
    assert.deepEqual([...lines].sort(), linesOf(after));
    assert.ok(after.rrset(origin, rrType.NS) !== undefined);
    if ([...after.all()].length > mostRRsets) await begin();
  },
};

async function begin(): Promise<void> {
  const taken = await keeper.takeFile(origin, { zone: base, hash: String(generation++) });
  assert.ok(taken.ok);
}

async function content(): Promise<ZoneView> {
  if (keeper.view(origin) === undefined) await begin();
  return keeper.view(origin) ?? assert.fail('the zone is gone');
}

function linesOf(view: ZoneView): readonly string[] {
  return [...view.all()].flatMap(recordsOf).map(lineOf).sort();
}

/** A zone spells a name as who came first did, and a change as its sender: to DNS it is one (RFC 4343 §4.1). */
function lineOf(record: ResourceRecord): string {
  return formatRecord({ ...record, owner: record.owner.lowerCase() });
}
