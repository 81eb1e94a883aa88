import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScriptedLookup } from '../../../test/support/scripted-lookup.ts';
import type { ScriptedNames } from '../../../test/support/scripted-lookup.ts';
import type { Lookup, LookupResult } from '../../dns/lookup.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { Log } from '../../lib/log.ts';
import { DnsLists } from './dns-lists.ts';
import { addressSubject, domainSubject, listedName } from './list-names.ts';
import type { DnsListSettings } from './list-settings.ts';

const usual: DnsListSettings = {
  zone: 'bl.example',
  kind: 'block',
  about: 'address',
  codes: ['127.0.0.0/8'],
  bits: undefined,
  action: 'refuse',
};

/** What a sound list has (RFC 5782 §5). */
const sound: ScriptedNames = {
  '2.0.0.127.bl.example': ['A 127.0.0.2'],
  '2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example': ['A 127.0.0.2'],
  'test.bl.example': ['A 127.0.0.2'],
};

interface Logged {
  readonly log: Log;
  readonly lines: string[];
}

function logged(): Logged {
  const lines: string[] = [];
  const write =
    (level: string): Log['info'] =>
    (event, fields) =>
      void lines.push([level, event, ...Object.values(fields ?? {}).map(String)].join('|'));
  return { log: { ...silentLog, info: write('info'), warn: write('warn') }, lines };
}

async function started(
  names: ScriptedNames,
  settings: readonly Partial<DnsListSettings>[] = [{}],
  log: Log = silentLog,
): Promise<DnsLists> {
  const lists = new DnsLists(
    settings.map((each) => ({ ...usual, ...each })),
    { lookup: new ScriptedLookup(names), clock: new VirtualClock(), log },
  );
  await lists.start();
  return lists;
}

async function reasons(lists: DnsLists, ip = '192.0.2.99'): Promise<readonly string[]> {
  const hits = await lists.findAddress(ip);
  return hits.map(
    ({ list, subject, codes, reason }) => `${list.zone} ${subject} ${codes.join(',')} ${reason}`,
  );
}

test('names are asked for as RFC 5782 §2.1, §2.4 and §3.1 write them', () => {
  const names: readonly (readonly [string | undefined, string | undefined])[] = [
    [addressSubject('192.0.2.99') && listedNameText(addressSubject('192.0.2.99')), '99.2.0.192.bl.example.'],
    [
      listedNameText(addressSubject('2001:db8:1:2:3:4:567:89ab')),
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example.',
    ],
    [listedNameText(addressSubject('::ffff:192.0.2.99')), '99.2.0.192.bl.example.'],
    [listedNameText(domainSubject('Bad.Example.')), 'bad.example.bl.example.'],
    [listedNameText(domainSubject('[192.0.2.1]')), undefined],
    [listedNameText(domainSubject('192.0.2.1')), undefined],
    [listedNameText(domainSubject('localhost')), undefined],
    [listedNameText(addressSubject('nonsense')), undefined],
    [listedNameText(domainSubject(`${'a.'.repeat(124)}com`)), undefined],
  ];
  for (const [name, expected] of names) assert.equal(name, expected);
});

function listedNameText(subject: ReturnType<typeof addressSubject>): string | undefined {
  return subject === undefined ? undefined : listedName(subject, 'bl.example')?.toString();
}

describe('lists in DNS', () => {
  test('name who is on them, with what they say of it', async () => {
    const lists = await started({
      ...sound,
      '99.2.0.192.bl.example': ['A 127.0.0.4', 'TXT spam was seen, see https://bl.example/?192.0.2.99'],
    });
    assert.deepEqual(await reasons(lists), [
      'bl.example 192.0.2.99 127.0.0.4 spam was seen, see https://bl.example/?192.0.2.99',
    ]);
    assert.deepEqual(await reasons(lists, '192.0.2.98'), []);
  });

  test('know IPv6 addresses and domains', async () => {
    const lists = await started(
      {
        ...sound,
        '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example': ['A 127.0.0.2'],
        'bad.example.bl.example': ['A 127.0.0.9'],
      },
      [{}, { about: 'domain' }],
    );
    assert.deepEqual(await reasons(lists, '2001:db8::1'), ['bl.example 2001:db8::1 127.0.0.2 ']);
    const hits = await lists.findDomains(['good.example', 'BAD.example', 'bad.example.', '[192.0.2.99]']);
    assert.deepEqual(
      hits.map(({ subject, list }) => [subject, list.about]),
      [['bad.example', 'domain']],
    );
  });

  test('say nothing that could end a reply, or fill it', async () => {
    const lists = await started({
      ...sound,
      '99.2.0.192.bl.example': ['A 127.0.0.2', `TXT a\r\n250 OK\x00\xe9 \u0085 ${'x'.repeat(230)}`],
    });
    const [reason = ''] = (await lists.findAddress('192.0.2.99')).map((hit) => hit.reason);
    assert.match(reason, /^a 250 OK x+$/);
    assert.equal(reason.length, 200);
  });

  const answers: readonly (readonly [string, Partial<DnsListSettings>, readonly string[], boolean])[] = [
    ['an answer that counts', { codes: ['127.0.0.2'] }, ['A 127.0.0.2'], true],
    ['another one', { codes: ['127.0.0.2'] }, ['A 127.0.0.3'], false],
    ['one of a block', { codes: ['127.0.0.4/30'] }, ['A 127.0.0.7'], true],
    ['one beyond it', { codes: ['127.0.0.4/30'] }, ['A 127.0.0.8'], false],
    ['one of several', { codes: ['127.0.0.9', '127.0.0.2'] }, ['A 127.0.0.3', 'A 127.0.0.9'], true],
    ['a bit that is set', { bits: 6 }, ['A 127.0.0.12'], true],
    ['a bit that is not', { bits: 6 }, ['A 127.0.0.9'], false],
    ['an error of who asks', {}, ['A 127.255.255.254'], false],
    ['an answer of a domain that was sold', {}, ['A 203.0.113.7'], false],
  ];
  for (const [what, settings, records, counts] of answers) {
    test(`count ${what}: ${counts}`, async () => {
      const lists = await started({ ...sound, '99.2.0.192.bl.example': records }, [settings]);
      assert.equal((await reasons(lists)).length, counts ? 1 : 0);
    });
  }

  const tests: readonly (readonly [string, ScriptedNames, string])[] = [
    ['is dead', { 'bl.example': [] }, "it hasn't the entry 127.0.0.2"],
    [
      'lists the world',
      { ...sound, '1.0.0.127.bl.example': ['A 127.0.0.2'] },
      'it has the entry 127.0.0.1, so that it lists the world',
    ],
    ['was sold', { ...sound, '2.0.0.127.bl.example': ['A 203.0.113.7'] }, 'it answers 203.0.113.7'],
    [
      'won’t be asked by us',
      { ...sound, '2.0.0.127.bl.example': ['A 127.255.255.254'] },
      "it answers 127.255.255.254: it won't be asked by this resolver",
    ],
  ];
  for (const [what, names, reason] of tests) {
    test(`are not asked where one ${what} (RFC 5782 §5), and that is told`, async () => {
      const { log, lines } = logged();
      const lists = await started({ ...names, '99.2.0.192.bl.example': ['A 127.0.0.2'] }, [{}], log);
      assert.deepEqual(await reasons(lists), []);
      assert.ok(
        lines.includes(
          `warn|a list is not used: it does not pass the test of RFC 5782|bl.example|IPv4 addresses|${reason}`,
        ),
        lines.join('\n'),
      );
    });
  }

  test('without IPv6 addresses are asked for IPv4 ones', async () => {
    const { log, lines } = logged();
    const lists = await started(
      {
        '2.0.0.127.bl.example': ['A 127.0.0.2'],
        '99.2.0.192.bl.example': ['A 127.0.0.2'],
        '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example': ['A 127.0.0.2'],
      },
      [{}],
      log,
    );
    assert.equal((await reasons(lists)).length, 1);
    assert.deepEqual(await reasons(lists, '2001:db8::1'), []);
    assert.ok(lines.every((line) => line.startsWith('info|')));
  });

  test('that could not be tested are tested again in a minute, and each hour', async () => {
    const names: Record<string, readonly string[]> = {
      '2.0.0.127.bl.example': ['FAILURE'],
      '99.2.0.192.bl.example': ['A 127.0.0.2'],
    };
    let now = new ScriptedLookup(names);
    const clock = new VirtualClock();
    const { log, lines } = logged();
    const lists = new DnsLists([usual], {
      lookup: { lookup: (...asked) => now.lookup(...asked) },
      clock,
      log,
    });
    await lists.start();
    assert.deepEqual(await reasons(lists), []);
    assert.match(lines[0] ?? '', /^warn\|a list could not be tested\|bl\.example\|IPv4/);
    now = new ScriptedLookup({ ...names, '2.0.0.127.bl.example': ['A 127.0.0.2'] });
    await clock.advanceAsync(60_000);
    assert.equal((await reasons(lists)).length, 1);
    now = new ScriptedLookup({ ...names, '2.0.0.127.bl.example': [] });
    await clock.advanceAsync(3_600_000);
    assert.deepEqual(await reasons(lists), []);
    lists[Symbol.dispose]();
    assert.equal(clock.nextTimer(), undefined);
  });

  test('that don’t answer in time list nothing, and the log is told', async () => {
    const scripted = new ScriptedLookup(sound);
    const clock = new VirtualClock();
    const { log, lines } = logged();
    const slow: Lookup = {
      lookup: (name, type, signal) =>
        name.key.includes('192') || name.toString().startsWith('99.')
          ? new Promise<LookupResult>((resolve) =>
              signal?.addEventListener('abort', () =>
                resolve({ kind: 'failure', reason: 'given up', secure: false, journey: [] }),
              ),
            )
          : scripted.lookup(name, type, signal),
    };
    const lists = new DnsLists([usual], { lookup: slow, clock, log });
    await lists.start();
    const asked = reasons(lists);
    await clock.advanceAsync(5000);
    assert.deepEqual(await asked, []);
    assert.equal(lines.at(-1), 'warn|a list did not answer|bl.example|192.0.2.99|given up');
    lists[Symbol.dispose]();
  });
});
