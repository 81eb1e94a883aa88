import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRecord } from '../../../src/dns/wire/presentation.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { playReplay } from './play-replay.ts';
import { readReplayConfig } from './replay-config.ts';
import { readReplay } from './replay-script.ts';

const script = `server:
	qname-minimisation: "no"   # quoted
	trust-anchor: "example. DS 1 8 2 00 ;{id = 1}"
	trust-anchor: 'test. DS 2 8 2 00'
stub-zone:
	name: "."
	stub-addr: 192.0.2.1 	# the root
forward-zone:
	name: sub.example
	forward-addr: 192.0.2.2
	forward-host: ns.example
	forward-first: yes
CONFIG_END

SCENARIO_BEGIN A title of some words
RANGE_BEGIN 0 100
	ADDRESS 192.0.2.1 ; with a comment
ENTRY_BEGIN
MATCH opcode qtype qname
ADJUST copy_id
REPLY QR AA NOERROR
SECTION QUESTION
www.example IN A
SECTION ANSWER
www.example. IN A 192.0.2.80
www.example. 300 IN RRSIG A 8 2 300 20070926134150 20070829134150 1 example. AAA ;{id = 1}
www.example. 300 IN RRSIG A 8 2 300 20070926134150 20070829134150 1 example.
ds.example. IN DS 12345 250 2 00000000
px.example. 60 IN PX \\# 3 000A00
ENTRY_END
RANGE_END

STEP 1 QUERY
ENTRY_BEGIN
MATCH TCP
REPLY RD DO
SECTION QUESTION
www.example. IN A
SECTION ADDITIONAL
HEX_EDNSDATA_BEGIN
	00 0b ; keepalive
	00 02 00 ff
HEX_EDNSDATA_END
ENTRY_END
STEP 2 TIME_PASSES ELAPSE 3
STEP 3 CHECK_ANSWER
ENTRY_BEGIN
MATCH all
REPLY QR RD RA NOERROR
SECTION QUESTION
www.example. IN A
SECTION ANSWER
www.example. IN A 192.0.2.80
ENTRY_END
SCENARIO_END
`;

test('a configuration is read with its quotes, comments and zones', () => {
  const config = readReplayConfig(script.split('CONFIG_END')[0] ?? '');
  assert.deepEqual(config.server.get('qname-minimisation'), ['no']);
  assert.deepEqual(config.server.get('trust-anchor'), [
    'example. DS 1 8 2 00 ;{id = 1}',
    'test. DS 2 8 2 00',
  ]);
  assert.deepEqual(config.stubs, [{ name: '.', addresses: ['192.0.2.1'], hosts: [], options: {} }]);
  assert.deepEqual(config.forwards, [
    {
      name: 'sub.example',
      addresses: ['192.0.2.2'],
      hosts: ['ns.example'],
      options: { 'forward-first': 'yes' },
    },
  ]);
});

test('a file of trust anchors is kept as its lines', () => {
  const config = readReplayConfig('server:\nAUTOTRUST_FILE example.com\n; a line\nof it\nAUTOTRUST_END\n');
  assert.deepEqual(config.anchorFile, { zone: 'example.com', lines: ['; a line', 'of it'] });
});

test('a script is read into ranges and steps', () => {
  const { title, ranges, steps } = readReplay(script);
  assert.equal(title, 'A title of some words');
  const [range] = ranges;
  assert.deepEqual(
    { from: range?.from, to: range?.to, addresses: range?.addresses },
    { from: 0, to: 100, addresses: ['192.0.2.1'] },
  );
  const [entry] = range?.entries ?? [];
  assert.deepEqual(entry?.match, ['opcode', 'qtype', 'qname']);
  assert.deepEqual(entry?.flags, ['QR', 'AA', 'NOERROR']);
  assert.equal(entry?.question?.name.toString(), 'www.example.');
  const answers = entry?.answers ?? [];
  assert.deepEqual(
    answers.map(({ type, ttl }) => ({ type, ttl })),
    [
      { type: rrType.A, ttl: 3600 },
      { type: rrType.RRSIG, ttl: 300 },
      { type: rrType.RRSIG, ttl: 300 },
      { type: rrType.DS, ttl: 3600 },
      { type: 26, ttl: 60 },
    ],
  );
  const shown = answers.slice(0, 3).map((record) => formatRecord(record).replaceAll(/\s+/g, ' '));
  assert.match(shown[1] ?? '', / AAA=$/);
  assert.match(shown[2] ?? '', / AA==$/);
  assert.deepEqual(answers[3]?.rdata, Uint8Array.of(0x30, 0x39, 250, 2, 0, 0, 0, 0));
  assert.deepEqual(answers[4]?.rdata, Uint8Array.of(0, 10, 0));
  assert.deepEqual(
    steps.map(({ kind, number }) => `${number} ${kind}`),
    ['1 query', '2 time', '3 check'],
  );
  const [query, time] = steps;
  assert.ok(query?.kind === 'query' && time?.kind === 'time');
  assert.deepEqual(query.entry.options, [{ code: 11, bytes: Uint8Array.of(0, 255) }]);
  assert.equal(time.seconds, 3);
});

const faults: readonly (readonly [what: string, instead: string, reason: RegExp])[] = [
  ['CONFIG_END', 'CONFIG', /no CONFIG_END/],
  ['SCENARIO_END', '', /no SCENARIO_END/],
  ['RANGE_END', 'RANGE', /line 31: nothing in a range begins with 'RANGE'/],
  ['STEP 2 TIME_PASSES', 'STEP 2 SLEEPS', /line \d+: no step is called 'SLEEPS'/],
  ['IN A 192.0.2.80', 'IN A 192.0.2.800', /line 25: 'www.example. IN A 192.0.2.800'/],
];
for (const [what, instead, reason] of faults) {
  test(`a script with '${instead}' for '${what}' is refused`, () => {
    assert.throws(() => readReplay(script.replace(what, instead)), reason);
  });
}

const plain = script
  .replace(/^\ttrust-anchor.*\n/gm, '')
  .replace(/^www\.example\. 300.*\n|^ds\.ex.*\n|^px\.ex.*\n/gm, '')
  .replace(/^STEP 2 .*\n/m, '')
  .replace('RD DO', 'RD');

test('a scenario that holds is played to its end', () => {
  playReplay(plain.replace(/SECTION ADDITIONAL[\s\S]*?HEX_EDNSDATA_END\n/, ''), 1);
});

const differences: readonly (readonly [what: RegExp, instead: string])[] = [
  [/192\.0\.2\.80(?=\nENTRY_END\nSCENARIO_END)/, '192.0.2.81'],
  [/QR RD RA NOERROR/, 'QR RD RA AD NOERROR'],
  [/QR RD RA NOERROR/, 'QR RD RA NXDOMAIN'],
  [/MATCH all/, 'MATCH all ede=6'],
];
for (const [what, instead] of differences) {
  test(`a scenario that expects '${instead}' fails`, () => {
    const other = plain.replace(/SECTION ADDITIONAL[\s\S]*?HEX_EDNSDATA_END\n/, '').replace(what, instead);
    assert.throws(() => playReplay(other, 1), /step 3 \(line \d+\)/);
  });
}
