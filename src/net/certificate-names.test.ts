import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateNames, namesOf } from './certificate-names.ts';

const names: readonly (readonly [string | undefined, readonly string[]])[] = [
  [undefined, []],
  ['DNS:mx.example.com', ['mx.example.com']],
  ['DNS:A.example, IP Address:192.0.2.1, DNS:*.b.example', ['a.example', '*.b.example']],
  // Quoted where it could be taken for several names (CVE-2021-44532).
  ['DNS:"evil.example, DNS:good.example"', []],
  ['email:a@b.example, URI:"http://x, DNS:y.example"', []],
];
for (const [text, expected] of names)
  test(`names of '${text ?? 'nothing'}'`, () =>
    assert.deepEqual(namesOf({ subjectAltName: text }), expected));

test('a wildcard stands for one label, and for none', () => {
  const certificates = new CertificateNames<number>();
  certificates.add(['a.example', '*.b.example'], 1);
  certificates.add(['a.example', 'x.b.example'], 2);
  const asked = ['A.example.', 'x.b.example', 'y.b.example', 'b.example', 'z.y.b.example', '', '*.b.example'];
  assert.deepEqual(
    asked.map((name) => certificates.find(name)),
    [1, 2, 1, undefined, undefined, undefined, 1],
  );
});
