// A secret of this server alone that outlives the process: drawn once and kept in a file that only its owner may read.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '../lib/random.ts';

const secretOctets = 32;

/** The secret in the file, which is made where it is missing or damaged. Throws what the file system throws. */
export async function keepSecret(file: string, random: Random): Promise<Uint8Array> {
  const kept = await readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept?.length === secretOctets) return new Uint8Array(kept);
  const secret = random.bytes(secretOctets);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Nobody ever sees half of it.
  await writeFile(`${file}.new`, secret, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secret;
}
