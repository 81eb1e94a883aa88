import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { endPointHash } from './describe-tls.ts';
import { makeSelfSigned } from './self-signed.ts';

test('tls-server-end-point is the hash of the certificate by the hash of its signature (RFC 5929 §4.1)', async () => {
  const { cert } = await makeSelfSigned(['localhost'], Date.now());
  const certificate = new X509Certificate(cert);
  const sha256 = createHash('sha256').update(certificate.raw).digest();
  const like = (signatureAlgorithm: string | undefined): Uint8Array | undefined =>
    endPointHash({ raw: certificate.raw, signatureAlgorithm });
  assert.deepEqual(Buffer.from(endPointHash(certificate) ?? []), sha256);
  for (const weak of ['md5WithRSAEncryption', 'sha1WithRSAEncryption', 'ecdsa-with-SHA1'])
    assert.deepEqual(Buffer.from(like(weak) ?? []), sha256, weak);
  assert.deepEqual(
    Buffer.from(like('ecdsa-with-SHA384') ?? []),
    createHash('sha384').update(certificate.raw).digest(),
  );
  assert.equal(like('sha512WithRSAEncryption')?.length, 64);
  assert.equal(like('ED25519'), undefined);
  assert.equal(like(undefined), undefined);
});
