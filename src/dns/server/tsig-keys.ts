// The TSIG keys of the config, with the secrets that stand in files of their own.
import { readFileSync } from 'node:fs';
import type { KeyConfig } from '../../config/config.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseTsigKey, TsigKeys } from '../tsig/tsig-key.ts';
import type { TsigKey } from '../tsig/tsig-key.ts';

/** The faults are sentences for the operator, one a key. */
export function readTsigKeys(configs: readonly KeyConfig[]): Result<TsigKeys, readonly string[]> {
  const keys: TsigKey[] = [];
  const faults: string[] = [];
  for (const { name, algorithm, secret, secretFile } of configs) {
    const read = secret === undefined ? readSecret(name, secretFile ?? '') : ok(secret);
    const key = read.ok ? parseTsigKey(name, algorithm, read.value) : read;
    if (key.ok) keys.push(key.value);
    else faults.push(key.fault);
  }
  return faults.length > 0 ? fault(faults) : ok(new TsigKeys(keys));
}

function readSecret(name: string, file: string): Result<string> {
  try {
    return ok(readFileSync(file, 'latin1').trim());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault(`the secret of the key ${name} can't be read: ${reason}`);
  }
}
