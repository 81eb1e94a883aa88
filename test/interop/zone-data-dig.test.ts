// dig reads all data that we take into a zone: what of each type's data, damaged at random, passes our check is printed by it. Else one record
// would keep BIND from taking the zone from us.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../src/lib/random.ts';
import type { Random } from '../../src/lib/random.ts';
import { isMetaType } from '../../src/dns/update/meta-type.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { formatType, isValidRdata, parseRdata, parseType } from '../../src/dns/wire/rdata/registry.ts';
import { isZoneData } from '../../src/dns/wire/rdata/zone-data.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { missingPrograms } from '../support/programs.ts';
import { rdataExamples, rdataTokens } from '../support/rdata-examples.ts';
import { runProgram } from '../support/run-program.ts';

interface Case {
  readonly type: number;
  readonly rdata: Uint8Array;
}

/** Of each type. */
const attempts = 60;
/** Where no example of ours stands at the beginning: short, long, an address. */
const plainSeeds = [
  new Uint8Array(0),
  Uint8Array.of(1, 2, 3, 4),
  new Uint8Array(16),
  new Uint8Array(20).fill(3),
];
const edges = [0, 1, 63, 64, 127, 128, 255];

function seedsByType(): Map<number, Uint8Array[]> {
  const seeds = new Map<number, Uint8Array[]>();
  for (const { type, text } of rdataExamples) {
    const code = parseType(type) ?? assert.fail(type);
    const rdata = parseRdata(code, rdataTokens(text), domainName('.'));
    assert.ok(rdata.ok);
    seeds.set(code, [...(seeds.get(code) ?? []), rdata.value]);
  }
  return seeds;
}

function damaged(seed: Uint8Array, random: Random): Uint8Array {
  const octets = [...seed];
  const at = random.below(octets.length + 1);
  const noise = (most: number): number[] =>
    Array.from({ length: random.below(most) }, () => random.below(256));
  const damage: readonly (() => void)[] = [
    () => undefined,
    () => octets.splice(at),
    () => octets.push(...noise(9)),
    () => octets.splice(at, 1, random.below(256)),
    () => octets.splice(at, 1, edges[random.below(edges.length)] ?? 0),
    () => octets.splice(at, 1 + random.below(3)),
    () => octets.splice(0, octets.length, ...noise(30)),
  ];
  damage[random.below(damage.length)]?.();
  return Uint8Array.from(octets);
}

test('dig reads all data that a zone may take', { skip: missingPrograms('dig') }, async () => {
  const random = seededRandom(9);
  const seeds = seedsByType();
  const cases: Case[] = [];
  const refused = new Set<number>();
  for (const type of new Set([...Object.values(rrType), ...seeds.keys(), 65_280])) {
    if (isMetaType(type)) continue;
    const from = seeds.get(type) ?? plainSeeds;
    for (let i = 0; i < attempts; i++) {
      const rdata = damaged(from[random.below(from.length)] ?? new Uint8Array(0), random);
      if (!isValidRdata(type, rdata)) continue;
      if (isZoneData(type, rdata)) cases.push({ type, rdata });
      else refused.add(type);
    }
  }
  assert.ok(
    cases.length > 1000 && refused.size > 10,
    `${cases.length} cases, ${refused.size} types with refused data`,
  );
  assert.deepEqual(await unreadable(cases), []);
});

/** Those that dig doesn't print, each in words. */
async function unreadable(cases: readonly Case[]): Promise<readonly string[]> {
  const server = createSocket('udp4');
  server.on('message', (bytes, { port, address }) => {
    const query = decodeMessage(bytes);
    const [question] = query.ok ? query.value.questions : [];
    if (!query.ok || question === undefined) return;
    const answer = cases[Number(/\d+/.exec(question.name.toString())?.[0])];
    if (answer === undefined) return;
    // dig wants the owner of an NSEC3 to be a hash.
    const owner =
      answer.type === rrType.NSEC3
        ? domainName(`${'0'.repeat(32)}.${question.name.toString()}`)
        : question.name;
    const answers = [{ ...answer, owner, class: 1, ttl: 300 }];
    server.send(
      encodeMessage({ ...query.value, response: true, authoritative: true, answers }),
      port,
      address,
    );
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'signpost-dig-'));
  try {
    const batch = join(folder, 'questions');
    await writeFile(batch, cases.map((_, index) => `i${index}.example TXT\n`).join(''));
    const at = ['@127.0.0.1', '-p', String(server.address().port), '-f', batch];
    const { stdout } = await runProgram(
      'dig',
      [...at, '+noall', '+answer', '+noedns', '+ignore', '+tries=2', '+time=5'],
      {
        timeoutMs: 60_000,
      },
    );
    const read = new Set(
      [...stdout.toString().matchAll(/^(?:0{32}\.)?i(\d+)\.example/gm)].map(([, index]) => Number(index)),
    );
    return cases.flatMap(({ type, rdata }, index) =>
      read.has(index) ? [] : [`${formatType(type)} ${rdata.toHex()}`],
    );
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}
