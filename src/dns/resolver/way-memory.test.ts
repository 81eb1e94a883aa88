import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { numberedServer, serverAsNumbered } from '../../../test/support/numbered-server.ts';
import type { WayReading, WaysRead } from '../../../test/support/way-reading-thread.ts';
import { seededRandom } from '../../lib/random.ts';
import { domainName } from '../wire/name.ts';
import { ChosenWay, longestCookie, mostWayServers, WayMemory } from './way-memory.ts';
import type { WayServer } from './way-memory.ts';

const zone = domainName('example.org.').wire;
const until = 1000;

function memoryOf(zones: number): WayMemory {
  return WayMemory.make(zones, seededRandom(1));
}

function put(memory: WayMemory, name: string, servers: readonly WayServer[], expires = until): void {
  memory.put(domainName(name).wire, zone.length, servers, expires);
}

/** The way for the name, which doesn't lie at the beginning of its octets. */
function choose(memory: WayMemory, name: string, now = 0, pick = 0): ChosenWay | undefined {
  const { wire } = domainName(name);
  const octets = new Uint8Array(wire.length + 20).fill(1);
  octets.set(wire, 9);
  const way = new ChosenWay();
  return memory.choose(octets, 9, 9 + wire.length, now, pick, way) ? way : undefined;
}

function serverFor(memory: WayMemory, name: string, now = 0, pick = 0): number | undefined {
  return choose(memory, name, now, pick)?.server;
}

suite('a way', () => {
  const cases: readonly (readonly [title: string, name: string, found: boolean])[] = [
    ['for the name itself', 'www.example.org.', true],
    ['for a name right below', 'a.www.example.org.', true],
    ['for any label right below', '*.www.example.org.', true],
    ['in another case', 'WWW.Example.ORG.', true],
    ['right below, in another case', 'A.wWw.example.org.', true],
    ['not further below', 'b.a.www.example.org.', false],
    ['not above', 'example.org.', false],
    ['not beside', 'wwx.example.org.', false],
    ['not for a name with the same end', 'xwww.example.org.', false],
    ['not for a name with the same beginning', 'www.example.orgx.', false],
    ['not for a name whose first label looks like it', 'www\\007example.org.', false],
    ['not for the root', '.', false],
  ];
  for (const [title, name, found] of cases)
    test(title, () => {
      const memory = memoryOf(64);
      put(memory, 'www.example.org.', [numberedServer(7)]);
      assert.equal(serverFor(memory, name), found ? 7 : undefined);
    });

  test('tells all there is to know of its server', () => {
    const memory = memoryOf(64);
    for (const number of [1, 2, 6, 40, 81, 200]) {
      put(memory, 'example.org.', [numberedServer(number)]);
      const way = choose(memory, 'www.example.org.') ?? assert.fail('no way');
      assert.equal(way.server, number);
      assert.equal(serverAsNumbered(way), '');
      assert.equal(way.zoneLength, zone.length);
    }
  });

  test('of the name comes before that of the name above', () => {
    const memory = memoryOf(64);
    put(memory, 'example.org.', [numberedServer(1)]);
    put(memory, 'www.example.org.', [numberedServer(2)]);
    assert.equal(serverFor(memory, 'www.example.org.'), 2);
    assert.equal(serverFor(memory, 'mail.example.org.'), 1);
  });

  test('leads to each of its servers', () => {
    const memory = memoryOf(64);
    put(memory, 'example.org.', [3, 4, 5].map(numberedServer));
    const picked = [0, 1, 2, 3, 4, 5, 254, 255].map((pick) => serverFor(memory, 'example.org.', 0, pick));
    assert.deepEqual(picked, [3, 4, 5, 3, 4, 5, 5, 3]);
  });

  test('said anew is nothing but what was said last', () => {
    const memory = memoryOf(64);
    put(memory, 'example.org.', [40, 41, 42].map(numberedServer));
    put(memory, 'example.org.', [numberedServer(82)], until + 1);
    for (const pick of [0, 1, 2]) {
      const way = choose(memory, 'example.org.', until, pick) ?? assert.fail('no way');
      assert.equal(way.server, 82);
      assert.equal(serverAsNumbered(way), '');
    }
  });

  test('is known to all who share the memory', () => {
    const memory = memoryOf(64);
    const other = new WayMemory(memory.shared);
    put(memory, 'example.org.', [numberedServer(1)]);
    assert.equal(serverFor(other, 'www.example.org.'), 1);
    assert.equal(other.slots, memory.slots);
  });

  test('ends at its time', () => {
    const memory = memoryOf(64);
    const { wire } = domainName('example.org.');
    put(memory, 'example.org.', [numberedServer(1)], 500.5);
    for (const [now, open] of [
      [0, true],
      [500, true],
      [500.5, false],
      [501, false],
    ] as const) {
      assert.equal(serverFor(memory, 'example.org.', now) !== undefined, open);
      assert.equal(memory.has(wire, now), open);
    }
  });

  test('lasts for ever where it is said so', () => {
    const memory = memoryOf(64);
    put(memory, 'example.org.', [numberedServer(1)], Number.POSITIVE_INFINITY);
    assert.equal(serverFor(memory, 'example.org.', 1e15), 1);
  });
});

suite('doubt', () => {
  test('closes the way, until it is said anew', () => {
    const memory = memoryOf(64);
    const { wire } = domainName('example.org.');
    put(memory, 'example.org.', [numberedServer(1)]);
    put(memory, 'example.test.', [numberedServer(2)]);
    const way = choose(memory, 'www.example.org.') ?? assert.fail('no way');
    memory.doubt(way);
    assert.equal(serverFor(memory, 'www.example.org.'), undefined);
    assert.equal(memory.has(wire, 0), false);
    assert.equal(serverFor(memory, 'example.test.'), 2);
    put(memory, 'example.org.', [numberedServer(1)]);
    assert.equal(serverFor(memory, 'www.example.org.'), 1);
    assert.equal(memory.has(wire, 0), true);
  });

  test('of a way as it was is none of the way as it is', () => {
    const memory = memoryOf(64);
    put(memory, 'example.org.', [numberedServer(1)]);
    const way = choose(memory, 'example.org.') ?? assert.fail('no way');
    put(memory, 'example.org.', [numberedServer(3)]);
    memory.doubt(way);
    assert.equal(serverFor(memory, 'example.org.'), 3);
  });

  test('of a way whose place another has taken is none of that one', () => {
    const memory = memoryOf(1);
    put(memory, 'n0.org.', [numberedServer(1)], 1);
    const way = choose(memory, 'n0.org.') ?? assert.fail('no way');
    for (let i = 1; i <= 4; i++) put(memory, `n${i}.org.`, [numberedServer(i)]);
    memory.doubt(way);
    for (let i = 1; i <= 4; i++) assert.equal(serverFor(memory, `n${i}.org.`), i);
  });
});

suite('bounds', () => {
  /** A name of so many octets in wire form. */
  const nameOf = (octets: number): string => `${'n'.repeat(octets - 14)}.example.org.`;

  test('the longest name', () => {
    const memory = memoryOf(64);
    put(memory, nameOf(64), [numberedServer(1)]);
    put(memory, nameOf(65), [numberedServer(2)]);
    assert.equal(domainName(nameOf(64)).wire.length, 64);
    assert.equal(serverFor(memory, nameOf(64)), 1);
    assert.equal(serverFor(memory, nameOf(65)), undefined);
    // What is right below it may be as long as names are.
    const below = `${'m'.repeat(63)}.${nameOf(64)}`;
    assert.equal(serverFor(memory, below), 1);
  });

  test('servers', () => {
    const memory = memoryOf(64);
    const tooLong = { ...numberedServer(1), name: new Uint8Array(29) };
    const cookieTooLong = { ...numberedServer(2), cookie: new Uint8Array(longestCookie + 1) };
    put(memory, 'example.org.', []);
    put(memory, 'example.org.', [tooLong, cookieTooLong]);
    assert.equal(memory.has(zone, 0), false);
    put(memory, 'example.org.', [tooLong, numberedServer(3), cookieTooLong, numberedServer(40)]);
    assert.deepEqual(
      [0, 1, 2, 3].map((pick) => serverFor(memory, 'example.org.', 0, pick)),
      [3, 40, 3, 40],
    );
    const many = [10, 11, 12, 13, 14, 15].map(numberedServer);
    put(memory, 'example.org.', many);
    const picked = [0, 1, 2, 3, 4].map((pick) => serverFor(memory, 'example.org.', 0, pick));
    assert.deepEqual(picked, [10, 11, 12, 13, 10]);
    assert.equal(mostWayServers, 4);
  });

  test('where there is no room it is made where ways end first', () => {
    // One bucket.
    const memory = memoryOf(1);
    assert.equal(memory.slots, 4);
    for (const [i, expires] of [400, 200, 300, 500].entries())
      put(memory, `n${i}.org.`, [numberedServer(i)], expires);
    const known = (): string =>
      [0, 1, 2, 3, 4, 5].filter((i) => memory.has(domainName(`n${i}.org.`).wire, 0)).join('');
    assert.equal(known(), '0123');
    put(memory, 'n4.org.', [numberedServer(4)], 100);
    assert.equal(known(), '0234');
    // It is the first to end, however new it is.
    put(memory, 'n5.org.', [numberedServer(5)], 600);
    assert.equal(known(), '0235');
    put(memory, 'n2.org.', [numberedServer(2)], 700);
    put(memory, 'n1.org.', [numberedServer(1)], 700);
    assert.equal(known(), '1235');
  });

  test('many ways keep to their own', () => {
    const memory = memoryOf(256);
    for (let i = 0; i < 200; i++) put(memory, `n${i}.example.org.`, [numberedServer(i)]);
    let found = 0;
    for (let i = 0; i < 200; i++) {
      const server = serverFor(memory, `x.n${i}.example.org.`);
      if (server === undefined) continue;
      assert.equal(server, i);
      found += 1;
    }
    assert.ok(found > 150, `${found}`);
  });
});

test('clear closes all ways, and they can be said anew', () => {
  const memory = memoryOf(64);
  const names = ['a.org.', 'b.org.', 'c.org.'];
  for (const [i, name] of names.entries()) put(memory, name, [numberedServer(i)]);
  const way = choose(memory, 'a.org.') ?? assert.fail('no way');
  memory.clear();
  for (const name of names) {
    assert.equal(serverFor(memory, name), undefined);
    assert.equal(memory.has(domainName(name).wire, 0), false);
  }
  put(memory, 'a.org.', [numberedServer(9)]);
  memory.doubt(way);
  assert.equal(serverFor(memory, 'a.org.'), 9);
});

test('a way is whole though it is said anew while threads look for it', async () => {
  const memory = memoryOf(1);
  const { wire: name } = domainName('www.example.org.');
  put(memory, 'example.org.', [1, 2, 3, 4].map(numberedServer));
  const stop = new SharedArrayBuffer(4);
  const reading: WayReading = { ways: memory.shared, name, stop };
  const program = new URL('../../../test/support/way-reading-thread.ts', import.meta.url);
  const threads = [1, 2].map(() => new Worker(program, { workerData: reading }));
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const told = threads.map((thread) => once(thread, 'message'));
  const random = seededRandom(3);
  for (let i = 0; i < 40_000; i++) {
    // The place is another's now and then.
    const other = random.below(8);
    if (other < 5) put(memory, `n${other}.org.`, [numberedServer(random.below(256))], until + i);
    else {
      const servers = Array.from({ length: 1 + random.below(4) }, () => numberedServer(random.below(256)));
      put(memory, 'example.org.', servers, until + i);
    }
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  for (const [said] of await Promise.all(told)) {
    const { found, torn } = said as WaysRead;
    assert.equal(torn, '');
    assert.ok(found > 0);
  }
});
