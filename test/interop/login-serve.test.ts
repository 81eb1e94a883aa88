// A whole server whose config has every way to log in, and real clients that use them: curl and msmtp with tokens and certificates,
// GNU SASL with SCRAM; and the doors beside: certificates by name, and LMTP on a Unix socket.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import type { ProgramResult } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';

const user = 'alice@example.com';
const password = 'open sesame 7';
const message = `From: ${user}\r\nTo: ${user}\r\nSubject: x\r\n\r\nhello\r\n`;
const clients = ['curl', 'msmtp', 'gsasl', 'openssl', 'swaks'];

describe('ways to log in', { skip: missingPrograms(...clients) }, () => {
  const provider = generateKeyPair('ES256');
  let folder: SignpostFolder;
  let server: ServedSignpost;

  before(async () => {
    const { publicKey } = await provider;
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] };
    const [own, other, named] = await Promise.all(
      ['mx.example.com', 'mail.hosted.example', 'a laptop'].map((name) => makeSelfSigned([name], Date.now())),
    );
    assert.ok(own && other && named);
    const fingerprint = createHash('sha256').update(new X509Certificate(named.cert).raw).digest('hex');
    folder = await SignpostFolder.make({
      'own.pem': own.cert,
      'own.key': own.key,
      'other.pem': other.cert,
      'other.key': other.key,
      'named.pem': named.cert,
      'named.key': named.key,
      'keys.json': JSON.stringify(keys),
      'san.txt': `subjectAltName=email:${user}\n`,
      'signpost.yaml': `
hostname: mx.example.com
tls: { cert: own.pem, key: own.key, others: [{ cert: other.pem, key: other.key }] }
listeners: { submission: ['127.0.0.1:0'], submissions: ['127.0.0.1:0'], pop3: ['127.0.0.1:0'] }
lmtp: { socket: run/lmtp.sock }
resolver: { trust-anchors: [], root-hints: [{ name: a.root.example, addresses: [127.0.0.1] }] }
login:
  tokens: { issuer: 'https://login.example', audience: [mail], keys: keys.json, scope: smtp }
  certificates: { authorities: ca.pem, fingerprints: { '${fingerprint}': ${user} } }
`,
    });
    await openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=clients');
    await openssl('req -newkey rsa:2048 -nodes -keyout signed.key -out signed.csr -subj /CN=alice');
    await openssl(
      'x509 -req -in signed.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out signed.pem -days 30 -extfile san.txt',
    );
    await openssl(
      `req -x509 -newkey rsa:2048 -nodes -keyout forged.key -out forged.pem -days 30 -subj /CN=alice -addext subjectAltName=email:${user}`,
    );
    server = await ServedSignpost.start(folder);
    assert.ok((await server.admin.addDomain({ name: 'example.com' })).ok);
    assert.ok((await server.admin.addAccount({ address: user, password })).ok);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function openssl(args: string): Promise<string> {
    const inFolder = args.split(' ').map((each) => (/\.(?:pem|key|csr|txt)$/.test(each) ? file(each) : each));
    const done = await runProgram('openssl', inFolder);
    assert.equal(done.code, 0, done.stderr);
    return done.stdout.toString();
  }

  function file(name: string): string {
    return join(folder.path, name);
  }

  async function tokenFor(address: string, scope = 'smtp'): Promise<string> {
    return await new SignJWT({ email: address, scope })
      .setProtectedHeader({ alg: 'ES256', kid: 'a' })
      .setIssuer('https://login.example')
      .setAudience('mail')
      .setExpirationTime('5 minutes')
      .sign((await provider).privateKey);
  }

  async function curl(mechanism: string, token: string): Promise<ProgramResult> {
    const { port } = await server.endpoint('submission');
    return await runProgram(
      'curl',
      [
        '-sSkv',
        '--ssl-reqd',
        `smtp://127.0.0.1:${port}`,
        `--mail-from=${user}`,
        `--mail-rcpt=${user}`,
        '--upload-file=-',
        `--user=${user}`,
        `--oauth2-bearer=${token}`,
        `--login-options=AUTH=${mechanism}`,
      ].flatMap((each) => each.split(/(?<=^--(?!ssl)[a-z0-9-]+)=/)),
      { input: message },
    );
  }

  for (const mechanism of ['OAUTHBEARER', 'XOAUTH2']) {
    test(`curl submits after a login by ${mechanism}`, async () => {
      const sent = await curl(mechanism, await tokenFor(user));
      assert.equal(sent.code, 0, sent.stderr);
      assert.match(sent.stderr, /< 235 2\.7\.0 /);
    });

    test(`${mechanism}: a token of somebody else, or for something else, is refused with what is needed`, async () => {
      for (const token of [await tokenFor('bob@example.com'), await tokenFor(user, 'calendar'), 'x']) {
        const sent = await curl(mechanism, token);
        assert.match(sent.stderr, /< 334 [A-Za-z0-9+/]{20,}/);
        assert.match(sent.stderr, /< 535 5\.7\.8 /);
        assert.notEqual(sent.code, 0);
      }
      await server.logged("the token is not good for 'smtp'");
    });
  }

  test('curl fetches mail by OAUTHBEARER from POP3', async () => {
    const { port } = await server.endpoint('pop3');
    const bearer = ['--oauth2-bearer', await tokenFor(user), '--login-options', 'AUTH=OAUTHBEARER'];
    const list = await runProgram('curl', [
      '-sSk',
      '--ssl-reqd',
      '--user',
      user,
      ...bearer,
      `pop3://127.0.0.1:${port}`,
    ]);
    assert.equal(list.code, 0, list.stderr);
  });

  test('msmtp submits with a certificate of the authority', async () => {
    const { port } = await server.endpoint('submission');
    const submit = (name: string): Promise<ProgramResult> =>
      runProgram(
        'msmtp',
        [
          '--file=/dev/null',
          '--host=127.0.0.1',
          `--port=${port}`,
          '--tls=on',
          '--tls-certcheck=off',
          `--tls-cert-file=${file(`${name}.pem`)}`,
          `--tls-key-file=${file(`${name}.key`)}`,
          '--auth=external',
          `--user=${user}`,
          `--from=${user}`,
          user,
        ],
        { input: message },
      );
    const signed = await submit('signed');
    assert.equal(signed.code, 0, signed.stderr);
    // GnuTLS, which is in msmtp, shows only what comes from an authority that the server names.
    assert.match((await submit('forged')).stderr, /does not support authentication method EXTERNAL/);
  });

  test('curl submits with the certificate whose fingerprint is configured, and with no other', async () => {
    const { port } = await server.endpoint('submissions');
    const submit = (name: string): Promise<ProgramResult> =>
      runProgram(
        'curl',
        [
          '-sSkv',
          `smtps://127.0.0.1:${port}`,
          '--cert',
          file(`${name}.pem`),
          '--key',
          file(`${name}.key`),
          '--user',
          `${user}:`,
          '--login-options',
          'AUTH=EXTERNAL',
          '--mail-from',
          user,
          '--mail-rcpt',
          user,
          '--upload-file',
          '-',
        ],
        { input: message },
      );
    const sent = await submit('named');
    assert.equal(sent.code, 0, sent.stderr);
    const forged = await submit('forged');
    assert.match(forged.stderr, /< 535 5\.7\.8 /);
    await server.logged('the certificate opens no account');
  });

  test('GNU SASL logs in by SCRAM-SHA-256-PLUS against the keys that are kept', async () => {
    const { port } = await server.endpoint('submission');
    const done = await runProgram('gsasl', [
      '--smtp',
      '--starttls',
      '--x509-ca-file=',
      `--connect=127.0.0.1:${port}`,
      '--mechanism=SCRAM-SHA-256-PLUS',
      `--authentication-id=${user}`,
      '--authorization-id=',
      `--password=${password}`,
    ]);
    assert.match(done.stdout.toString(), /^235 2\.7\.0 /m, done.stderr);
    assert.match(
      done.stdout.toString(),
      /AUTH OAUTHBEARER XOAUTH2 SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN/,
    );
    assert.equal((await readFile(file('data/decoy.secret'))).length, 32);
  });

  test('a client gets the certificate of the name that it asks for, and SIGHUP reads all of them again', async () => {
    const at = formatEndpoint(await server.endpoint('submissions'));
    const subject = async (name: string): Promise<string> => {
      const told = await runProgram(
        'openssl',
        ['s_client', '-connect', at, '-servername', name, '-verify_quiet'],
        { input: 'QUIT\r\n' },
      );
      return /subject=.*?CN ?= ?(\S+)/.exec(told.stdout.toString())?.[1] ?? told.stderr;
    };
    assert.equal(await subject('mail.hosted.example'), 'mail.hosted.example');
    assert.equal(await subject('else.example'), 'mx.example.com');
    const renewed = await makeSelfSigned(['mail.new.example'], Date.now());
    await folder.write('other.pem', renewed.cert);
    await folder.write('other.key', renewed.key);
    server.signal('SIGHUP');
    await server.logged('reloaded');
    assert.equal(await subject('mail.new.example'), 'mail.new.example');
    assert.equal(await subject('mail.hosted.example'), 'mx.example.com');
  });

  test('mail comes by LMTP through a Unix socket', async () => {
    const sent = await runProgram('swaks', [
      '--protocol',
      'LMTP',
      '--socket',
      file('run/lmtp.sock'),
      '-f',
      'a@b.example',
      '-t',
      user,
    ]);
    assert.equal(sent.code, 0, sent.stdout.toString());
    const status = await server.admin.status({});
    assert.ok(
      status.ok &&
        status.value.listeners.some(
          ({ name, address }) => name === 'lmtp' && address === file('run/lmtp.sock'),
        ),
    );
  });
});
