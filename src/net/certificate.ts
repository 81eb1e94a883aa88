// Where the server's certificate comes from: the files that the config names, or a self-signed one kept in the data folder.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { makeSelfSigned } from './self-signed.ts';
import { TlsContext } from './tls-context.ts';
import type { CertifiedKey, TlsExtras } from './tls-context.ts';

/** A self-signed certificate is made anew when it has less than this to live. */
const renewBeforeMs = 30 * 24 * 3_600_000;

/** Reads a certificate chain and its key. The fault is a sentence that names the file and what to do. */
export async function loadCertificate(certFile: string, keyFile: string): Promise<Result<CertifiedKey>> {
  const cert = await readPem(certFile, 'certificate');
  if (!cert.ok) return cert;
  const key = await readPem(keyFile, 'private key');
  if (!key.ok) return key;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert.value);
  } catch {
    return fault(
      `${certFile} holds no certificate in PEM form: it should begin with '-----BEGIN CERTIFICATE-----'`,
    );
  }
  try {
    const privateKey = createPrivateKey(key.value);
    if (!certificate.checkPrivateKey(privateKey)) {
      return fault(`the key in ${keyFile} is not the key of the certificate in ${certFile}`);
    }
  } catch {
    return fault(
      `${keyFile} holds no private key in PEM form that can be read without a passphrase: it should begin with ` +
        `'-----BEGIN PRIVATE KEY-----'`,
    );
  }
  const material = { cert: cert.value, key: key.value };
  try {
    void new TlsContext(material);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault(`the certificate in ${certFile} can't be used for TLS: ${reason}`);
  }
  return ok(material);
}

interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Files that the config names. */
interface ConfiguredCertificates {
  readonly own: (CertificateFiles & { readonly others: readonly CertificateFiles[] }) | undefined;
  /** Who may sign the certificates of clients. */
  readonly clientAuthorities: string | undefined;
}

/** The configured ones, or the self-signed one kept in `folder`. The fault is a sentence. */
export async function serverCertificates(
  configured: ConfiguredCertificates,
  folder: string,
  names: readonly string[],
  now: number,
): Promise<Result<{ readonly first: CertifiedKey } & TlsExtras>> {
  const own = await ownCertificates(configured.own, folder, names, now);
  const { clientAuthorities } = configured;
  if (!own.ok || clientAuthorities === undefined) return own;
  const authorities = await readPem(clientAuthorities, 'authorities of client certificates');
  if (!authorities.ok) return authorities;
  return authorities.value.includes('-----BEGIN CERTIFICATE-----')
    ? ok({ ...own.value, clientAuthorities: authorities.value })
    : fault(
        `${clientAuthorities} holds no certificate in PEM form: it should begin with '-----BEGIN CERTIFICATE-----'`,
      );
}

async function ownCertificates(
  configured: ConfiguredCertificates['own'],
  folder: string,
  names: readonly string[],
  now: number,
): Promise<Result<{ readonly first: CertifiedKey; readonly others: readonly CertifiedKey[] }>> {
  if (configured !== undefined) {
    const first = await loadCertificate(configured.cert, configured.key);
    if (!first.ok) return first;
    const others: CertifiedKey[] = [];
    for (const { cert, key } of configured.others) {
      const other = await loadCertificate(cert, key);
      if (!other.ok) return other;
      others.push(other.value);
    }
    return ok({ first: first.value, others });
  }
  try {
    return ok({ first: await keepSelfSigned(folder, names, now), others: [] });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault(`the self-signed certificate can't be kept in ${folder}: ${reason}`);
  }
}

/**
 * The self-signed certificate in `folder` (made on the first start, and anew when it ends within a month or lacks one of
 * `names`). Writes `self-signed.pem` and, for its owner only, `self-signed.key`. Throws what the file system throws.
 */
export async function keepSelfSigned(
  folder: string,
  names: readonly string[],
  now: number,
): Promise<CertifiedKey> {
  const certFile = join(folder, 'self-signed.pem');
  const keyFile = join(folder, 'self-signed.key');
  const kept = await loadCertificate(certFile, keyFile);
  if (kept.ok && stillGood(kept.value, names, now)) return kept.value;
  const made = await makeSelfSigned(names, now);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The key first: a crash in between leaves a pair that doesn't match, which is made anew at the next start.
  await writeWhole(keyFile, made.key, 0o600);
  await writeWhole(certFile, made.cert, 0o644);
  return made;
}

function stillGood(kept: CertifiedKey, names: readonly string[], now: number): boolean {
  const certificate = new X509Certificate(kept.cert);
  if (certificate.validToDate.getTime() - renewBeforeMs < now) return false;
  return names.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  );
}

async function readPem(file: string, what: string): Promise<Result<string>> {
  try {
    return ok(await readFile(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return fault(`the ${what} ${file} doesn't exist`);
    if (code === 'EACCES') {
      return fault(`no permission to read the ${what} ${file}: let the user that Signpost runs as read it`);
    }
    return fault(
      `the ${what} ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Nobody ever sees half a file: written beside it, then renamed. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const beside = `${file}.new`;
  await writeFile(beside, text, { mode });
  await chmod(beside, mode);
  await rename(beside, file);
}
