// CPU and memory of building a zone image of many names, record by record as a loader does, and of changing it as updates do.
// Run: node bench/micro/image-build.ts [names] [changes]
import { DomainName, domainName } from '../../src/dns/wire/name.ts';
import { ImageBuilder } from '../../src/dns/zone/image-builder.ts';
import { header } from '../../src/dns/zone/image-layout.ts';
import { openZone } from '../../src/dns/zone/zone.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';

const names = Number(process.argv[2] ?? 1_000_000);
const changes = Number(process.argv[3] ?? 20_000);
const origin = domainName('bench.test.');
const mib = 1024 * 1024;

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function soa(serial: number): ResourceRecord {
  const rdata = new Uint8Array([
    ...domainName('ns1.bench.test.').wire,
    ...domainName('host.bench.test.').wire,
    ...new Uint8Array(20),
  ]);
  new DataView(rdata.buffer).setUint32(rdata.length - 20, serial);
  return { owner: origin, type: 6, class: 1, ttl: 300, rdata };
}

const builder = new ImageBuilder();
builder.addZone(origin);
function add({ owner, type, ttl, rdata }: ResourceRecord): void {
  builder.addRecord(owner.wire, owner.wire.length, false, type, ttl, rdata, rdata.length);
}
add(soa(1));
add({ owner: origin, type: 2, class: 1, ttl: 300, rdata: domainName('ns1.bench.test.').wire });

const owner = new Uint8Array(64);
const address = new Uint8Array(4);
const mx = Uint8Array.of(0, 10, ...domainName('mail.bench.test.').wire);
const started = cpuMicroseconds();
for (let i = 0; i < names; i++) {
  const digits = `h${i}`;
  owner[0] = digits.length;
  for (let at = 0; at < digits.length; at++) owner[1 + at] = digits.charCodeAt(at);
  owner.set(origin.wire, 1 + digits.length);
  const length = 1 + digits.length + origin.wire.length;
  address.set([10, i >> 16, i >> 8, i]);
  builder.addRecord(owner, length, false, 1, 3600, address, 4);
  if (i % 10 === 0) builder.addRecord(owner, length, true, 15, 3600, mx, mx.length);
}
const { records } = builder;
const added = cpuMicroseconds();
const { image, zones } = builder.finish();
const finished = cpuMicroseconds();
const used = ((image.words[header.used] ?? 0) * 4) / mib;
console.log(
  `${records} records: ${((added - started) / records).toFixed(2)} µs to gather and ${((finished - added) / records).toFixed(2)} µs ` +
    `to lay out each; ${used.toFixed(0)} MiB of image`,
);

const zone = openZone(image, zones[0]?.zone ?? 0);
if (zone === undefined) throw new Error('no zone was built');
const set = new ZoneSet([zone]);
let images = 0;
set.onShareChange(() => (images += 1));
let longest = 0;
const before = cpuMicroseconds();
for (let serial = 1; serial <= changes; serial++) {
  const at = cpuMicroseconds();
  const name = DomainName.unchecked(domainName(`u${serial % 1000}.dyn.bench.test.`).wire);
  const record = { owner: name, type: 1, class: 1, ttl: 60, rdata: Uint8Array.of(192, 0, 2, serial) };
  const prepared = set.prepare(origin, {
    from: soa(serial),
    to: soa(serial + 1),
    removed: [],
    added: [record],
  });
  if (!prepared.ok) throw new Error(prepared.fault[0]?.message);
  set.publish(origin, serial + 1);
  set.step(2, () => performance.now());
  longest = Math.max(longest, cpuMicroseconds() - at);
}
console.log(
  `${changes} changes: ${((cpuMicroseconds() - before) / changes).toFixed(1)} µs each, ${(longest / 1000).toFixed(1)} ms of CPU the longest, ` +
    `${images} messages to other threads`,
);
