import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSigningKey } from '../../../test/support/dnssec-signer.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { dnssecAlgorithm } from '../wire/rdata/dnssec-algorithm.ts';
import { algorithmInWords, rsaAlgorithm, validationAlgorithms } from './algorithm.ts';

test('what is validated, and what is not (RFC 8624 §3.1, RFC 9905 §2)', () => {
  const names = [...validationAlgorithms.keys()].map(algorithmInWords);
  assert.deepEqual(names, [
    'RSASHA256',
    'RSASHA512',
    'ECDSAP256SHA256',
    'ECDSAP384SHA384',
    'ED25519',
    'ED448',
  ]);
  for (const [number, { mnemonic }] of validationAlgorithms) assert.equal(algorithmInWords(number), mnemonic);
  assert.equal(algorithmInWords(99), 'algorithm 99');
});

/** As RFC 3110 §2 has it. */
function rsaKey(exponent: readonly number[], modulusOctets: number, long = false): Uint8Array {
  const length = long ? [0, exponent.length >>> 8, exponent.length & 0xff] : [exponent.length];
  const modulus = new Uint8Array(modulusOctets).fill(0xc5);
  return concatBytes([Uint8Array.from([...length, ...exponent]), modulus]);
}

const f4 = [1, 0, 1];
const keys: readonly (readonly [what: string, key: Uint8Array, usable: boolean])[] = [
  ['the usual exponent', rsaKey(f4, 256), true],
  ['its length in three octets', rsaKey(f4, 256, true), true],
  ['3', rsaKey([3], 128), true],
  ['2^32 + 1', rsaKey([1, 0, 0, 0, 1], 128), true],
  ['zeros before it', rsaKey([0, 0, ...f4], 128), true],
  ['an exponent of 36 bits', rsaKey([8, 0, 0, 0, 1], 128), false],
  ['1', rsaKey([1], 128), false],
  ['no exponent', rsaKey([], 128), false],
  ['512 bits', rsaKey(f4, 64), true],
  ['504 bits', rsaKey(f4, 63), false],
  ['4096 bits', rsaKey(f4, 512), true],
  ['4104 bits', rsaKey(f4, 513), false],
  ['no modulus', rsaKey(f4, 0), false],
  ['an exponent longer than the key', Uint8Array.of(200, 1, 0, 1), false],
  ['nothing', new Uint8Array(0), false],
  ['zeros', new Uint8Array(64), false],
];

test('RSA keys that are taken, and that are not (RFC 5702 §2, RFC 3110 §2)', () => {
  const rsa = rsaAlgorithm('RSASHA256', 'sha256', 512);
  for (const [what, key, usable] of keys) assert.equal(rsa.importKey(key) !== undefined, usable, what);
  assert.equal(
    validationAlgorithms.get(dnssecAlgorithm.RSASHA512)?.importKey(rsaKey(f4, 127)),
    undefined,
    'RSA/SHA-512 begins at 1024 bits',
  );
});

test('keys of another length, and points off their curve, are none', () => {
  for (const name of ['ECDSAP256SHA256', 'ECDSAP384SHA384', 'ED25519', 'ED448'] as const) {
    const algorithm = validationAlgorithms.get(dnssecAlgorithm[name]) ?? assert.fail(name);
    const key = makeSigningKey(name).rdata.subarray(4);
    assert.ok(algorithm.importKey(key) !== undefined, name);
    assert.equal(algorithm.importKey(key.subarray(1)), undefined, name);
    assert.equal(algorithm.importKey(concatBytes([key, Uint8Array.of(0)])), undefined, name);
    if (name.startsWith('ECDSA'))
      assert.equal(algorithm.importKey(key.with(3, key[3] === 7 ? 8 : 7)), undefined);
    const imported = algorithm.importKey(key);
    assert.ok(imported !== undefined);
    for (const length of [0, 1, 64, 96, 114, 200])
      assert.equal(algorithm.verify(imported, key, new Uint8Array(length)), false);
  }
});

test('ECDSA signatures are numbers that may begin with zeros, or with a bit that is no sign (RFC 6605 §4)', () => {
  for (const name of ['ECDSAP256SHA256', 'ECDSAP384SHA384'] as const) {
    const algorithm = validationAlgorithms.get(dnssecAlgorithm[name]) ?? assert.fail(name);
    const signer = makeSigningKey(name);
    const key = algorithm.importKey(signer.rdata.subarray(4)) ?? assert.fail(name);
    const seen = new Set<string>();
    for (let i = 0; seen.size < 4; i++) {
      const data = Uint8Array.of(i >>> 8, i);
      const signature = signer.sign(data);
      const starts = [signature[0] ?? 0, signature[signature.length / 2] ?? 0];
      const kinds = starts.map(
        (octet, half) => `${half} ${octet === 0 ? 'zero' : octet >= 0x80 ? 'high' : ''}`,
      );
      const news = kinds.filter((kind) => !kind.endsWith(' ') && !seen.has(kind));
      if (news.length === 0) continue;
      for (const kind of news) seen.add(kind);
      assert.ok(algorithm.verify(key, data, signature), `${name}: ${kinds.join(', ')}`);
      const other = signature.with(signature.length - 1, (signature.at(-1) ?? 0) ^ 1);
      assert.ok(!algorithm.verify(key, data, other));
      assert.ok(!algorithm.verify(key, data, new Uint8Array(signature.length)));
    }
  }
});
