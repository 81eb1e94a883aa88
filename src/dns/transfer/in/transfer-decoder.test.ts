import assert from 'node:assert/strict';
import { test } from 'node:test';
import { record, response } from '../../../../test/support/dns-messages.ts';
import { unreachable } from '../../../lib/result.ts';
import type { Message } from '../../wire/message.ts';
import { domainName } from '../../wire/name.ts';
import { formatRdata } from '../../wire/rdata/registry.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { formatType, parseType } from '../../wire/rr-type.ts';
import { serialOf, TransferDecoder } from './transfer-decoder.ts';
import type { TransferEvent, TransferLimits, TransferQuestion } from './transfer-decoder.ts';

const origin = domainName('example.com.');

/** `SOA 7`, or `www A 192.0.2.1` below the origin; `@` is the origin, a name with a dot at its end is absolute. */
function line(text: string): ResourceRecord {
  const soa = /^SOA (\d+)$/.exec(text)?.[1];
  if (soa !== undefined)
    return record(`example.com. 3600 IN SOA ns.example.com. h.example.com. ${soa} 60 30 90 5`);
  const [, name = '', rest = ''] = /^(\S+) (.*)$/.exec(text) ?? [];
  const owner = name === '@' ? 'example.com.' : name.endsWith('.') ? name : `${name}.example.com.`;
  return record(`${owner} 300 IN ${rest}`);
}

function shown(each: ResourceRecord): string {
  const serial = serialOf(each);
  if (serial !== undefined) return `SOA ${serial}`;
  const owner = each.owner.toString().replace(/\.?example\.com\.$/, '');
  return `${owner === '' ? '@' : owner} ${formatType(each.type)} ${formatRdata(each.type, each.rdata)}`;
}

function lines(events: readonly TransferEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.kind) {
      case 'content':
        return event.records.map(shown);
      case 'current':
        return [`current ${serialOf(event.soa)}`];
      case 'step': {
        const { from, to, removed, added } = event.change;
        return [
          `step ${serialOf(from)} ${serialOf(to)}`,
          ...removed.map((each) => `- ${shown(each)}`),
          ...added.map((each) => `+ ${shown(each)}`),
        ];
      }
      case 'end':
        return ['end'];
      default:
        return unreachable(event);
    }
  });
}

function decoderFor(
  how: 'full' | 'steps',
  since: number | undefined,
  limits?: TransferLimits,
): TransferDecoder {
  const question: TransferQuestion = { origin, kind: how, id: 0x1234, since };
  return limits === undefined ? new TransferDecoder(question) : new TransferDecoder(question, limits);
}

function messageOf(
  how: 'full' | 'steps',
  answers: readonly ResourceRecord[],
  parts: Partial<Message> = {},
): Message {
  const type = parseType(how === 'full' ? 'AXFR' : 'IXFR') ?? 0;
  return response({ questions: [{ name: origin, type, class: 1 }], answers, ...parts });
}

/** Pushes the records as messages that end before the records of these indexes. */
function decode(
  how: 'full' | 'steps',
  since: number | undefined,
  records: readonly string[],
  bounds: readonly number[],
): { readonly lines: readonly string[]; readonly over: boolean } {
  const decoder = decoderFor(how, since);
  const events: TransferEvent[] = [];
  const ends = [...bounds, records.length];
  for (const [index, end] of ends.entries()) {
    const answers = records.slice(ends[index - 1] ?? 0, end).map(line);
    const pushed = decoder.push(
      messageOf(how, answers, index > 0 ? { questions: [], authoritative: false } : {}),
    );
    if (!pushed.ok)
      return { lines: [`fault ${pushed.fault.kind}: ${pushed.fault.reason}`], over: decoder.over };
    events.push(...pushed.value);
    if (events.at(-1)?.kind === 'current') break;
  }
  return { lines: lines(events), over: decoder.over };
}

const zone = ['SOA 7', '@ NS ns', 'www A 192.0.2.1', 'SOA 7'];
const steps = [
  'SOA 7',
  'SOA 5',
  'old A 192.0.2.9',
  'SOA 6',
  'new A 192.0.2.1',
  'new TXT x',
  'SOA 6',
  'SOA 7',
  'other A 192.0.2.2',
  'SOA 7',
];

interface Case {
  readonly what: string;
  readonly how: 'full' | 'steps';
  readonly since: number | undefined;
  readonly records: readonly string[];
  readonly expected: readonly string[];
  readonly over?: boolean;
}

const cases: readonly Case[] = [
  {
    what: 'AXFR',
    how: 'full',
    since: undefined,
    records: zone,
    expected: ['SOA 7', '@ NS ns.', 'www A 192.0.2.1', 'end'],
  },
  {
    what: 'AXFR of nothing but a SOA',
    how: 'full',
    since: 3,
    records: ['SOA 7', 'SOA 7'],
    expected: ['SOA 7', 'end'],
  },
  { what: 'AXFR of what we have', how: 'full', since: 7, records: zone, expected: ['current 7'] },
  { what: 'AXFR of something older', how: 'full', since: 8, records: zone, expected: ['current 7'] },
  {
    what: 'IXFR in steps',
    how: 'steps',
    since: 5,
    records: steps,
    expected: [
      'step 5 6',
      '- old A 192.0.2.9',
      '+ new A 192.0.2.1',
      '+ new TXT "x"',
      'step 6 7',
      '+ other A 192.0.2.2',
      'end',
    ],
  },
  {
    what: 'a step that changes the SOA alone, around the end of the numbers',
    how: 'steps',
    since: 4_294_967_295,
    records: ['SOA 1', 'SOA 4294967295', 'SOA 1', 'SOA 1'],
    expected: ['step 4294967295 1', 'end'],
  },
  { what: 'IXFR: nothing new', how: 'steps', since: 7, records: ['SOA 7'], expected: ['current 7'] },
  {
    what: 'IXFR: a serial that went back',
    how: 'steps',
    since: 9,
    records: ['SOA 7'],
    expected: ['current 7'],
  },
  {
    what: 'IXFR answered by the whole zone',
    how: 'steps',
    since: 5,
    records: zone,
    expected: ['SOA 7', '@ NS ns.', 'www A 192.0.2.1', 'end'],
  },
  {
    what: 'IXFR answered by one SOA that is later: not all of it',
    how: 'steps',
    since: 5,
    records: ['SOA 7'],
    expected: [],
    over: false,
  },
  {
    what: 'AXFR cut short',
    how: 'full',
    since: 1,
    records: zone.slice(0, 3),
    expected: ['SOA 7', '@ NS ns.', 'www A 192.0.2.1'],
    over: false,
  },
  {
    what: 'no SOA first',
    how: 'full',
    since: 1,
    records: ['@ NS ns', 'SOA 7'],
    expected: ['fault odd: a transfer that does not begin with the SOA record'],
  },
  {
    what: 'another SOA last',
    how: 'full',
    since: 1,
    records: ['SOA 7', '@ NS ns', 'SOA 8'],
    expected: ['fault odd: the last SOA record is not the first one'],
  },
  {
    what: 'a record of another zone',
    how: 'full',
    since: 1,
    records: ['SOA 7', 'www.example.org. A 192.0.2.1', 'SOA 7'],
    expected: ['fault odd: www.example.org. A is not in the zone'],
  },
  {
    what: 'a name that only ends alike',
    how: 'full',
    since: 1,
    records: ['SOA 7', 'badexample.com. A 192.0.2.1', 'SOA 7'],
    expected: ['fault odd: badexample.com. A is not in the zone'],
  },
  {
    what: 'a SOA below the origin',
    how: 'full',
    since: 1,
    records: ['SOA 7', 'sub SOA ns. h. 1 2 3 4 5', 'SOA 7'],
    expected: ["fault odd: sub.example.com. SOA stands below the zone's origin"],
  },
  {
    what: 'steps from elsewhere',
    how: 'steps',
    since: 4,
    records: steps,
    expected: ['fault odd: steps from serial 5, which is not the one we have'],
  },
  {
    what: 'steps with a gap',
    how: 'steps',
    since: 5,
    records: ['SOA 8', 'SOA 5', 'SOA 6', 'SOA 7', 'SOA 8', 'SOA 8'],
    expected: ['fault odd: steps with a gap between them'],
  },
  {
    what: 'a step back',
    how: 'steps',
    since: 5,
    records: ['SOA 8', 'SOA 5', 'SOA 4', 'SOA 4', 'SOA 8', 'SOA 8'],
    expected: ['fault odd: a step that leads back to serial 4'],
  },
];

for (const { what, how, since, records, expected, over = true } of cases) {
  test(`transfer: ${what}`, () => {
    const whole = decode(how, since, records, []);
    assert.deepEqual(whole, { lines: expected, over });
    // Every way to cut it into two messages or three says the same.
    for (let a = 1; a < records.length; a++) {
      assert.deepEqual(decode(how, since, records, [a]), whole, `cut at ${a}`);
      for (let b = a + 1; b < records.length; b++)
        assert.deepEqual(decode(how, since, records, [a, b]), whole, `cut at ${a} and ${b}`);
    }
  });
}

const faultyMessages: readonly (readonly [what: string, parts: Partial<Message>, expected: string])[] = [
  ['another id', { id: 1 }, 'odd: an answer to something else'],
  ['a query', { response: false }, 'odd: an answer to something else'],
  ['another opcode', { opcode: 4 }, 'odd: an answer to something else'],
  ['REFUSED', { rcode: 5, answers: [] }, 'refused: the primary answers REFUSED'],
  ['TC', { truncated: true }, 'odd: a transfer by TCP that is cut short'],
  [
    'another zone',
    { questions: [{ name: domainName('example.org.'), type: 252, class: 1 }] },
    'odd: an answer to another question',
  ],
  [
    'another type',
    { questions: [{ name: origin, type: 251, class: 1 }] },
    'odd: an answer to another question',
  ],
  ['no records', { answers: [] }, 'odd: a message without records'],
];

for (const [what, parts, expected] of faultyMessages) {
  test(`transfer: a message with ${what}`, () => {
    const pushed = decoderFor('full', 1).push(messageOf('full', zone.map(line), parts));
    assert.ok(!pushed.ok);
    assert.equal(`${pushed.fault.kind}: ${pushed.fault.reason}`, expected);
  });
}

test('transfer: another class, and types that no zone holds', () => {
  const soa = line('SOA 7');
  const odd: readonly (readonly [ResourceRecord, RegExp])[] = [
    [{ ...line('www A 192.0.2.1'), class: 3 }, /another class/],
    [{ ...line('www A 192.0.2.1'), type: 255 }, /type ANY, which no zone holds/],
    [{ ...line('www A 192.0.2.1'), type: 250 }, /type TSIG, which no zone holds/],
  ];
  for (const [record, expected] of odd) {
    const pushed = decoderFor('full', 1).push(messageOf('full', [soa, record, soa]));
    assert.ok(!pushed.ok);
    assert.match(pushed.fault.reason, expected);
  }
});

test('transfer: without AA, as Knot DNS 3.2 answers', () => {
  assert.ok(decoderFor('full', 1).push(messageOf('full', zone.map(line), { authoritative: false })).ok);
});

test('transfer: records after the end, in its message and behind it', () => {
  const decoder = decoderFor('full', 1);
  const within = decoderFor('full', 1).push(messageOf('full', [...zone, 'www A 192.0.2.2'].map(line)));
  assert.equal(within.ok ? '' : within.fault.reason, 'records after the end of the transfer');
  assert.ok(decoder.push(messageOf('full', zone.map(line))).ok);
  const behind = decoder.push(messageOf('full', [line('www A 192.0.2.2')]));
  assert.equal(behind.ok ? '' : behind.fault.reason, 'records after the end of the transfer');
});

test('transfer: the last SOA may differ in the case of its names', () => {
  const upper = record('EXAMPLE.COM. 3600 IN SOA NS.example.com. h.example.COM. 7 60 30 90 5');
  const pushed = decoderFor('full', 1).push(messageOf('full', [...zone.slice(0, 3).map(line), upper]));
  assert.deepEqual(pushed.ok ? lines(pushed.value).at(-1) : pushed.fault, 'end');
});

test('transfer: the octets of a zone and of steps, and the number of steps, are bounded', () => {
  const limits: TransferLimits = { octets: 150, stepOctets: 200, steps: 1 };
  const large = decoderFor('full', 1, limits).push(messageOf('full', zone.map(line)));
  assert.equal(large.ok ? '' : large.fault.kind, 'large');
  const many = decoderFor('steps', 5, { ...limits, stepOctets: 1e6 }).push(
    messageOf('steps', steps.map(line)),
  );
  assert.equal(many.ok ? '' : many.fault.reason, 'more than 1 steps');
  const long = decoderFor('steps', 5, { ...limits, steps: 10 }).push(messageOf('steps', steps.map(line)));
  assert.equal(long.ok ? '' : long.fault.kind, 'large');
});
