import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { domainName } from '../wire/name.ts';
import { loadZone } from './zone-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'signpost-zones-'));
after(() => rmSync(folder, { recursive: true }));

const head = '$TTL 300\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n';
const example = domainName('example.com');

function load(text: string): ReturnType<typeof loadZone> {
  const file = join(folder, 'example.zone');
  writeFileSync(file, text);
  return loadZone({ name: example, file });
}

test('a zone file becomes a zone, with what it includes', () => {
  mkdirSync(join(folder, 'parts'), { recursive: true });
  writeFileSync(join(folder, 'parts/www.zone'), 'www A 192.0.2.2\n');
  const loaded = load(`${head}$INCLUDE parts/www.zone\n`);
  assert.ok(loaded.ok);
  assert.equal(loaded.value.zone.origin.toString(), 'example.com.');
  assert.equal(loaded.value.records.length, 4);
});

test('what is wrong is told with its place', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${head}www A 192.0.2.300\n`, /example\.zone:5:7[\s\S]*192\.0\.2\.300[\s\S]*\^/],
    ['$TTL 300\n@ NS ns\n', /SOA/],
    [`${head}$INCLUDE missing.zone\n`, /there is no file|missing\.zone/],
    [`${head}www CNAME a\nwww A 192.0.2.2\n`, /CNAME/],
  ];
  for (const [text, expected] of cases) {
    const loaded = load(text);
    assert.ok(!loaded.ok, text);
    assert.match(loaded.fault.join('\n'), expected);
  }
  const missing = loadZone({ name: example, file: join(folder, 'none.zone') });
  assert.ok(!missing.ok);
  assert.match(missing.fault.join(), /zone example\.com\.: there is no file/);
});

test('a zone file shows nothing from outside its folder', () => {
  symlinkSync('/etc/hosts', join(folder, 'link.zone'));
  for (const path of ['/etc/hosts', '../../../../../../etc/hosts', 'link.zone']) {
    const loaded = load(`${head}$INCLUDE ${path}\n`);
    assert.ok(!loaded.ok);
    assert.match(loaded.fault.join('\n'), /outside of/, path);
  }
});
