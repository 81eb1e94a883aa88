import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { badZones, goodHead } from '../../../test/support/bad-zones.ts';
import { domainName } from '../wire/name.ts';
import { formatZoneProblem, loadZone } from './load-zone.ts';
import type { ZoneProblem } from './fault-places.ts';

const origin = domainName('example.com.');
const now = Date.UTC(2026, 10, 24) / 1000;

function problemsOf(text: string): readonly ZoneProblem[] {
  const loaded = loadZone({ name: 'z', text }, { origin, now });
  const problems = loaded.ok ? loaded.value.warnings : loaded.fault;
  assert.equal(loaded.ok, !problems.some(({ severity }) => severity === 'error'));
  return problems;
}

function sentences(text: string): readonly string[] {
  return problemsOf(text).map(({ severity, message }) => `${severity}: ${message}`);
}

for (const { what, text, finds } of badZones) {
  test(`the zone checks find: ${what}`, () => {
    const found = sentences(text);
    assert.ok(
      found.some((sentence) => finds.test(sentence)),
      `${finds} is none of:\n${found.join('\n')}`,
    );
  });
}

const right: readonly (readonly [what: string, records: string])[] = [
  ['nothing else', ''],
  ['a wildcard mail server', '@ MX 1 x.mail\n*.mail A 192.0.2.1\n'],
  ['a null MX (RFC 7505)', '@ MX 0 .\n'],
  ['a service that is not offered (RFC 2782)', '_x._tcp SRV 0 0 0 .\n'],
  ['a service binding to an alias (RFC 9460 §3)', 's HTTPS 1 a\na CNAME ns1\n'],
  ['underscores where they belong', '_dmarc TXT "v=DMARC1; p=none"\nk._domainkey TXT "v=DKIM1; p="\n'],
  ['a wildcard address', '*.w A 192.0.2.1\n'],
  ['glue, and what it is for', 'sub NS ns.sub\nns.sub A 192.0.2.1\nns.sub AAAA 2001:db8::1\n'],
  ['sibling glue that another zone has', 'sub NS ns.other\nother NS ns.example.net.\n'],
  ['one SPF policy beside other texts', '@ TXT "v=spf1 -all"\n@ TXT "v=spf10"\n@ TXT "x"\n'],
  ['a DNAME and what stands beside it', 'd DNAME example.net.\nd A 192.0.2.1\nd TXT x\n'],
  ['letter case', 'WWW CNAME NS1\n@ MX 1 Ns1\n'],
];

for (const [what, records] of right) {
  test(`the zone checks find nothing wrong with ${what}`, () =>
    assert.deepEqual(sentences(goodHead + records), []));
}

test('a problem is shown where its record stands, in the order of the file', () => {
  const text = `${goodHead}b CNAME b.\nb A 192.0.2.1\na CNAME b.\na A 192.0.2.1\n  MX 1 ns1\n`;
  assert.deepEqual(problemsOf(text).map(formatZoneProblem), [
    'z:6:1: error: b.example.com. has a CNAME and also A records\n  b CNAME b.\n  ^^^^^^^^^^',
    'z:8:1: error: a.example.com. has a CNAME and also A records\n  a CNAME b.\n  ^^^^^^^^^^',
  ]);
});

/** Signed by Knot's kzonesign; valid at `now` and for two weeks. */
function signedZone(denial: 'nsec' | 'nsec3'): string {
  return readFileSync(
    resolve(import.meta.dirname, `../../../test/golden/zones/signed-${denial}.zone`),
    'utf8',
  );
}

for (const denial of ['nsec', 'nsec3'] as const) {
  test(`a zone signed with ${denial} has nothing wrong in it, and each part of the chain is missed`, () => {
    const text = signedZone(denial);
    assert.deepEqual(sentences(text), []);
    const lines = text.split('\n');
    const isLink = new RegExp(`^\\S+\\s+\\d+\\s+${denial}\\s`, 'i');
    const links = lines.filter((line) => isLink.test(line));
    assert.ok(links.length > 5, `${links.length} links`);
    for (const link of links) {
      const found = sentences(lines.filter((line) => line !== link).join('\n'));
      assert.ok(
        found.some((sentence) => /NSEC3? (?:record|chain)|no NSEC/.test(sentence)),
        `${link}: ${found.join('\n')}`,
      );
    }
  });
}
