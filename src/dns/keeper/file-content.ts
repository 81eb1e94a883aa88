// What becomes of a zone whose file is read, at the start or again: the file stays the operator's, and changes made
// while the zone is served (by updates and commands) stand in the journal upon it.
//
// - The file that the journal begins at, or that has come somewhere along it (an export, say): the journal is replayed upon it.
// - A file with a later serial than what is served: the operator has edited it. It counts, and what differs is one more change.
// - Any other file contradicts what is served, and is refused.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import type { KeptZone, ZoneStore } from '../zone/zone-store.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Zone } from '../zone/zone.ts';
import { differenceOf, isNoChange } from './difference.ts';
import { readKeptContent } from './kept-content.ts';
import { changeLength } from './record-bytes.ts';
import { replay } from './replay.ts';
import type { ZoneLife } from './zone-life.ts';

export interface ZoneFileContent {
  readonly zone: Zone;
  /** Of the file's text and of what it includes: any hash that differs where they do. */
  readonly hash: string;
}

type Outcome = Result<ZoneView, readonly string[]>;

/** Serves what the file and the journal come to. The faults are sentences; what was served before then still is. */
export function takeFile(life: ZoneLife, file: ZoneFileContent): Promise<Outcome> {
  return life.exclusively(async () => {
    const { content, kept } = life;
    if (content !== undefined)
      return life.fileHash === file.hash ? ok(content) : takeAgain(life, file, content);
    const { store } = life.around;
    if (!life.settings.durable || store === undefined || kept?.changes === undefined)
      return serve(life, file);
    const outcome = await (kept.snapshot === undefined
      ? takeWithJournal(life, file, store, kept.changes, kept.state.fileHash)
      : takeWithContent(life, file, store, kept, kept.snapshot.serial));
    // A file that was refused comes again, and what is kept must not be forgotten then.
    if (life.content !== undefined) life.kept = undefined;
    return outcome;
  });
}

function serve(life: ZoneLife, { zone, hash }: ZoneFileContent): Outcome {
  life.fileHash = hash;
  life.put(zone);
  return ok(zone);
}

/** At the start, with content that is kept: it goes on from there, as if the file were read again. */
async function takeWithContent(
  life: ZoneLife,
  file: ZoneFileContent,
  store: ZoneStore,
  { changes, state }: KeptZone,
  snapshotSerial: number,
): Promise<Outcome> {
  const { newBuild } = life.around;
  const kept = await readKeptContent(life.origin, snapshotSerial, store, newBuild, life.newBreather());
  if (!kept.ok) return kept;
  life.journal.resume(changes?.octets ?? 0);
  life.fileHash = state.fileHash;
  life.put(kept.value);
  return state.fileHash === file.hash ? ok(kept.value) : takeAgain(life, file, kept.value);
}

/** At the start, with changes that are kept upon the file. */
async function takeWithJournal(
  life: ZoneLife,
  file: ZoneFileContent,
  store: ZoneStore,
  journal: NonNullable<KeptZone['changes']>,
  keptHash: string | undefined,
): Promise<Outcome> {
  const { zone, hash } = file;
  const changes = await store.readChanges(life.origin, zone.serial);
  const replayed = changes === undefined ? undefined : await replay(zone, changes, life.newBreather());
  if (replayed !== undefined) {
    life.journal.resume(journal.octets);
    if (hash !== keptHash) await store.saveState(life.origin, { fileHash: hash });
    life.fileHash = hash;
    life.put(replayed);
    return ok(replayed);
  }
  if (!isLater(zone.serial, journal.to)) return fault([contradiction(life, zone.serial, journal.to)]);
  // What the journal began at is gone, so there is nothing to compare with.
  await store.startJournal(life.origin, zone.serial);
  await store.saveState(life.origin, { fileHash: hash });
  life.journal.resume(0);
  life.around.log.warn(
    'a zone file with a later serial has taken the place of changes made while it was served',
    {
      zone: life.origin.toString(),
      serial: zone.serial,
      before: journal.to,
    },
  );
  return serve(life, file);
}

/** With content that is served already. */
async function takeAgain(life: ZoneLife, file: ZoneFileContent, served: Zone): Promise<Outcome> {
  const { zone } = file;
  const difference = await differenceOf(served, zone, life.newBreather());
  if (isNoChange(difference)) return remember(life, file, served);
  if (!isLater(zone.serial, served.serial)) return takeUnraised(life, file, served);
  const { store, log } = life.around;
  const { origin } = life;
  if (changeLength(difference) <= life.settings.journalSize) {
    await life.journal.append(difference, hashState(life));
    life.put(zone, difference);
  } else {
    // More than the journal holds: secondaries take the whole zone.
    if (life.settings.durable && store !== undefined) await store.startJournal(origin, zone.serial);
    life.journal.restart(life.settings.durable && store !== undefined);
    life.put(zone);
  }
  log.info('a zone file has taken the place of what was served', {
    zone: origin.toString(),
    serial: zone.serial,
    before: served.serial,
    removed: difference.removed.length,
    added: difference.added.length,
  });
  return remember(life, file, zone);
}

/** The file differs from what is served, but its serial says that it isn't later. */
async function takeUnraised(life: ZoneLife, file: ZoneFileContent, served: Zone): Promise<Outcome> {
  const { zone } = file;
  if (!life.settings.durable) {
    life.around.log.warn('a zone file was changed but its serial not raised: secondaries will not notice', {
      zone: life.origin.toString(),
      serial: zone.serial,
    });
    life.journal.restart(false);
    return serve(life, file);
  }
  // Perhaps only a comment was changed, and the journal still leads to what is served.
  const changes = await life.journal.between(zone.serial, served.serial);
  const replayed =
    changes === undefined || changes.length === 0
      ? undefined
      : await replay(zone, changes, life.newBreather());
  if (replayed !== undefined && isNoChange(await differenceOf(replayed, served, life.newBreather())))
    return remember(life, file, served);
  return fault([contradiction(life, zone.serial, served.serial)]);
}

/** The file is known now: unchanged, it needs no second look. */
async function remember(life: ZoneLife, { hash }: ZoneFileContent, served: Zone): Promise<Outcome> {
  life.fileHash = hash;
  const { store } = life.around;
  if (store !== undefined && life.journal.begun) await store.saveState(life.origin, { fileHash: hash });
  return ok(served);
}

function hashState(life: ZoneLife): { readonly fileHash?: string } {
  return life.fileHash === undefined ? {} : { fileHash: life.fileHash };
}

function contradiction(life: ZoneLife, fileSerial: number, serial: number): string {
  const name = life.origin.toString();
  return (
    `zone ${name}: its file was changed and has serial ${fileSerial}, but the zone has come to serial ${serial} by changes made ` +
    `while it was served. Raise the file's serial above ${serial} to let the file take their place ` +
    `('signpost zone export ${name}' shows the zone with them), or undo the change of the file`
  );
}
