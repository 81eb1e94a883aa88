// The tables, and how older ones become these: one migration a version, counted by `PRAGMA user_version`.
import type { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../mailbox/message.ts';

/**
 * Never edit a migration that was released: add one.
 *
 * 8 KiB pages: a message of 10 KiB then takes one leaf entry and one overflow page, and costs a tenth less than with 4 KiB
 * (bench/store-accept.ts). Ids are never used again (AUTOINCREMENT): a session that still holds the id of a content that
 * is gone must find nothing, and an operator's `queue cancel 7` must never hit another message.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE domain (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
  ) STRICT;

  -- key: what addresses are compared by (mailAddressKey).
  CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    local_part TEXT NOT NULL,
    domain TEXT NOT NULL REFERENCES domain (name),
    argon2id TEXT NOT NULL,
    scram_sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX account_domain ON account (domain, id);

  CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL,
    UNIQUE (account, name)
  ) STRICT;

  -- One row, so that no uidValidity is given twice (RFC 9051 §2.3.1.1).
  CREATE TABLE uid_validity (last INTEGER NOT NULL) STRICT;
  INSERT INTO uid_validity VALUES (0);

  -- A message's envelope and the number of mailbox and queue entries that use its content; at 0 it goes.
  CREATE TABLE content (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message TEXT NOT NULL,
    reverse_local TEXT,
    reverse_domain TEXT,
    eight_bit INTEGER NOT NULL,
    utf8 INTEGER NOT NULL,
    size INTEGER NOT NULL,
    uses INTEGER NOT NULL
  ) STRICT;

  -- id = content * 65536 + number of the chunk: one tree, in which a content's chunks lie side by side.
  CREATE TABLE content_chunk (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

  -- flags: sorted, with a space between.
  CREATE TABLE mailbox_entry (
    mailbox INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    content INTEGER NOT NULL,
    size INTEGER NOT NULL,
    internal_date INTEGER NOT NULL,
    flags TEXT NOT NULL,
    mod_seq INTEGER NOT NULL,
    PRIMARY KEY (mailbox, uid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE queue_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content INTEGER NOT NULL,
    local_part TEXT NOT NULL,
    domain TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_reply TEXT,
    held INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX queue_entry_due ON queue_entry (domain, next_attempt_at) WHERE held = 0;
  CREATE INDEX queue_entry_next ON queue_entry (next_attempt_at);

  -- When each domain's first entry that isn't held falls due: finds what is due next to a domain with a
  -- million entries without reading those.
  CREATE TABLE queue_domain (domain TEXT PRIMARY KEY, first_due INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX queue_domain_due ON queue_domain (first_due);

  -- recipients, steps: JSON. The steps known when the message was accepted; later ones are in journey_more.
  CREATE TABLE journey (
    id TEXT PRIMARY KEY,
    received_at INTEGER NOT NULL,
    reverse_local TEXT,
    reverse_domain TEXT,
    recipients TEXT NOT NULL,
    size INTEGER NOT NULL,
    steps TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE journey_more (
    journey TEXT NOT NULL,
    number INTEGER NOT NULL,
    steps TEXT NOT NULL,
    PRIMARY KEY (journey, number)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- name: the origin in presentation form and lower case. snapshot: the one that counts. journal_from, journal_to: serials that
  -- the changes lead from and to; NULL before a journal is started. state: JSON.
  CREATE TABLE zone (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    snapshot INTEGER,
    snapshot_serial INTEGER,
    snapshot_octets INTEGER,
    journal_from INTEGER,
    journal_to INTEGER,
    journal_octets INTEGER NOT NULL,
    first_change INTEGER NOT NULL,
    next_change INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT;

  -- phase: writing, used (by the zone that has its id), unused.
  CREATE TABLE zone_snapshot (id INTEGER PRIMARY KEY AUTOINCREMENT, phase TEXT NOT NULL) STRICT;
  CREATE INDEX zone_snapshot_phase ON zone_snapshot (phase) WHERE phase <> 'used';

  -- id = snapshot * 1048576 + number of the chunk.
  CREATE TABLE zone_chunk (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

  CREATE TABLE zone_change (
    zone INTEGER NOT NULL,
    number INTEGER NOT NULL,
    from_serial INTEGER NOT NULL,
    to_serial INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (zone, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX zone_change_from ON zone_change (zone, from_serial);
  `,
  `
  -- terms: what the sender asked for, as JSON; NULL where nothing.
  ALTER TABLE content ADD COLUMN is_binary INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE content ADD COLUMN terms TEXT;

  -- report: which reports the sender wants, as JSON; NULL where nothing was said. urgency: less than 0 goes first, 0 is usual.
  ALTER TABLE queue_entry ADD COLUMN report TEXT;
  ALTER TABLE queue_entry ADD COLUMN delay_reported INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE queue_entry ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
  DROP INDEX queue_entry_due;
  CREATE INDEX queue_entry_due ON queue_entry (domain, urgency, next_attempt_at) WHERE held = 0;
  `,
  `
  -- What mailboxes ask of a content most, as encodeParsedMessage writes it; older contents have none.
  CREATE TABLE content_parsed (content INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

  -- Messages of a day (since the epoch, UTC) that look alike to a domain that asks for reports. facts: JSON.
  CREATE TABLE report_row (
    day INTEGER NOT NULL,
    domain TEXT NOT NULL,
    facts TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, domain, facts)
  ) STRICT, WITHOUT ROWID;
  -- How many rows a day has for a domain, and under the empty name in all.
  CREATE TABLE report_total (
    day INTEGER NOT NULL,
    domain TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (day, domain)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE domain ADD COLUMN alias_of TEXT REFERENCES domain (name);
  ALTER TABLE domain ADD COLUMN catch_all_local TEXT;
  ALTER TABLE domain ADD COLUMN catch_all_domain TEXT;
  CREATE INDEX domain_alias_of ON domain (alias_of) WHERE alias_of IS NOT NULL;

  -- settings: JSON.
  ALTER TABLE account ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

  -- key: as in account; no address is in both. kind: alias, group. posting, owner: of groups.
  CREATE TABLE address_list (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    local_part TEXT NOT NULL,
    domain TEXT NOT NULL REFERENCES domain (name),
    kind TEXT NOT NULL,
    posting TEXT NOT NULL,
    owner_local TEXT,
    owner_domain TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX address_list_domain ON address_list (domain);

  CREATE TABLE list_target (
    id INTEGER PRIMARY KEY,
    list INTEGER NOT NULL REFERENCES address_list (id),
    key TEXT NOT NULL,
    local_part TEXT NOT NULL,
    domain TEXT NOT NULL,
    UNIQUE (list, key)
  ) STRICT;

  -- owner: whoever is told where this recipient can't be reached, in place of the sender; NULL: the sender.
  ALTER TABLE queue_entry ADD COLUMN owner_local TEXT;
  ALTER TABLE queue_entry ADD COLUMN owner_domain TEXT;
  `,
];

/** Makes the tables of a new file, or brings those of an older version up to date, in one transaction. `to`: of an older one, for tests. */
export function migrate(db: DatabaseSync, to: number = migrations.length): void {
  const row = db.prepare('PRAGMA user_version').get();
  const version = Number(row?.['user_version']);
  if (version > migrations.length) {
    throw new StoreFault(
      'broken',
      `the store was written by a newer version of Signpost (its schema is ${version}, this one knows ${migrations.length})`,
    );
  }
  if (version >= to) return;
  db.exec('BEGIN IMMEDIATE');
  for (const migration of migrations.slice(version, to)) db.exec(migration);
  db.exec(`PRAGMA user_version = ${to}`);
  db.exec('COMMIT');
}
