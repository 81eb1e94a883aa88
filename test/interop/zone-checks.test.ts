// What the tools of BIND, Knot and NSD refuse, `signpost zone check` finds too. What they let pass they may warn of; so may we.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { domainName } from '../../src/dns/wire/name.ts';
import { loadZone } from '../../src/dns/zone/load-zone.ts';
import { badZones, goodHead } from '../support/bad-zones.ts';
import { missingPrograms } from '../support/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'signpost-bad-zones-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'zone');

const tools: readonly (readonly [program: string, ...args: readonly string[]])[] = [
  ['named-checkzone', 'example.com', file],
  ['kzonecheck', '-o', 'example.com', file],
  ['nsd-checkzone', 'example.com', file],
];

/** Whether the tool takes the zone in the file, and what it says. */
function run([program, ...args]: readonly [string, ...string[]]): {
  readonly takes: boolean;
  readonly says: string;
} {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
  if (error !== undefined) throw error;
  return { takes: status === 0, says: stdout + stderr };
}

for (const [program, ...args] of tools) {
  test(`what ${program} refuses we find`, { skip: missingPrograms(program) }, () => {
    writeFileSync(file, goodHead);
    assert.ok(run([program, ...args]).takes, 'a good zone is refused: the test shows nothing');
    const now = Math.floor(Date.now() / 1000);
    let refused = 0;
    for (const { what, text } of badZones) {
      writeFileSync(file, text);
      const { takes, says } = run([program, ...args]);
      if (takes) continue;
      refused += 1;
      const loaded = loadZone({ name: 'zone', text }, { origin: domainName('example.com'), now });
      const problems = loaded.ok ? loaded.value.warnings : loaded.fault;
      assert.ok(problems.length > 0, `${what}: ${says}`);
    }
    assert.ok(refused > 10, `${program} refused ${refused} only`);
  });
}
