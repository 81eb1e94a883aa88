// Makes catalog zones (RFC 9432 §4) of the zones that are to be listed in them, and keeps them so: a zone has its label for as long as
// it is listed, and one that comes back has a new one, so that consumers begin anew with it (RFC 9432 §5.4).
import { Breather } from '../../lib/breather.ts';
import { bytesToHex, latin1ToBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { rrClass } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { ns } from '../wire/rdata/ns.ts';
import { ptr } from '../wire/rdata/ptr.ts';
import { writeRdata } from '../wire/rdata/record-type.ts';
import { soa } from '../wire/rdata/soa.ts';
import { textData, txt } from '../wire/rdata/txt.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { nextSerial } from '../zone/serial.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { ZoneKeeper } from '../zone/zone-keeper.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { catalogPart, memberNodes, readCatalog, targetOf } from './catalog.ts';

export interface CatalogProducerOptions {
  readonly keeper: ZoneKeeper;
  readonly clock: Clock;
  readonly random: Random;
}

/** RFC 9432 §4 recommends that name server: nobody is to look for the catalog by way of delegations. */
const nowhere = domainName('invalid.');
/** Seconds. A catalog is believed for as long as nothing newer is known: that all its zones were removed would be the worse fault. */
const soaTimes = { refresh: 3_600, retry: 600, expire: 0x7fff_fffe, minimum: 0 };
/** Octets of a label: as many as make two alike out of the question. */
const labelOctets = 8;

/**
 * Makes the catalog list exactly these zones, in one step; changes nothing where it does already. The keeper must know the
 * catalog. The fault is in sentences. One call at a time for each catalog.
 */
export async function publishCatalog(
  catalog: DomainName,
  zones: Iterable<DomainName>,
  options: CatalogProducerOptions,
): Promise<Result<ZoneView, readonly string[]>> {
  const { keeper, clock } = options;
  const wanted = new Map<string, DomainName>();
  for (const zone of zones) wanted.set(zone.key, zone);
  const current = keeper.view(catalog);
  const isCatalog = current !== undefined && (await readCatalog(current, clock)).ok;
  if (current === undefined || !isCatalog)
    return await keeper.replace(catalog, wholeCatalog(catalog, wanted, current?.serial, options));
  const change = await changeTo(current, wanted, options);
  if (change === undefined) return ok(current);
  const changed = await keeper.change(catalog, (newest): Result<ZoneChange> => {
    if (newest.serial === current.serial) return ok(change);
    return fault('the catalog was changed by somebody else');
  });
  if (changed.ok) return changed;
  return fault(typeof changed.fault === 'string' ? [changed.fault] : changed.fault.reasons);
}

async function* wholeCatalog(
  catalog: DomainName,
  wanted: ReadonlyMap<string, DomainName>,
  before: number | undefined,
  { clock, random }: CatalogProducerOptions,
): AsyncGenerator<readonly ResourceRecord[]> {
  const breather = new Breather(clock);
  const version = catalogPart(catalog, 'version');
  const text = writeRdata(txt, textData(latin1ToBytes('2')));
  yield [
    soaRecord(catalog, serialAfter(before, clock)),
    record(catalog, rrType.NS, writeRdata(ns, { host: nowhere })),
    ...(version === undefined ? [] : [record(version, rrType.TXT, text)]),
  ];
  for (const zone of wanted.values()) {
    yield memberRecords(catalog, zone, random);
    if (breather.due) await breather.rest();
  }
}

/** `undefined`: the catalog lists them already. */
async function changeTo(
  current: ZoneView,
  wanted: ReadonlyMap<string, DomainName>,
  { clock, random }: CatalogProducerOptions,
): Promise<ZoneChange | undefined> {
  const catalog = current.origin;
  const breather = new Breather(clock);
  const missing = new Map(wanted);
  const removed: ResourceRecord[] = [];
  for (const node of memberNodes(current)) {
    if (breather.due) await breather.rest();
    const zone = targetOf(node);
    if (zone === undefined || !missing.delete(zone.key)) removed.push(...recordsOf(node));
  }
  const added: ResourceRecord[] = [];
  for (const zone of missing.values()) {
    if (breather.due) await breather.rest();
    added.push(...memberRecords(catalog, zone, random));
  }
  const [from] = recordsOf(current.soa);
  if (from === undefined || (removed.length === 0 && added.length === 0)) return undefined;
  return { from, to: soaRecord(catalog, serialAfter(current.serial, clock)), removed, added };
}

/** None where the catalog's name is too long for members. */
function memberRecords(catalog: DomainName, zone: DomainName, random: Random): readonly ResourceRecord[] {
  const label = latin1ToBytes(bytesToHex(random.bytes(labelOctets)));
  const node = catalogPart(catalog, 'zones')?.prepend(label);
  return node === undefined ? [] : [record(node, rrType.PTR, writeRdata(ptr, { target: zone }))];
}

/** The time, so that a catalog whose content was lost is later than it ever was; the next number where that isn't. */
function serialAfter(before: number | undefined, clock: Clock): number {
  const now = Math.floor(clock.now() / 1000) >>> 0;
  return before === undefined || isLater(now, before) ? now : nextSerial(before);
}

function soaRecord(catalog: DomainName, serial: number): ResourceRecord {
  const data = { primary: nowhere, mailbox: nowhere, serial, ...soaTimes };
  return record(catalog, rrType.SOA, writeRdata(soa, data));
}

function record(owner: DomainName, type: number, rdata: Uint8Array): ResourceRecord {
  return { owner, type, class: rrClass.IN, ttl: 0, rdata };
}
