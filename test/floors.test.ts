// Holds the house's floors (docs/architecture.md): an import only goes down, sideways only where the table says so.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** Folder below `src/` → floor. The longest match counts; `main.ts` is the roof. */
const floors: Readonly<Record<string, number>> = {
  'main.ts': 5,
  cli: 5,
  admin: 5,
  lab: 5,
  net: 4,
  'store/sqlite': 4,
  'dns/server': 4,
  'dns/client': 4,
  'smtp/server': 4,
  'smtp/client': 4,
  'pop3/server': 4,
  'dns/lookup.ts': 3,
  'dns/responder.ts': 3,
  'dns/zone': 3,
  'dns/protocol': 3,
  'dns/authority': 3,
  'dns/desk': 3,
  'dns/keeper': 3,
  'dns/update': 3,
  'dns/transfer/in': 3,
  'dns/catalog': 3,
  'dns/transfer/out': 3,
  'dns/notify': 3,
  'dns/policy': 3,
  'dns/resolver': 3,
  'smtp/session': 3,
  'smtp/queue': 3,
  'pop3/session': 3,
  mailbox: 3,
  login: 3,
  domains: 3,
  reception: 3,
  mailauth: 3,
  'dns/dnssec': 3,
  'dns/wire': 2,
  'dns/zonefile': 2,
  'dns/tsig': 2,
  'smtp/wire': 2,
  'pop3/wire': 2,
  message: 2,
  sasl: 2,
  config: 1,
  lib: 1,
};

/** Same-floor imports that are allowed: from → to. What is not here must go down a floor. */
const sideways: Readonly<Record<string, readonly string[]>> = {
  // The config's values are made of the library's (endpoints, results).
  config: ['lib'],
  // The lab and the commands are front doors of the one composition root.
  cli: ['main.ts', 'admin', 'lab'],
  lab: ['main.ts', 'admin'],
  'dns/protocol': ['dns/responder.ts'],
  'dns/resolver': ['dns/dnssec', 'dns/lookup.ts', 'dns/policy', 'dns/protocol', 'dns/responder.ts'],
  'dns/authority': ['dns/dnssec', 'dns/zone', 'dns/protocol', 'dns/responder.ts'],
  // Which sockets a DNS role has, it knows itself: a thread that answers datagrams is all of one.
  'dns/server': ['net'],
  'dns/desk': ['dns/responder.ts'],
  // The one hash of NSEC3 names.
  'dns/zone': ['dns/dnssec'],
  'dns/keeper': ['dns/zone'],
  'dns/update': ['dns/zone', 'dns/desk', 'dns/responder.ts'],
  'dns/transfer/in': ['dns/zone'],
  'dns/catalog': ['dns/zone', 'dns/transfer/in'],
  'dns/transfer/out': ['dns/desk', 'dns/zone'],
  // A NOTIFY goes out as the questions to primaries do, and comes in by the desk.
  'dns/notify': ['dns/desk', 'dns/transfer/in', 'dns/zone'],
  'dns/zonefile': ['dns/wire'],
  'dns/tsig': ['dns/wire'],
  'smtp/session': ['mailauth', 'mailbox', 'login', 'domains', 'reception'],
  'smtp/queue': ['mailbox', 'domains', 'dns/lookup.ts'],
  'pop3/session': ['mailbox', 'login'],
  login: ['mailbox'],
  domains: ['mailbox', 'login'],
  // Strangers are known by their names and addresses, which mail checks ask DNS for already.
  reception: ['dns/lookup.ts', 'mailauth'],
  mailauth: ['dns/lookup.ts'],
};

/** `main.ts` assembles, so it may import the other rooms of its floor; the store is imported by it alone. */
const roof = new Set(['admin']);

const lowFloorForbidden =
  /^node:(net|tls|dgram|fs|fs\/promises|sqlite|http|https|http2|dns|child_process|worker_threads|cluster)$/;

const protocols = ['dns', 'smtp', 'imap', 'pop3', 'jmap'];

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly floor: number;
  readonly imports: readonly string[];
}

function roomOf(path: string): string | undefined {
  return Object.keys(floors)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function readSources(): SourceFile[] {
  const files: SourceFile[] = [];
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(source, file).replaceAll('\\', '/');
    const room = roomOf(path);
    assert.ok(room, `src/${path} stands in no room of the table in test/floors.test.ts`);
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    const specifiers = [
      ...text.matchAll(/^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]/gm),
      ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
      ...text.matchAll(/new URL\(\s*['"](\.[^'"]+\.ts)['"]\s*,\s*import\.meta\.url/g),
    ].map((match) => match[1] ?? '');
    files.push({
      path,
      room,
      floor: floors[room] ?? 0,
      imports: specifiers.map((specifier) =>
        specifier.startsWith('.')
          ? posix.normalize(posix.join(dirname(path).replaceAll('\\', '/'), specifier))
          : specifier,
      ),
    });
  }
  return files;
}

const files = readSources();

test('there is a house to check', () => {
  assert.ok(files.length > 10, `only ${files.length} files found below src/`);
  assert.ok(files.some((file) => file.imports.some((to) => roomOf(to) !== undefined)));
});

test('an import only goes down, or sideways where the table allows it', () => {
  const wrong: string[] = [];
  for (const { path, room, floor, imports } of files) {
    for (const to of imports) {
      const target = roomOf(to);
      if (target === undefined || target === room) continue;
      const targetFloor = floors[target] ?? 0;
      if (target.startsWith('store/') && room !== 'main.ts')
        wrong.push(`${path} imports ${to}: only main.ts imports the store`);
      if (targetFloor < floor) continue;
      if (targetFloor === floor && (sideways[room] ?? []).includes(target)) continue;
      if (room === 'main.ts' && roof.has(target)) continue;
      wrong.push(`${path} (floor ${floor}) imports ${to} (floor ${targetFloor})`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a protocol never imports another protocol; mail sees DNS only through dns/lookup.ts and the DNS formats', () => {
  const wrong: string[] = [];
  for (const { path, floor, imports } of files) {
    const own = path.split('/')[0] ?? '';
    if (!protocols.includes(own) || floor === 5) continue;
    for (const to of imports) {
      const other = to.split('/')[0] ?? '';
      if (!protocols.includes(other) || other === own) continue;
      if (to === 'dns/lookup.ts' || to.startsWith('dns/wire/')) continue;
      wrong.push(`${path} imports ${to}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('floors 1 to 3 touch no socket, file, database or process', () => {
  const wrong = files
    .filter((file) => file.floor <= 3)
    .flatMap((file) =>
      file.imports.filter((to) => lowFloorForbidden.test(to)).map((to) => `${file.path} imports ${to}`),
    );
  assert.deepEqual(wrong, []);
});

test('every room of the table exists', () => {
  const rooms = new Set(files.map((file) => file.room));
  assert.deepEqual(
    Object.keys(floors).filter((room) => !rooms.has(room)),
    [],
  );
});
