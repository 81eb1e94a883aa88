import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault, ok } from '../../lib/result.ts';
import { domainName } from '../wire/name.ts';
import { formatRecord } from '../wire/presentation.ts';
import { formatZoneFileFault } from './zone-file-fault.ts';
import { mostZoneFileFaults, parseZoneFile } from './zone-file-parser.ts';
import type { ZoneFileOptions } from './zone-file-parser.ts';

const origin = domainName('example.com.');

function parse(text: string, options: Partial<ZoneFileOptions> = {}): string[] {
  const file = parseZoneFile({ name: 'z', text }, { origin, defaultTtl: 60, ...options });
  return file.ok
    ? file.value.records.map((record) => formatRecord(record).replaceAll(/\s+/g, ' '))
    : file.fault.map(formatZoneFileFault);
}

const records: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  [
    'owners: relative, absolute, the origin, omitted',
    'a A 192.0.2.1\nb.example.org. A 192.0.2.2\n@ A 192.0.2.3\n  A 192.0.2.4\n\tTXT x',
    [
      'a.example.com. 60 IN A 192.0.2.1',
      'b.example.org. 60 IN A 192.0.2.2',
      'example.com. 60 IN A 192.0.2.3',
      'example.com. 60 IN A 192.0.2.4',
      'example.com. 60 IN TXT "x"',
    ],
  ],
  [
    'TTL and class in either order, or neither (RFC 1035 §5.1)',
    'a 1h IN A 192.0.2.1\na IN 5 A 192.0.2.2\na 7 A 192.0.2.3\na IN A 192.0.2.4\na CH TXT x\n',
    [
      'a.example.com. 3600 IN A 192.0.2.1',
      'a.example.com. 5 IN A 192.0.2.2',
      'a.example.com. 7 IN A 192.0.2.3',
      'a.example.com. 60 IN A 192.0.2.4',
      'a.example.com. 60 CH TXT "x"',
    ],
  ],
  [
    '$ORIGIN, also relative to the one before',
    '$ORIGIN sub\na A 192.0.2.1\n$ORIGIN example.net.\na NS b\n$origin .\na NS b',
    ['a.sub.example.com. 60 IN A 192.0.2.1', 'a.example.net. 60 IN NS b.example.net.', 'a. 60 IN NS b.'],
  ],
  [
    '$TTL counts from there on',
    'a A 192.0.2.1\n$TTL 1d\na A 192.0.2.2\na 5 A 192.0.2.3\na A 192.0.2.4',
    [
      'a.example.com. 60 IN A 192.0.2.1',
      'a.example.com. 86400 IN A 192.0.2.2',
      'a.example.com. 5 IN A 192.0.2.3',
      'a.example.com. 86400 IN A 192.0.2.4',
    ],
  ],
  [
    'a SOA over lines, with comments and units',
    '@ SOA ns hostmaster.example.com. ( ; the apex\n 2026010100 ; serial\n 1h 15m 2w 5m )',
    ['example.com. 60 IN SOA ns.example.com. hostmaster.example.com. 2026010100 3600 900 1209600 300'],
  ],
  [
    'escapes and quotes',
    'a\\.b A 192.0.2.1\n\\065 A 192.0.2.2\nt TXT "a \\"b\\" ; (c)" d\\;e \\100',
    [
      'a\\.b.example.com. 60 IN A 192.0.2.1',
      'A.example.com. 60 IN A 192.0.2.2',
      't.example.com. 60 IN TXT "a \\"b\\" ; (c)" "d;e" "d"',
    ],
  ],
  [
    'unknown types and data (RFC 3597 §5)',
    'a TYPE65280 \\# 4 0A00 0001\na TYPE1 \\# 4 0A000001\na CLASS1 A \\# 4 0a000002',
    [
      'a.example.com. 60 IN TYPE65280 \\# 4 0A000001',
      'a.example.com. 60 IN A 10.0.0.1',
      'a.example.com. 60 IN A 10.0.0.2',
    ],
  ],
  [
    '$GENERATE',
    '$GENERATE 1-2 h-$ A 10.0.0.$\n$GENERATE 0-2/2 ${0,2,x} 5 IN CNAME c${1}.example.\n$GENERATE 1-1 m$ MX "10 mail$"',
    [
      'h-1.example.com. 60 IN A 10.0.0.1',
      'h-2.example.com. 60 IN A 10.0.0.2',
      '00.example.com. 5 IN CNAME c1.example.',
      '02.example.com. 5 IN CNAME c3.example.',
      'm1.example.com. 60 IN MX 10 mail1.example.com.',
    ],
  ],
  ['nothing', '; empty\n\n', []],
];

for (const [what, text, expected] of records) {
  test(`zone file: ${what}`, () => {
    assert.deepEqual(parse(text), expected);
    assert.deepEqual(parse(text.replaceAll('\n', '\r\n')), expected, 'with CRLF');
    assert.deepEqual(parse(`${text}\n`), expected, 'with a last newline');
  });
}

test('zone file: without any TTL, that of the record before counts, and a SOA takes its minimum', () => {
  const options: ZoneFileOptions = { origin };
  const text = '@ SOA ns h 1 2 3 4 300\na A 192.0.2.1\na 7 A 192.0.2.2\nb A 192.0.2.3';
  const file = parseZoneFile({ name: 'z', text }, options);
  assert.ok(file.ok);
  assert.deepEqual(
    file.value.records.map(({ ttl }) => ttl),
    [300, 300, 7, 7],
  );
});

const faults: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  [
    'several in one go, in order',
    'a A 192.0.2\nb QQ x\nc A 192.0.2.1\n@ MX mail',
    [
      "z:1:5: the address '192.0.2' is not an IPv4 address\n  a A 192.0.2\n      ^^^^^^^",
      "z:2:3: 'QQ' is not a record type\n  b QQ x\n    ^^",
      "z:4:6: the preference must be a number, not 'mail'\n  @ MX mail\n       ^^^^",
    ],
  ],
  ['a missing word, behind the last', 'a MX 10', ['z:1:8: the exchange is missing\n  a MX 10\n         ^']],
  ['tabs are kept', 'a\tA\tx', ["z:1:5: the address 'x' is not an IPv4 address\n  a\tA\tx\n   \t \t^"]],
  [
    'no owner',
    ' A 192.0.2.1',
    ['z:1:2: this line begins with white space, but there is no owner before it\n   A 192.0.2.1\n   ^'],
  ],
  [
    'a wrong owner, once for all its lines',
    'a..b A 192.0.2.1\n A 192.0.2.2\n A 192.0.2.3',
    ["z:1:1: 'a..b' has an empty label\n  a..b A 192.0.2.1\n  ^^^^"],
  ],
  ['a missing type', 'a 5 IN', ['z:1:7: the type of the record is missing\n  a 5 IN\n        ^']],
  [
    'a TTL out of range',
    'a 2147483648 A 192.0.2.1',
    [
      "z:1:3: '2147483648' is not a TTL: seconds up to 2147483647, or like 1w2d3h4m5s\n  a 2147483648 A 192.0.2.1\n    ^^^^^^^^^^",
    ],
  ],
  [
    'a type for questions only',
    'a ANY x',
    ['z:1:3: ANY is for questions and updates; no record of a zone has it\n  a ANY x\n    ^^^'],
  ],
  [
    'an unknown directive',
    '$FOO x',
    ['z:1:1: $FOO is not a directive: there are $ORIGIN, $TTL, $INCLUDE and $GENERATE\n  $FOO x\n  ^^^^'],
  ],
  [
    'too much in a directive',
    '$ORIGIN a. b',
    ['z:1:12: nothing may follow here\n  $ORIGIN a. b\n             ^'],
  ],
  [
    'a fault inside parentheses',
    '@ SOA a b ( 1\n 2 3 x 5 )',
    ["z:2:6: the expire must be seconds or a time like 1d12h, not 'x'\n   2 3 x 5 )\n       ^"],
  ],
  [
    'an international name',
    'bücher A 192.0.2.1',
    ['z:1:1: write the owner in its xn-- form\n  bücher A 192.0.2.1\n  ^^^^^^'],
  ],
  [
    'a control character is not printed',
    'a A \u001b[31m',
    ["z:1:5: the address '·[31m' is not an IPv4 address\n  a A ·[31m\n      ^^^^^"],
  ],
  [
    '$INCLUDE where it is not allowed',
    '$INCLUDE x',
    ['z:1:1: $INCLUDE is not allowed here\n  $INCLUDE x\n  ^^^^^^^^'],
  ],
  [
    'a range that is none',
    '$GENERATE 5-1 a A 192.0.2.1',
    ['z:1:11: the range begins at 5, after its end\n  $GENERATE 5-1 a A 192.0.2.1\n            ^^^'],
  ],
  [
    'generated data that is wrong',
    '$GENERATE 255-257 a A 192.0.2.$',
    [
      "z:1:23: the address '192.0.2.256' is not an IPv4 address\n  $GENERATE 255-257 a A 192.0.2.$\n                        ^^^^^^^^^",
    ],
  ],
];

for (const [what, text, expected] of faults) {
  test(`zone file fault: ${what}`, () => assert.deepEqual(parse(text), expected));
}

test('zone file: faults are bounded', () => {
  assert.equal(parse('a b c\n'.repeat(1000)).length, mostZoneFileFaults);
});

test('zone file: the part of a long line around the fault is shown', () => {
  const [shown] = parse(`a TXT ${'x '.repeat(300)} "open`);
  assert.match(shown ?? '', /^z:1:608: this quote is not closed on its line\n {2}(?:x ?| )+"open\n +\^$/);
  assert.ok((shown ?? '').split('\n').every((line) => line.length <= 120));
});

test('$INCLUDE reads the file with its own origin, and gives origin and owner back', () => {
  const files: Readonly<Record<string, string>> = {
    one: 'a A 192.0.2.1\n$ORIGIN other.\n$TTL 5\nb A 192.0.2.2\n$INCLUDE two',
    two: 'c A x',
    good: 'c A 192.0.2.3\n A 192.0.2.4',
  };
  const asked: string[] = [];
  const include: ZoneFileOptions['include'] = (path, from) => {
    asked.push(`${from} → ${path}`);
    const text = files[path];
    return text === undefined ? fault(`there is no file ${path}`) : ok({ name: path, text });
  };
  assert.deepEqual(
    parse('@ A 192.0.2.9\n$INCLUDE good sub\n A 192.0.2.5\n$INCLUDE "good"\nd A 192.0.2.6', { include }),
    [
      'example.com. 60 IN A 192.0.2.9',
      'c.sub.example.com. 60 IN A 192.0.2.3',
      'c.sub.example.com. 60 IN A 192.0.2.4',
      'example.com. 60 IN A 192.0.2.5',
      'c.example.com. 60 IN A 192.0.2.3',
      'c.example.com. 60 IN A 192.0.2.4',
      'd.example.com. 60 IN A 192.0.2.6',
    ],
  );
  assert.deepEqual(parse('$INCLUDE one\n$INCLUDE none', { include }), [
    "two:1:5: the address 'x' is not an IPv4 address\n  c A x\n      ^",
    'z:2:10: there is no file none\n  $INCLUDE none\n           ^^^^',
  ]);
  assert.deepEqual(asked, ['z → good', 'z → good', 'z → one', 'one → two', 'z → none']);
});

test('$INCLUDE ends where files include themselves', () => {
  const include: ZoneFileOptions['include'] = (path) =>
    ok({ name: path, text: `$INCLUDE ${path}\n`.repeat(3) });
  const started = performance.now();
  const shown = parse('$INCLUDE self', { include });
  assert.match(shown[0] ?? '', /more than 10 deep/);
  assert.ok(shown.length <= mostZoneFileFaults);
  assert.ok(performance.now() - started < 10_000);
});

test('$GENERATE is bounded in all', () => {
  const line = '$GENERATE 0-3 a TXT x\n';
  assert.equal(parse(line.repeat(3), { mostGenerated: 12 }).length, 12);
  assert.match(parse(line.repeat(4), { mostGenerated: 12 })[0] ?? '', /^z:4:11: more than 12 records/);
});
