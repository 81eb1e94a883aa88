// Changes by hand, typed as commands: without a server upon the store, and with one, which answers for them at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServedSignpost, SignpostFolder } from '../../test/support/served-signpost.ts';

const config = `
hostname: ns.example.com
listeners: { dns-authority: ["127.0.0.1:0"] }
workers: { dns: 1 }
keys: [{ name: k, secret: "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=" }]
zones:
  - { name: example.com, file: a.zone, update: [{ key: k }] }
  - { name: example.net, file: a.zone }
`;
const zone = '$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n';

test('what is changed without a server is served by the next, and the other way round', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': config, 'a.zone': zone });
  const added = await folder.command(['zone', 'add', 'example.com', 'www A 192.0.2.7', 'www TXT "a b"']);
  assert.deepEqual(added, {
    code: 0,
    stdout:
      '--- example.com. serial 1\n+++ example.com. serial 2\n+www.example.com. 300 IN A 192.0.2.7\n' +
      '+www.example.com. 300 IN TXT "a b"\nzone example.com. has serial 2 now\n',
    stderr: '',
  });
  const wrong = await folder.command(['zone', 'add', 'example.com', 'www A 192.0.2.']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /record:1:7: .*\n {2}www A 192\.0\.2\.\n {8}\^+\n/);
  {
    await using served = await ServedSignpost.start(folder);
    const removed = await folder.command(['zone', 'remove', 'example.com', 'www TXT', '--json']);
    assert.deepEqual(JSON.parse(removed.stdout), {
      zone: 'example.com.',
      serial: 3,
      step: { from: 2, to: 3, removed: ['www.example.com.\t300\tIN\tTXT\t"a b"'], added: [] },
    });
    const back = await folder.command(['zone', 'rollback', 'example.com', '1']);
    assert.match(
      back.stdout,
      /-www\.example\.com\. 300 IN A 192\.0\.2\.7\nzone example\.com\. has serial 4 now\n/,
    );
    const file = await folder.command(['zone', 'add', 'example.net', 'www A 192.0.2.7']);
    assert.match(file.stderr, /example\.net is kept in its file: edit .*a\.zone/);
    assert.equal(await served.stop(), 0);
  }
  const steps = await folder.command(['zone', 'diff', 'example.com', '2']);
  assert.match(
    steps.stdout,
    /serial 2\n\+\+\+ example\.com\. serial 3\n-.*TXT.*\n--- example\.com\. serial 3\n/,
  );
  assert.equal((await folder.command(['zone', 'diff', 'example.com', 'x'])).code, 2);
});
