// The commands end to end: real processes in temporary folders, with and without a running server.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../config/parse-config.ts';
import { ServedSignpost, SignpostFolder } from '../../test/support/served-signpost.ts';
import { runProgram } from '../../test/support/run-program.ts';
import type { ProgramResult } from '../../test/support/run-program.ts';
import type { CommandResult } from '../../test/support/served-signpost.ts';

const mailConfig = 'hostname: mx.example.com\nlisteners: { submission: ["127.0.0.1:0"] }\n';

/** What a failed command says, with its folder's path left out. */
function failure(result: CommandResult, folder: SignpostFolder): string {
  assert.equal(result.stdout, '');
  return `${result.code} ${result.stderr.replaceAll(folder.path, '…').trimEnd()}`;
}

test('domains and accounts: the same commands with and without a running server', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': mailConfig });
  const add = await folder.command(['domain', 'add', 'Example.COM']);
  assert.equal(
    add.stdout,
    "example.com is ours now; 'signpost account add someone@example.com' makes its first account\n",
  );
  await using served = await ServedSignpost.start(folder);
  const alice = await folder.command(
    ['account', 'add', 'Alice@example.com', '--password-stdin'],
    'secret\nrest\n',
  );
  assert.deepEqual(alice, { code: 0, stdout: 'Alice@example.com can log in and get mail now\n', stderr: '' });
  const foreign = await folder.command(
    ['account', 'add', 'x@elsewhere.example', '--password-stdin'],
    'secret\n',
  );
  assert.equal(
    failure(foreign, folder),
    '1 signpost: elsewhere.example is not one of our domains: add it first',
  );
  assert.equal(await served.stop(), 0);
  const list = await folder.command(['account', 'list', '--json']);
  const [account] = JSON.parse(list.stdout) as readonly { readonly address: string }[];
  assert.equal(account?.address, 'Alice@example.com');
  const removed = await folder.command(['account', 'remove', 'alice@example.com']);
  assert.equal(removed.stdout, 'alice@example.com and its mail are removed\n');
  const again = await folder.command(['account', 'password', 'alice@example.com', '--password-stdin'], 'x\n');
  assert.equal(
    failure(again, folder),
    "1 signpost: there is no account alice@example.com: 'signpost account list' shows them",
  );
});

test('aliases, groups and what an account may do', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': mailConfig });
  await using served = await ServedSignpost.start(folder);
  await folder.command(['domain', 'add', 'example.com']);
  await folder.command(['account', 'add', 'alice@example.com', '--password-stdin'], 'secret\n');
  const alias = await folder.command([
    'alias',
    'add',
    'info@example.com',
    'alice@example.com',
    'bob@example.com',
  ]);
  assert.match(
    alias.stdout,
    /^info@example\.com, an alias since .*\n  alice@example\.com\n  bob@example\.com \(nobody/,
  );
  assert.equal(alias.stderr, 'signpost: nobody has the address bob@example.com yet\n');
  await folder.command(['group', 'add', 'team@example.com', 'alice@example.com']);
  const group = await folder.command([
    'group',
    'set',
    'team@example.com',
    '--post',
    'members',
    '--owner',
    'x@a.example',
  ]);
  assert.match(group.stdout, /only members may post\n  x@a\.example is told/);
  const set = ['account', 'set', 'alice@example.com', '--send-as', '@a.example', '--limit', 'messages/day=7'];
  assert.match((await folder.command(set)).stdout, /may send as @a\.example\n  may send messages\/day=7\n$/);
  const nothing = await folder.command(['account', 'set', 'alice@example.com']);
  assert.equal(failure(nothing, folder), '2 signpost: nothing to set: give --send-as or --limit');
  const wrong = await folder.command(['account', 'set', 'alice@example.com', '--limit', 'mails/day=7']);
  assert.match(failure(wrong, folder), /^2 signpost: 'mails\/day=7' is not a limit, like messages\/day=5000/);
  const lists = await folder.command(['alias', 'list']);
  assert.equal(
    lists.stdout,
    'ALIAS             TARGETS\ninfo@example.com  alice@example.com, bob@example.com\n',
  );
  const caught = await folder.command(['domain', 'set', 'example.com', '--catch-all', 'alice@example.com']);
  assert.equal(
    caught.stdout,
    'mail for addresses of example.com that nobody has goes to alice@example.com\n',
  );
  const removed = await folder.command(['alias', 'remove', 'info@example.com']);
  assert.equal(removed.stdout, 'the alias info@example.com is removed\n');
  assert.equal(await served.stop(), 0);
});

test('what the server can tell of itself, over a socket for its owner alone', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': mailConfig });
  await using served = await ServedSignpost.start(folder);
  const status = await served.admin.status({});
  assert.ok(status.ok);
  assert.equal(status.value.hostname, 'mx.example.com');
  assert.deepEqual(
    status.value.listeners.map(({ name }) => name),
    ['submission'],
  );
  assert.equal((await stat(join(folder.path, 'data/control.sock'))).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder.path, 'data'))).mode & 0o777, 0o700);
  const second = await folder.command(['serve']);
  assert.match(failure(second, folder), /^1 signpost: the data folder …\/data is in use by another Signpost/);
  // Killed without a word, it leaves its socket behind, which nobody must take for a server.
  served.signal('SIGKILL');
  await served.stop();
  const list = await folder.command(['domain', 'list']);
  assert.equal(list.stdout, "there are no domains yet; 'signpost domain add NAME' makes one\n");
  await using restarted = await ServedSignpost.start(folder);
  assert.equal((await restarted.admin.status({})).ok, true);
});

test('serve says in a sentence why it can not start', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const address = blocker.address();
  assert.ok(typeof address === 'object' && address !== null);
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      `hostname: a.example\nlisteners: { smtp: ["127.0.0.1:${address.port}"] }\n`,
      /^1 signpost: TCP 127\.0\.0\.1:\d+ is in use by another program: stop that one \('ss -lntup' names it\), or choose another port$/,
    ],
    [
      'hostname: a.example\ntls: { cert: no.pem, key: no.key }\nlisteners: { pop3s: ["127.0.0.1:0"] }\n',
      /^1 signpost: the certificate …\/no\.pem doesn't exist$/,
    ],
    [
      'hostname: a.example\nlisteners: { smpt: ["127.0.0.1:0"] }\n',
      /^1 signpost: 1 fault in …\/signpost\.yaml\n…\/signpost\.yaml:2:14: listeners: there is no key 'smpt' here; did you mean 'smtp'\?\n {2}2 \| .*\n {4}\| {14}\^{4}$/,
    ],
  ];
  try {
    for (const [yaml, expected] of cases) {
      await using folder = await SignpostFolder.make({ 'signpost.yaml': yaml });
      assert.match(failure(await folder.command(['serve']), folder), expected);
    }
  } finally {
    blocker.close();
  }
});

test('config check lists the folders of zones', async () => {
  const yaml = (folder: string): string =>
    `hostname: a.example\nlisteners: { dns-authority: ["127.0.0.1:0"] }\nzones: [{ folder: ${folder} }]\n`;
  await using folder = await SignpostFolder.make({ 'signpost.yaml': yaml('.'), 'b..c.zone': '' });
  const odd = await folder.command(['config', 'check']);
  assert.match(failure(odd, folder), /3:19: zones\[0\]\.folder: …\/b\.\.c\.zone is not named for a zone/);
  await using lost = await SignpostFolder.make({ 'signpost.yaml': yaml('nowhere') });
  assert.match(failure(await lost.command(['config', 'check']), lost), /there is no folder …\/nowhere/);
});

test('misuse ends with 2, a missing config with 1 and what to do', async () => {
  await using folder = await SignpostFolder.make({});
  const misuse: readonly (readonly [readonly string[], RegExp])[] = [
    [['quue'], /unknown command 'quue'[\s\S]*Did you mean queue\?/],
    [['help', 'quue'], /there is no command 'quue'/],
    [
      ['domain', 'add'],
      /missing required argument 'name'\n\('signpost domain add --help' tells how it is used\)/,
    ],
    [['queue', 'show', 'x'], /expected a number from 1 on/],
    [['resolver', 'nta', 'add', 'ex..a'], /'ex\.\.a' has an empty label/],
    [['account', 'add', 'a@b.example', '--password', 'x'], /unknown option '--password'/],
  ];
  for (const [args, expected] of misuse) {
    const result = await folder.command(args);
    assert.equal(result.code, 2, result.stderr);
    assert.match(result.stderr, expected);
  }
  assert.match(
    failure(await folder.command(['config', 'check']), folder),
    /^1 signpost: there is no config file …\/signpost\.yaml: name yours with -c FILE, or make one with 'signpost quickstart/,
  );
});

test('output that nobody reads, or that a full disk refuses, breaks nothing but the output', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': mailConfig });
  const launcher = resolve(import.meta.dirname, '../../bin/signpost');
  const shell = (line: string): Promise<ProgramResult> =>
    runProgram('/bin/sh', ['-c', `cd "$1" && ${line}`, launcher, folder.path], { timeoutMs: 60_000 });
  // The reader is gone before the first word.
  const unread = await shell('{ sleep 0.2; "$0" domain list; echo "$?" >code; } | true; cat code');
  assert.deepEqual([unread.stdout.toString(), unread.stderr], ['0\n', '']);
  if (!existsSync('/dev/full')) return;
  const refused = await shell('"$0" domain list >/dev/full');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^signpost: what was printed could not be written: ENOSPC[^\n]*\n$/);
  // The log's disk is full: the server serves, and ends well.
  const served = await shell(
    'mkfifo ready; "$0" serve >ready 2>/dev/full & read -r line <ready; "$0" domain add example.com; kill $!; wait $!; echo "$line $?"',
  );
  assert.match(served.stdout.toString(), /^example\.com is ours now.*\nsignpost ready 0\n$/);
});

test('help lists the commands that there are, and no other', async () => {
  await using folder = await SignpostFolder.make({});
  const help = await folder.command(['help', '-c', 'none']);
  const commands = [...help.stdout.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]);
  assert.deepEqual(commands, [
    'lab',
    'quickstart',
    'serve',
    'config',
    'domain',
    'account',
    'alias',
    'group',
    'queue',
    'journey',
    'zone',
    'resolver',
    'query',
    'help',
  ]);
});

test('quickstart writes what config check and zone check find right, and overwrites nothing', async () => {
  await using folder = await SignpostFolder.make({});
  const made = await folder.command([
    'quickstart',
    'me@example.com',
    '--ip',
    '192.0.2.9',
    '--ip',
    '2001:db8::9',
  ]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /the account me@example\.com, password: (?:[2-9a-z]{5}-){3}[2-9a-z]{5}\n/);
  assert.match(
    made.stdout,
    /set the name server of example\.com to ns1\.example\.com, with the address 192\.0\.2\.9/,
  );
  const file = join(folder.path, 'signpost.yaml');
  const config = parseConfig(await readFile(file, 'utf8'), file);
  assert.ok(config.ok);
  assert.equal(config.value.listeners.smtp[0]?.port, 25);
  const zone = await folder.command(['zone', 'check']);
  assert.equal(zone.code, 0, zone.stdout + zone.stderr);
  const records = await folder.command(['zone', 'export', 'example.com']);
  for (const record of [/MX\s+10 mx/, /SRV\s+0 1 465 mx/, /"v=spf1 mx -all"/, /AAAA\s+2001:db8::9/]) {
    assert.match(records.stdout, record);
  }
  const again = await folder.command(['quickstart', 'me@example.com']);
  assert.match(
    failure(again, folder),
    /^1 signpost: …\/signpost\.yaml is there already, and nothing is overwritten/,
  );
  assert.deepEqual((await readdir(folder.path)).toSorted(), ['data', 'signpost.yaml', 'zones']);
});
