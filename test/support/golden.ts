// Golden files: what the code writes is compared octet for octet with a file that a person has read.
// `GOLDEN=write` writes them anew; then read the difference before committing it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `path` is below test/golden/. */
export function assertGolden(path: string, actual: Uint8Array): void {
  const file = join(import.meta.dirname, '../golden', path);
  if (process.env['GOLDEN'] === 'write') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  // Compared as text, so that a difference can be read; latin1 loses no octet.
  assert.equal(Buffer.from(actual).toString('latin1'), readFileSync(file).toString('latin1'), file);
}
