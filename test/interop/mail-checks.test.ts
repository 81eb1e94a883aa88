// A whole server looks into what swaks brings: its own resolver asks its own authority about the sender; curl reads what was stored.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';

const password = 'a mailbox to look into';

const zone = `@ 60 IN SOA ns hostmaster 1 3600 600 86400 60
@ 60 IN NS ns
ns 60 IN A 192.0.2.53
@ 60 IN TXT "v=spf1 ip4:127.0.0.1 -all"
_dmarc 60 IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@sender.example"
other 60 IN TXT "v=spf1 ip4:192.0.2.1 -all exp=why.sender.example"
why 60 IN TXT "%{i} is not ours"
`;

function config(...lines: readonly string[]): string {
  return [
    'hostname: mx.example.com',
    'listeners: { smtp: ["127.0.0.1:0"], pop3s: ["127.0.0.1:0"] }',
    'workers: { dns: 1 }',
    ...lines,
    '',
  ].join('\n');
}

class Door implements AsyncDisposable {
  readonly #folder: SignpostFolder;
  readonly server: ServedSignpost;

  private constructor(folder: SignpostFolder, server: ServedSignpost) {
    this.#folder = folder;
    this.server = server;
  }

  static async open(yaml: string): Promise<Door> {
    const folder = await SignpostFolder.make({ 'signpost.yaml': yaml, 'sender.zone': zone });
    await folder.command(['domain', 'add', 'example.com']);
    const added = await folder.command(
      ['account', 'add', 'bob@example.com', '--password-stdin'],
      `${password}\n`,
    );
    assert.equal(added.code, 0, added.stderr);
    return new Door(folder, await ServedSignpost.start(folder));
  }

  async send(mailFrom: string, author: string): Promise<string> {
    const { port } = await this.server.endpoint('smtp');
    const message = `From: ${author}\nSubject: hi\n\nhello\n`;
    const args = [
      '--server',
      '127.0.0.1',
      '--port',
      String(port),
      '--from',
      mailFrom,
      '--to',
      'bob@example.com',
      '--data',
      '-',
    ];
    const sent = await runProgram('swaks', args, { input: message });
    return sent.stdout.toString();
  }

  async stored(): Promise<string> {
    const { port } = await this.server.endpoint('pop3s');
    const url = `pop3s://127.0.0.1:${port}/1`;
    const read = await runProgram('curl', ['-sS', '-k', '--user', `bob@example.com:${password}`, url]);
    return read.stdout.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

describe('swaks', { skip: missingPrograms('swaks', 'curl') }, () => {
  test('brings what its author stands for, and nothing else', async () => {
    const zones = [
      'zones: [{ name: sender.example, file: sender.zone }]',
      'resolver: { trust-anchors: [], local-zones: [{ name: example, type: world }] }',
    ];
    await using door = await Door.open(config('mail-checks: { exempt: [], spf-fail: reject }', ...zones));
    assert.match(
      await door.send('a@sender.example', 'joe@sender.example'),
      /^<- {2}250 2\.0\.0 Message taken/m,
    );
    assert.match(
      await door.stored(),
      /^Return-Path: <a@sender\.example>\r\nReceived: [^]*?\r\nAuthentication-Results: mx\.example\.com;\r\n\tiprev=pass [^]*\tspf=pass smtp\.mailfrom=a@sender\.example;\r\n\tdkim=none;\r\n\tdmarc=pass \(p=reject dis=none\) header\.from=sender\.example\r\n/,
    );
    assert.match(
      await door.send('<>', 'joe@sender.example'),
      /^<\*\* 550 5\.7\.26 Nothing proves that sender\.example sent this, and it wants such mail to be refused\./m,
    );
    assert.match(
      await door.send('a@other.sender.example', 'joe@sender.example'),
      /^<\*\* 550 5\.7\.23 other\.sender\.example doesn't let 127\.0\.0\.1 send its mail, and explains: 127\.0\.0\.1 is not ours/m,
    );
  });

  test('is told to come again where DNS is dead', async () => {
    await using door = await Door.open(
      config(
        'mail-checks: { exempt: [], temporary: defer }',
        'resolver: { trust-anchors: [], root-hints: [{ name: a.root, addresses: [198.51.100.1] }] }',
        // Nobody listens there.
        'network: { map: { "198.51.100.1:53": "127.0.0.1:1" } }',
      ),
    );
    assert.match(
      await door.send('a@real.example.net', 'joe@real.example.net'),
      /^<\*\* 451 4\.7\.1 Whether real\.example\.net sent this can't be found out now/m,
    );
    assert.equal(door.server.stderr.includes('message accepted'), false);
  });
});
