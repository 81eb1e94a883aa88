// What zones hold, as commands tell it and put it there: without a server upon files and the store, and with one.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServedSignpost, SignpostFolder } from '../../test/support/served-signpost.ts';

const config = `
hostname: ns.example.com
listeners: { dns-authority: ["127.0.0.1:0"] }
workers: { dns: 1 }
keys: [{ name: k, secret: "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=" }]
zones:
  - { name: example.com, update: [{ key: k }] }
  - { name: example.net, file: a.zone }
`;
const zone = '$TTL 300\n@ SOA ns1 h 7 3600 900 604800 60\n@ NS ns.example.org.\nwww A 192.0.2.1\n';

test('a zone file is put into a zone that the store keeps, and shown as it is served', async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': config, 'a.zone': zone, 'b.zone': zone });
  const file = join(folder.path, 'b.zone');
  const first = await folder.command(['zone', 'import', 'example.com', file]);
  assert.deepEqual(first, {
    code: 0,
    stdout: 'zone example.com. has the 3 records of the file, and serial 7 now\n',
    stderr: '',
  });
  assert.match((await folder.command(['zone', 'list'])).stdout, /^example\.com\. +7 +the store$/m);
  {
    await using served = await ServedSignpost.start(folder);
    // The serial is not raised in the file, so it is for us to do.
    await writeFile(file, `${zone}$INCLUDE c.zone\n`);
    await writeFile(join(folder.path, 'c.zone'), 'mail A 192.0.2.2\nmail A 192.0.2.3\n');
    const second = await folder.command(['zone', 'import', 'example.com', file, '--json']);
    assert.deepEqual(JSON.parse(second.stdout), { zone: 'example.com.', serial: 8, records: 5 });
    const shown = await folder.command(['zone', 'show', 'mail.example.com']);
    assert.match(shown.stdout, /^mail\.example\.com\.\t300\tIN\tA\t192\.0\.2\.2\n.*192\.0\.2\.3\n$/);
    const exported = await folder.command(['zone', 'export', 'example.com']);
    assert.match(exported.stdout, /SOA +ns1\.example\.com\. h\.example\.com\. 8 3600/);
    assert.equal(exported.stdout.match(/^mail/gm)?.length, 1);
    const listed = await folder.command(['zone', 'list', '--json']);
    assert.deepEqual(
      JSON.parse(listed.stdout).map(({ zone: name, serial, from }: Record<string, unknown>) => [
        name,
        serial,
        from,
      ]),
      [
        ['example.com.', 8, 'store'],
        ['example.net.', 7, 'file'],
      ],
    );
    await writeFile(file, `${zone}www CNAME a.\n`);
    const wrong = await folder.command(['zone', 'import', 'example.com', file]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /b\.zone:5:1: error: .*CNAME and also A[\s\S]*\^/);
    const fixed = await folder.command(['zone', 'import', 'example.net', join(folder.path, 'a.zone')]);
    assert.match(fixed.stderr, /example\.net is kept in its file: edit/);
    assert.equal(await served.stop(), 0);
  }
  assert.match((await folder.command(['zone', 'show', 'example.com'])).stdout, /mail\.example\.com\./);
  assert.match(
    (await folder.command(['zone', 'show', 'example.org'])).stderr,
    /no zone of .* holds example\.org/,
  );
});
