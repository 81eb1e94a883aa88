// Signatures and seals of our own, verified by implementations that nobody here wrote: dkimpy and OpenDKIM's tool.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import { sealArc } from '../../src/mailauth/arc/seal-arc.ts';
import { signDkim } from '../../src/mailauth/dkim/sign-dkim.ts';
import { resultsText } from '../../src/mailauth/results/format-results.ts';
import { checkMessage, ed25519TestKey, rsaTestKey, usualEnvelope } from '../support/mail-auth.ts';
import { missingPrograms } from '../support/programs.ts';

const python = '/usr/bin/python3';
const hasDkimpy = spawnSync(python, ['-c', 'import dkim, nacl']).status === 0;
const letter =
  'From: Joe <joe@example.com>\r\nTo: ann@example.net\r\nSubject: Is   dinner\r\n ready?\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n' +
  'Message-ID: <1@example.com>\r\n\r\nHi. \r\n\r\n\tWe  lost the game.\r\n\r\n\r\n';

/** Prints a verdict for each signature, and that of the chain. */
const script = `
import sys, json, dkim
data = json.load(sys.stdin)
message = data['message'].encode()
find = lambda name, timeout=5: data['keys'].get(name.decode().rstrip('.'), '').encode()
d = dkim.DKIM(message)
print(json.dumps({
  'dkim': [dkim.DKIM(message).verify(idx=i, dnsfunc=find) for i in range(data['signatures'])],
  'arc': str(dkim.ARC(message).verify(dnsfunc=find)[0]),
}))
`;

test(
  'dkimpy verifies our DKIM signatures and ARC seals, by RSA and Ed25519',
  { skip: hasDkimpy ? false : 'needs python3-dkim and python3-nacl' },
  async () => {
    const keys = { rsa: rsaTestKey(2048), ed: ed25519TestKey() };
    const names = {
      'rsa._domainkey.example.com': [`TXT ${keys.rsa.record}`],
      'ed._domainkey.example.com': [`TXT ${keys.ed.record}`],
    };
    const signers = (['rsa', 'ed'] as const).map((selector) => ({
      domain: 'example.com',
      selector,
      key: keys[selector].key,
    }));
    const now = Date.UTC(2026, 0, 1);
    const signed = signDkim([utf8ToBytes(letter)], signers, now) + letter;
    let message = signed;
    const [sealer] = signers;
    assert.ok(sealer);
    for (let hop = 0; hop < 2; hop++) {
      const verdicts = await checkMessage(names, message);
      const results = resultsText('mx.example.com', usualEnvelope, verdicts);
      message = (sealArc([utf8ToBytes(message)], verdicts.arc, results, sealer, now) ?? '') + message;
    }
    const { stdout, stderr } = spawnSync(python, ['-c', script], {
      encoding: 'utf8',
      timeout: 15_000,
      input: JSON.stringify({
        message,
        signatures: 2,
        keys: { 'rsa._domainkey.example.com': keys.rsa.record, 'ed._domainkey.example.com': keys.ed.record },
      }),
    });
    assert.equal(stdout.trim(), '{"dkim": [true, true], "arc": "b\'pass\'"}', stderr);
  },
);

/** The tool asks the system's resolver on port 53 alone: it gets a network of its own, where our authority is that. */
const inNamespace = `
ip link set lo up || exit 90
mount --bind "$1/resolv.conf" /etc/resolv.conf || exit 91
"$2" serve -c "$1/signpost.yaml" > "$1/log" 2>&1 &
server=$!
for i in $(seq 200); do grep -q 'signpost ready' "$1/log" && break; sleep 0.1; done
opendkim-testmsg -t "$1" < "$1/message"
code=$?
kill $server
wait $server
exit $code
`;
const hasNamespaces = spawnSync('unshare', ['--mount', '--net', 'true']).status === 0;

test(
  'opendkim-testmsg verifies our signature by its key in our zone, and no changed message',
  {
    skip:
      missingPrograms('opendkim-testmsg') ||
      (hasNamespaces ? false : 'needs root, to have a network of its own'),
  },
  () => {
    const { key, record } = rsaTestKey(2048);
    const signed =
      signDkim([utf8ToBytes(letter)], [{ domain: 'example.com', selector: 'rsa', key }], Date.now()) + letter;
    const folder = mkdtempSync(join(tmpdir(), 'signpost-opendkim-'));
    try {
      const files = {
        'resolv.conf': 'nameserver 127.0.0.1\n',
        'signpost.yaml':
          'hostname: ns.example.com\nlisteners: { dns-authority: ["127.0.0.1:53"] }\nworkers: { dns: 1 }\nzones: [{ name: example.com, file: zone }]\n',
        zone: `@ 60 IN SOA ns hostmaster 1 3600 600 86400 60\n@ 60 IN NS ns\nns 60 IN A 127.0.0.1\nrsa._domainkey 60 IN TXT "${record.slice(0, 200)}" "${record.slice(200)}"\n`,
      };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const verify = (message: string): { readonly status: number | null; readonly said: string } => {
        writeFileSync(join(folder, 'message'), message);
        const launcher = resolve(import.meta.dirname, '../../bin/signpost');
        const args = ['--mount', '--net', 'sh', '-c', inNamespace, 'sh', folder, launcher];
        const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 });
        return { status, said: stdout + stderr };
      };
      assert.deepEqual(verify(signed), { status: 0, said: '' });
      const changed = verify(signed.replace('the game', 'the match'));
      assert.notEqual(changed.status, 0);
      assert.match(changed.said, /Bad signature/i);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test(
  'what opendkim-testmsg signs is by SHA-1, which does not count any more (RFC 8301 §3.1)',
  { skip: missingPrograms('opendkim-testmsg') },
  async () => {
    const { key, record } = rsaTestKey(2048);
    const folder = mkdtempSync(join(tmpdir(), 'signpost-opendkim-'));
    try {
      const keyFile = join(folder, 'key.pem');
      writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      const args = ['-C', '-d', 'example.com', '-s', 'rsa', '-k', keyFile, '-t', folder];
      const signing = spawnSync('opendkim-testmsg', args, {
        input: letter,
        encoding: 'utf8',
        timeout: 15_000,
      });
      assert.equal(signing.status, 0, signing.stderr);
      assert.match(signing.stdout, /^DKIM-Signature: /m);
      const { dkim } = await checkMessage(
        { 'rsa._domainkey.example.com': [`TXT ${record}`] },
        signing.stdout,
      );
      assert.deepEqual(
        dkim.map(({ result, reason }) => [result, reason]),
        [['policy', "the algorithm rsa-sha1 doesn't count"]],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
