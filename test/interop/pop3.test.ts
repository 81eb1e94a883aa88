// Real POP3 clients retrieve mail over real sockets, byte for byte: curl and fetchmail.
import assert from 'node:assert/strict';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pop3Password, Pop3Service, pop3User } from '../support/pop3-service.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import type { ProgramResult } from '../support/run-program.ts';

/** Dots wherever they may go wrong, an empty body, 8-bit octets, long lines, and more than one chunk of the store. */
const messages: readonly string[] = [
  'Subject: plain\r\n\r\nHello Bob\r\n',
  'Subject: dots\r\n\r\n.\r\n..\r\n.one\r\na.b.\r\n\r\n.\r\n',
  'Subject: no body\r\n\r\n',
  `Subject: ünï\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${'ä'.repeat(400)}\r\n`,
  `Subject: long\r\n\r\n${'.'.repeat(900)}\r\n${'0123456789abcde.\r\n'.repeat(40_000)}`,
];

function curl(
  service: Pop3Service,
  scheme: 'pop3' | 'pop3s',
  path: string,
  ...more: string[]
): Promise<ProgramResult> {
  const { port } = scheme === 'pop3' ? service.pop3.endpoint : service.pop3s.endpoint;
  const login = ['--user', `${pop3User}:${pop3Password}`];
  return runProgram('curl', ['-sS', '-k', ...login, ...more, `${scheme}://127.0.0.1:${port}/${path}`]);
}

describe('curl', { skip: missingPrograms('curl') }, () => {
  const ways: readonly (readonly [string, 'pop3' | 'pop3s', readonly string[]])[] = [
    ['TLS at once, SASL PLAIN', 'pop3s', ['--login-options', 'AUTH=PLAIN']],
    [
      'TLS at once, SASL PLAIN with an initial response',
      'pop3s',
      ['--login-options', 'AUTH=PLAIN', '--sasl-ir'],
    ],
    ['STLS, SASL LOGIN', 'pop3', ['--ssl-reqd', '--login-options', 'AUTH=LOGIN']],
  ];
  for (const [name, scheme, options] of ways) {
    test(`${name}: every message comes byte for byte`, async () => {
      await using service = await Pop3Service.open();
      for (const message of messages) await service.deliver(message);
      for (const [index, message] of messages.entries()) {
        const got = await curl(service, scheme, `${index + 1}`, ...options);
        assert.equal(got.code, 0, got.stderr);
        assert.ok(got.stdout.equals(Buffer.from(message)), `message ${index + 1} differs`);
      }
      assert.deepEqual(
        service.retrievals.map((each) => each.octets),
        messages.map((message) => Buffer.byteLength(message)),
      );
    });
  }

  test('lists, shows the top, deletes', async () => {
    await using service = await Pop3Service.open();
    for (const message of messages.slice(0, 2)) await service.deliver(message);
    const list = await curl(service, 'pop3s', '');
    assert.equal(list.stdout.toString(), '1 29\r\n2 41\r\n');
    const top = await curl(service, 'pop3s', '', '-X', 'TOP 2 1');
    assert.equal(top.stdout.toString(), 'Subject: dots\r\n\r\n.\r\n');
    const uidl = await curl(service, 'pop3s', '', '-X', 'UIDL');
    assert.match(uidl.stdout.toString(), /^1 \d+\.1\r\n2 \d+\.2\r\n$/);
    const gone = await curl(service, 'pop3s', '1', '-X', 'DELE', '-I');
    assert.equal(gone.code, 0, gone.stderr);
    assert.equal(await service.count(), 1);
    assert.equal((await curl(service, 'pop3s', '')).stdout.toString(), '1 41\r\n');
  });

  test('is refused with a wrong password, and in clear', async () => {
    await using service = await Pop3Service.open();
    const { port } = service.pop3s.endpoint;
    const wrong = await runProgram('curl', [
      '-sS',
      '-k',
      '--user',
      `${pop3User}:wrong`,
      `pop3s://127.0.0.1:${port}/`,
    ]);
    // 67: the login was denied.
    assert.equal(wrong.code, 67, wrong.stderr);
    const clear = await curl(service, 'pop3', '');
    assert.notEqual(clear.code, 0);
    assert.deepEqual(service.retrievals, []);
  });
});

describe('fetchmail', { skip: missingPrograms('fetchmail') }, () => {
  for (const scheme of ['pop3s', 'pop3'] as const) {
    const how = scheme === 'pop3s' ? 'TLS at once' : 'STLS, USER and PASS';
    test(`${how}: takes every message byte for byte, and deletes them`, async () => {
      await using service = await Pop3Service.open();
      for (const message of messages) await service.deliver(message);
      const { port } = scheme === 'pop3' ? service.pop3.endpoint : service.pop3s.endpoint;
      const rc = join(service.folder, 'fetchmailrc');
      const out = join(service.folder, 'out');
      const mda = join(service.folder, 'mda');
      // fetchmail sees lines as its own; nostripcr and an mda keep them as they come.
      await writeFile(mda, `#!/bin/sh\nexec cat > "$(mktemp ${out}.XXXXXX)"\n`);
      await chmod(mda, 0o700);
      await writeFile(
        rc,
        `set invisible\npoll 127.0.0.1 protocol pop3 port ${port} auth ${scheme === 'pop3s' ? 'any' : 'password'} user "${pop3User}" password "${pop3Password}"\n` +
          `  ${scheme === 'pop3s' ? 'ssl' : 'sslproto "TLS1.2+"'} no sslcertck\n` +
          `  no rewrite nostripcr no dropstatus fetchall nokeep mda "${mda}"\n`,
      );
      await chmod(rc, 0o600);
      const done = await runProgram('fetchmail', ['-f', rc, '--pidfile', join(service.folder, 'pid')], {
        env: { HOME: service.folder, FETCHMAILHOME: service.folder },
      });
      assert.equal(done.code, 0, `${done.stderr}${done.stdout.toString()}`);
      assert.equal(await service.count(), 0);
      const files = (await readdir(service.folder)).filter((name) => name.startsWith('out.'));
      const got = await Promise.all(files.map((name) => readFile(join(service.folder, name), 'utf8')));
      assert.deepEqual(got.toSorted(), [...messages].toSorted());
    });
  }
});
