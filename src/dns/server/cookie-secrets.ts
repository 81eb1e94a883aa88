// The secrets that server cookies (RFC 9018 §4) are made and checked by: those of the config, or one of our own that outlives a restart,
// so that clients' cookies do too.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuthorityConfig } from '../../config/config.ts';
import { bytesToHex, hexToBytes } from '../../lib/bytes.ts';
import type { Random } from '../../lib/random.ts';

const secretLength = 16;

/**
 * Secrets of 16 octets, the first for making cookies; none where the config turns cookies off. `file` keeps our own; where it can't
 * be read or written the secret lasts as long as the process, which costs clients a new cookie and nothing else.
 */
export function cookieSecrets(
  { enabled, secrets }: AuthorityConfig['cookies'],
  file: string,
  random: Random,
): readonly Uint8Array[] {
  if (!enabled) return [];
  if (secrets.length > 0) return secrets.map((secret) => Uint8Array.fromHex(secret));
  return [readSecret(file) ?? makeSecret(file, random)];
}

function readSecret(file: string): Uint8Array | undefined {
  try {
    const secret = hexToBytes(readFileSync(file, 'latin1').trim());
    return secret?.length === secretLength ? secret : undefined;
  } catch {
    return undefined;
  }
}

function makeSecret(file: string, random: Random): Uint8Array {
  const secret = random.bytes(secretLength);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Whoever can read it can pass off forged addresses as heard of.
    writeFileSync(file, `${bytesToHex(secret)}\n`, { mode: 0o600 });
  } catch {
    // Kept in memory.
  }
  return secret;
}
