// Holds docs/config.md and the schema together: every key is explained, and every key that is explained exists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { formatConfigFault } from './config-fault.ts';
import { parseConfig } from './parse-config.ts';
import { configKeys } from './schema.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/config.md'), 'utf8');

test('every key of the schema has its row, and every row its key', () => {
  const explained = [...page.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '');
  assert.deepEqual(explained.toSorted(), [...configKeys()].toSorted());
});

test('the whole file on the page is right', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const result = parseConfig(yaml, '/etc/signpost/signpost.yaml');
  assert.ok(result.ok, result.ok ? '' : result.fault.map(formatConfigFault).join('\n'));
  assert.ok(Object.values(result.value.listeners).every((endpoints) => endpoints.length > 0));
});

test('every example on the page is right', () => {
  for (const [, yaml = ''] of page.matchAll(/```yaml\n([\s\S]*?)```/g)) {
    const result = parseConfig(
      yaml.includes('hostname:') ? yaml : `hostname: a.example\n${yaml}`,
      '/signpost.yaml',
    );
    assert.ok(result.ok, result.ok ? '' : result.fault.map(formatConfigFault).join('\n'));
  }
});

test('the fault on the page is what the program says', () => {
  const yaml = 'hostname: a.example\n\nlisteners:\n  smpt: ["127.0.0.1:2525"]\n';
  const result = parseConfig(yaml, '/etc/signpost/signpost.yaml');
  assert.ok(!result.ok);
  assert.ok(page.includes(result.fault.map(formatConfigFault).join('\n')));
});
