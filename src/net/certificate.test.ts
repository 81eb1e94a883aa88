import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepSelfSigned, loadCertificate } from './certificate.ts';
import { makeSelfSigned } from './self-signed.ts';

const now = Date.UTC(2026, 10, 23);
const year = 365 * 24 * 3_600_000;

const shortCert = `-----BEGIN CERTIFICATE-----
MIIBbzCCARmgAwIBAgIUaykbzfbA689nDG9Y2edTNa7IByowDQYJKoZIhvcNAQEL
BQAwDDEKMAgGA1UEAwwBeDAeFw0yNjExMjMxNzMzNTRaFw0zNTAyMDkxNzMzNTRa
MAwxCjAIBgNVBAMMAXgwXDANBgkqhkiG9w0BAQEFAANLADBIAkEAunwxNPwyLdXs
nviaImxvs/n2AobI5zA/VFsV510bed3CqD3h+P7WqGq9UzjBCSVfPnSTF5l5Vdr8
3WHqKzoVpwIDAQABo1MwUTAdBgNVHQ4EFgQURswAt9tVBLWWmOvhhzEbTL4Q+80w
HwYDVR0jBBgwFoAURswAt9tVBLWWmOvhhzEbTL4Q+80wDwYDVR0TAQH/BAUwAwEB
/zANBgkqhkiG9w0BAQsFAANBAEVfb9qEZCXZadhzfUtKbMGmlYsuSuZXmwvb3eiw
6Qz0QaTtNZ8CXnkv/16TbSsXzF6aGMMo0QeOZNtsUnfNt0o=
-----END CERTIFICATE-----
`;

const shortKey = `-----BEGIN PRIVATE KEY-----
MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAunwxNPwyLdXsnvia
Imxvs/n2AobI5zA/VFsV510bed3CqD3h+P7WqGq9UzjBCSVfPnSTF5l5Vdr83WHq
KzoVpwIDAQABAkAUC+eqP3YRcU6nZCgFjUyQt00Xxm9wUsJsCgKXxW1/swUQKnci
x+/90pFPcwtBf5RLIoFPTZkDH2eyuR2VugxRAiEA3TRXb+AweNUDvej9Y2rXpDu0
t7W3gGry7PHmTklqzB8CIQDX0b3Yak8n8g0X1VfK5yFxOBB5dXjfM1lVbfFCdd0F
eQIgBOysYaY5DgeX/LtaIMN5J4PYwxo9ipNW8yVzfhyuTvsCIQCWRgv7oeJl/QuS
2dFcjd1iWVhXSi2UtMtySbBgx3LTeQIgAPCX3hz7Vnak6HDyReF47tUYHj5/Sr0N
iZwCAXwcSKM=
-----END PRIVATE KEY-----
`;

async function temporaryFolder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'signpost-certificate-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('a self-signed certificate names its hosts and addresses, is signed by its own key, and is no authority', async () => {
  const made = await makeSelfSigned(['mx.example.com', 'smtp.example.com', '192.0.2.1', '2001:db8::25'], now);
  const certificate = new X509Certificate(made.cert);
  assert.equal(certificate.subject, 'CN=mx.example.com');
  assert.equal(
    certificate.subjectAltName,
    'DNS:mx.example.com, DNS:smtp.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:25',
  );
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.ca, false);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(certificate.validFromDate.getTime(), now - year / 365);
  assert.equal(certificate.validToDate.getTime(), now + 10 * year);
});

test('dates from 2050 on are written whole', async () => {
  const made = await makeSelfSigned(['a.example'], Date.UTC(2045, 0, 1));
  assert.equal(new X509Certificate(made.cert).validToDate.getUTCFullYear(), 2054);
});

test('it is kept, and made anew when it ends or lacks a name', async () => {
  await using folder = await temporaryFolder();
  const first = await keepSelfSigned(join(folder.path, 'tls'), ['a.example', '127.0.0.1'], now);
  assert.deepEqual(
    await keepSelfSigned(join(folder.path, 'tls'), ['a.example', '127.0.0.1'], now + year),
    first,
  );
  const key = await stat(join(folder.path, 'tls', 'self-signed.key'));
  assert.equal(key.mode & 0o777, 0o600);
  const renewed = await keepSelfSigned(join(folder.path, 'tls'), ['a.example'], now + 10 * year);
  assert.notEqual(renewed.cert, first.cert);
  const renamed = await keepSelfSigned(join(folder.path, 'tls'), ['b.example'], now + 10 * year);
  assert.match(new X509Certificate(renamed.cert).subjectAltName ?? '', /b\.example/);
});

test('each way a configured pair can be wrong has its sentence', async () => {
  await using folder = await temporaryFolder();
  const made = await makeSelfSigned(['a.example'], now);
  const cert = join(folder.path, 'cert.pem');
  const key = join(folder.path, 'key.pem');
  const load = async (): Promise<string> => {
    const result = await loadCertificate(cert, key);
    return result.ok ? 'ok' : result.fault.replaceAll(folder.path, '');
  };
  assert.equal(await load(), "the certificate /cert.pem doesn't exist");
  await writeFile(cert, made.cert);
  assert.equal(await load(), "the private key /key.pem doesn't exist");
  await writeFile(key, made.key);
  assert.equal(await load(), 'ok');
  await writeFile(key, (await makeSelfSigned(['a.example'], now)).key);
  assert.equal(await load(), 'the key in /key.pem is not the key of the certificate in /cert.pem');
  await writeFile(key, 'secret');
  assert.match(await load(), /^\/key\.pem holds no private key in PEM form/);
  // Too short for any TLS library of today: made by openssl req -x509 -newkey rsa:512.
  await writeFile(cert, shortCert);
  await writeFile(key, shortKey);
  assert.match(await load(), /^the certificate in \/cert\.pem can't be used for TLS: .*key too small/);
  await writeFile(key, 'secret');
  await writeFile(cert, 'x');
  assert.match(await load(), /^\/cert\.pem holds no certificate in PEM form/);
  await rm(cert);
  assert.equal(await readFile(key, 'utf8'), 'secret');
});
