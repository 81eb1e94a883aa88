// RFC 1035 §4: the format of messages; with what RFC 2181 and RFC 3597 made clear about it.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { concatBytes } from '../../src/lib/bytes.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { decoded, faultOf, hex, lines, record, response } from '../support/dns-messages.ts';

const question = '07 6578616d706c65 03 636f6d 00 0001 0001';

suite('RFC 1035 §4.1.1: header', () => {
  const bits: readonly (readonly [string, keyof Message])[] = [
    ['8000', 'response'],
    ['0400', 'authoritative'],
    ['0200', 'truncated'],
    ['0100', 'recursionDesired'],
    ['0080', 'recursionAvailable'],
    ['0020', 'authenticData'],
    ['0010', 'checkingDisabled'],
  ];
  for (const [flags, field] of bits) {
    test(`${flags} is ${field}, alone`, () => {
      const bytes = hex(`abcd ${flags} 0000 0000 0000 0000`);
      const message = decoded(bytes);
      assert.equal(message.id, 0xabcd);
      for (const [, each] of bits) assert.equal(message[each], each === field, each);
      assert.deepEqual(encodeMessage(message), bytes);
    });
  }

  test('opcode and response code', () => {
    for (let code = 0; code < 16; code++) {
      const bytes = Uint8Array.of(0, 1, code << 3, 15 - code, 0, 0, 0, 0, 0, 0, 0, 0);
      const message = decoded(bytes);
      assert.equal(message.opcode, code);
      assert.equal(message.rcode, 15 - code);
      assert.deepEqual(encodeMessage(message), bytes);
    }
  });

  test('the reserved bit is ignored, and never sent', () => {
    const message = decoded(hex('0001 0040 0000 0000 0000 0000'));
    assert.equal(encodeMessage(message).toHex(), '000100000000000000000000');
  });

  test('less than a header is no message; nothing of it can be repeated', () => {
    for (let length = 0; length < 12; length++)
      assert.equal(faultOf(new Uint8Array(length)).header, undefined);
  });

  test('a fault tells what a FORMERR repeats', () => {
    const fault = faultOf(hex(`1234 2900 0001 0001 0000 0000 ${question}`));
    assert.deepEqual(
      { ...fault.header, question: fault.header?.question?.name.toString() },
      { id: 0x1234, response: false, opcode: 5, recursionDesired: true, question: 'example.com.' },
    );
    const unreadable = faultOf(hex('1234 0100 0001 0000 0000 0000 ff'));
    assert.equal(unreadable.header?.id, 0x1234);
    assert.equal(unreadable.header?.question, undefined);
  });
});

suite('RFC 1035 §4.1.2: questions', () => {
  test('none, one or several are read', () => {
    assert.equal(decoded(hex('0001 0000 0000 0000 0000 0000')).questions.length, 0);
    const two = decoded(hex(`0001 0000 0002 0000 0000 0000 ${question} c00c 000f 0003`));
    assert.deepEqual(
      two.questions.map((each) => [each.name.toString(), each.type, each.class]),
      [
        ['example.com.', 1, 1],
        ['example.com.', 15, 3],
      ],
    );
  });

  test('a message cut at any octet is a fault', () => {
    const whole = encodeMessage(
      response({
        answers: [
          record('example.com. 300 IN MX 10 mx.example.com.'),
          record('example.com. 300 IN TXT "a" "b"'),
        ],
        additionals: [record('mx.example.com. 300 IN A 192.0.2.1')],
        edns: {
          udpSize: 1232,
          version: 0,
          dnssecOk: true,
          options: [{ code: 10, bytes: new Uint8Array(8) }],
        },
      }),
    );
    for (let length = 0; length < whole.length; length++) faultOf(whole.subarray(0, length));
    assert.match(faultOf(concatBytes([whole, Uint8Array.of(0)])).reason, /1 octets after the message/);
  });

  test('counts that promise more than there is do no work', () => {
    const start = performance.now();
    for (let i = 0; i < 1000; i++) faultOf(hex('0001 8000 ffff ffff ffff ffff'));
    assert.ok(performance.now() - start < 1000);
  });
});

suite('RFC 1035 §4.1.3: resource records', () => {
  test('a TTL with the top bit set is 0 (RFC 2181 §8)', () => {
    const message = decoded(
      hex(`0001 8000 0001 0003 0000 0000 ${question}
           c00c 0001 0001 7fffffff 0004 c0000201
           c00c 0001 0001 80000000 0004 c0000202
           c00c 0001 0001 ffffffff 0004 c0000203`),
    );
    assert.deepEqual(
      message.answers.map(({ ttl }) => ttl),
      [0x7fff_ffff, 0, 0],
    );
  });

  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['an A of three octets', 'c00c 0001 0001 00000000 0003 c00002', /malformed A data/],
    ['an A of five octets', 'c00c 0001 0001 00000000 0005 c000020101', /malformed A data: 1 octets too many/],
    ['an empty A', 'c00c 0001 0001 00000000 0000', /malformed A data/],
    [
      'an MX with octets after the name',
      'c00c 000f 0001 00000000 0005 000a c00c 00',
      /malformed MX data: 1 octets too many/,
    ],
    [
      'an MX whose name goes on past its data',
      'c00c 000f 0001 00000000 0003 000a 01 61 00',
      /malformed MX data/,
    ],
    [
      'a TXT whose string goes on past its data',
      'c00c 0010 0001 00000000 0002 02 61 62',
      /malformed TXT data/,
    ],
    ['data that points forward', 'c00c 0002 0001 00000000 0002 c0ff', /malformed NS data/],
    ['data that points at itself', 'c00c 0002 0001 00000000 0002 c029', /malformed NS data/],
  ];
  for (const [name, bytes, reason] of faults) {
    test(`refuses ${name}`, () => {
      assert.match(faultOf(hex(`0001 8000 0001 0001 0000 0000 ${question} ${bytes}`)).reason, reason);
    });
  }

  test('data of class CHAOS and of deletions (RFC 2136 §2.5) need not fit', () => {
    const message = decoded(
      hex(`0001 8000 0001 0003 0000 0000 ${question}
           c00c 0001 0003 00000000 0003 0000ff
           c00c 0001 00ff 00000000 0000
           c00c 000f 00fe 00000000 0000`),
    );
    assert.deepEqual(
      message.answers.map(({ rdata }) => rdata.length),
      [3, 0, 0],
    );
    assert.equal(decoded(encodeMessage(message)).answers.length, 3);
  });

  test('nothing in a decoded message refers to the octets it came from', () => {
    const bytes = hex(`0001 8000 0001 0003 0000 0001 ${question}
      c00c 0001 0001 0000003c 0004 c0000201 c00c 0010 0001 0000003c 0002 0161 c00c ff00 0001 0000003c 0002 0102
      00 0029 04d0 00000000 0005 000a 0001 07`);
    const message = decoded(bytes);
    const before = JSON.stringify([lines(message.answers), message.edns?.options[0]?.bytes.toHex()]);
    bytes.fill(0xff);
    assert.equal(JSON.stringify([lines(message.answers), message.edns?.options[0]?.bytes.toHex()]), before);
  });
});

suite('RFC 1035 §4.1.4: compression', () => {
  test('the example: F.ISI.ARPA, FOO.F.ISI.ARPA, ARPA and the root', () => {
    const message = hex(`0000 0000 0004 0000 0000 0000
      01 46 03 495349 04 41525041 00 0001 0001 03 464f4f c00c 0001 0001 c012 0001 0001 00 0001 0001`);
    assert.deepEqual(
      decoded(message).questions.map(({ name }) => name.toString()),
      ['F.ISI.ARPA.', 'FOO.F.ISI.ARPA.', 'ARPA.', '.'],
    );
    assert.deepEqual(encodeMessage(decoded(message)), message);
  });

  test('names are compressed in the data of RFC 1035’s types only (RFC 3597 §4)', () => {
    const sizes: readonly (readonly [string, boolean])[] = [
      ['NS example.com.', true],
      ['CNAME example.com.', true],
      ['PTR example.com.', true],
      ['MX 1 example.com.', true],
      ['SOA example.com. example.com. 1 2 3 4 5', true],
      ['MINFO example.com. example.com.', true],
      ['MB example.com.', true],
      ['SRV 0 0 0 example.com.', false],
      ['DNAME example.com.', false],
      ['RP example.com. example.com.', false],
      ['AFSDB 1 example.com.', false],
      ['NAPTR 1 1 "" "" "" example.com.', false],
      ['KX 1 example.com.', false],
      ['NSEC example.com. A', false],
      ['RRSIG A 5 2 1 20030322173103 20030220173103 1 example.com. AQ==', false],
      ['SVCB 1 example.com.', false],
    ];
    for (const [data, compressed] of sizes) {
      const answer = record(`example.com. 60 IN ${data}`);
      const bytes = encodeMessage(response({ answers: [answer] }));
      const full = 12 + 17 + 12 + answer.rdata.length;
      assert.equal(bytes.length < full, compressed, data);
      assert.deepEqual(lines(decoded(bytes).answers), lines([answer]));
    }
  });

  test('compressed names are read in the types that RFC 3597 §4 lists, and written out', () => {
    const answers = [
      ['0021', '0000 0000 0019 c00c', 'SRV 0 0 25 example.com.'],
      ['0011', 'c00c c00c', 'RP example.com. example.com.'],
      ['0012', '0001 c00c', 'AFSDB 1 example.com.'],
      ['0015', '0001 c00c', 'RT 1 example.com.'],
      ['001a', '0001 c00c c00c', 'PX 1 example.com. example.com.'],
      ['0023', '0001 0001 00 00 00 c00c', 'NAPTR 1 1 "" "" "" example.com.'],
    ] as const;
    for (const [type, data, text] of answers) {
      const length = hex(data).length.toString(16).padStart(4, '0');
      const message = decoded(
        hex(`0001 8000 0001 0001 0000 0000 ${question} c00c ${type} 0001 0000003c ${length} ${data}`),
      );
      assert.deepEqual(lines(message.answers), [`example.com. 60 IN ${text}`]);
    }
  });

  test('compressed names are refused where they may not be', () => {
    for (const [type, data] of [
      ['0027', 'c00c'],
      ['0024', '0001 c00c'],
      ['002f', 'c00c 000140'],
      ['0040', '0001 c00c'],
    ] as const) {
      const length = hex(data).length.toString(16).padStart(4, '0');
      assert.match(
        faultOf(hex(`0001 8000 0001 0001 0000 0000 ${question} c00c ${type} 0001 0000003c ${length} ${data}`))
          .reason,
        /pointer where none may be/,
      );
    }
  });

  /** Records whose data is a pointer to the longest name there is. */
  function longNames(count: number): Uint8Array {
    const label = concatBytes([Uint8Array.of(63), new Uint8Array(63).fill(0x61)]);
    const tail = concatBytes([Uint8Array.of(61), new Uint8Array(61).fill(0x62), Uint8Array.of(0)]);
    const one = hex('c00c 0002 0001 0000003c 0002 c00c');
    return concatBytes([
      Uint8Array.of(0, 1, 0x80, 0, 0, 1, count >>> 8, count, 0, 0, 0, 0),
      label,
      label,
      label,
      tail,
      hex('0002 0001'),
      ...Array.from({ length: count }, () => one),
    ]);
  }

  test('a bomb: 64 KiB whose every record has the longest name by pointers stays within bounds', () => {
    const count = Math.floor((65535 - 12 - 255 - 4) / 14);
    const message = decoded(longNames(count));
    assert.equal(message.answers.length, count);
    assert.ok(message.answers.every(({ rdata }) => rdata.length === 255));
    assert.deepEqual(encodeMessage(message), longNames(count));
  });

  test('a bomb: nothing but names, by turns, so that none is the one before, is given up', () => {
    const long = (letter: number): Uint8Array =>
      concatBytes([...Array.from({ length: 126 }, () => Uint8Array.of(1, letter)), hex('00 0001 0001')]);
    const [first, second] = [long(0x61), long(0x62)];
    const pointers = [hex('c00c 0001 0001'), concatBytes([hex('c10d'), hex('0001 0001')])];
    const count = Math.floor((65535 - 12 - first.length - second.length) / 6);
    const bomb = concatBytes([
      Uint8Array.of(0, 1, 0, 0, (count + 2) >>> 8, count + 2, 0, 0, 0, 0, 0, 0),
      first,
      second,
      ...Array.from({ length: count }, (_, i) => pointers[i % 2] ?? new Uint8Array(0)),
    ]);
    assert.match(faultOf(bomb).reason, /names of the message take too much work/);
  });

  test('a bomb: every name is led through as many pointers as possible', () => {
    // 8,000 pointers each to the one before, in the data of an unknown type; then 3,000 records owned by the last.
    const chain = new Uint8Array(16_000);
    const base = 12 + 11;
    for (let at = 0; at < chain.length; at += 2) {
      const target = at === 0 ? 12 : base + at - 2;
      chain[at] = 0xc0 | (target >>> 8);
      chain[at + 1] = target;
    }
    const last = base + chain.length - 2;
    const pointer = (0xc000 | last).toString(16);
    const bomb = concatBytes([
      hex('0001 8000 0000 0bb9 0000 0000 00 ff00 0001 00000000 3e80'),
      chain,
      ...Array.from({ length: 3000 }, () => hex(`${pointer} 0001 0001 00000000 0004 c0000201`)),
    ]);
    const start = performance.now();
    assert.match(faultOf(bomb).reason, /too many compression pointers/);
    assert.ok(performance.now() - start < 500);
  });
});

test('RFC 3597 §3: unknown types are carried as they are', () => {
  const bytes = hex(`0001 8000 0001 0001 0000 0000 ${question} c00c ff00 0001 0000003c 0004 c00cc00c`);
  const message = decoded(bytes);
  assert.equal(message.answers[0]?.rdata.toHex(), 'c00cc00c');
  assert.deepEqual(encodeMessage(message), bytes);
});

suite('RFC 2181 §9 and §5: truncation by whole RRsets', () => {
  const mx = ['10 mx1.example.com.', '20 mx2.example.com.'].map((data) =>
    record(`example.com. 300 IN MX ${data}`),
  );
  const signature = record(
    'example.com. 300 IN RRSIG MX 13 2 300 20300101000000 20200101000000 1 example.com. AQIDBA==',
  );
  const ns = ['ns1', 'ns2'].map((host) => record(`example.com. 300 IN NS ${host}.example.com.`));
  const glue = ['ns1', 'ns2'].flatMap((host) => [
    record(`${host}.example.com. 300 IN A 192.0.2.1`),
    record(`${host}.example.com. 300 IN AAAA 2001:db8::1`),
  ]);
  const edns = {
    udpSize: 1232,
    version: 0,
    dnssecOk: true,
    options: [{ code: 3, bytes: Uint8Array.of(1, 2) }],
  };
  const full = response({ answers: [...mx, signature], authorities: ns, additionals: glue, edns });
  const whole = encodeMessage(full);

  test('at every limit: at most that many octets, whole RRsets, TC exactly when answers or authorities are missing', () => {
    for (let limit = 64; limit <= whole.length + 1; limit++) {
      const bytes = encodeMessage(full, limit);
      assert.ok(bytes.length <= limit, `${bytes.length} > ${limit}`);
      const message = decoded(bytes);
      assert.ok([0, 2, 3].includes(message.answers.length));
      assert.ok([0, 2].includes(message.authorities.length));
      assert.deepEqual(message.edns, edns);
      assert.equal(message.questions.length, 1);
      assert.equal(message.truncated, message.answers.length < 3 || message.authorities.length < 2);
      if (message.answers.length < 3) assert.equal(message.authorities.length, 0);
      if (message.authorities.length < 2) assert.equal(message.additionals.length, 0);
      assert.deepEqual(lines(message.answers), lines(full.answers.slice(0, message.answers.length)));
    }
    assert.deepEqual(encodeMessage(full, whole.length), whole);
  });

  test('an additional RRset that is too large is passed over for a smaller one', () => {
    const large = record(`a.example.com. 1 IN TXT "${'x'.repeat(200)}"`);
    const small = record('b.example.com. 1 IN A 192.0.2.1');
    const message = decoded(encodeMessage(response({ additionals: [large, small] }), 100));
    assert.deepEqual(lines(message.additionals), lines([small]));
    assert.equal(message.truncated, false);
  });

  test('a message that is truncated already stays so', () => {
    assert.equal(decoded(encodeMessage(response({ truncated: true }))).truncated, true);
  });

  test('question and OPT are kept below any limit', () => {
    const message = decoded(encodeMessage(full, 12));
    assert.deepEqual(
      [message.questions.length, message.edns !== undefined, message.truncated],
      [1, true, true],
    );
  });

  test('RFC 8945 §5.1: TSIG stays last, below any limit; elsewhere it is a fault', () => {
    const tsig = record('key. 0 IN TSIG hmac-sha256. 1577836800 300 4 AQIDBA== 1234 NOERROR 0');
    const bytes = encodeMessage({ ...full, additionals: [...glue, tsig] }, 120);
    assert.ok(bytes.length <= 120);
    assert.equal(decoded(bytes).additionals.at(-1)?.type, rrType.TSIG);
    assert.notEqual(decoded(bytes).edns, undefined);
    assert.match(
      faultOf(encodeMessage(response({ answers: [{ ...tsig, type: rrType.TSIG }] }))).reason,
      /TSIG record that is not the last/,
    );
  });
});

suite('RFC 9471 §3: glue in referrals', () => {
  const cut = domainName('example.com');
  const referral = (hosts: readonly string[]): Message =>
    response({
      authoritative: false,
      questions: [{ name: domainName('www.example.com'), type: rrType.A, class: 1 }],
      authorities: hosts.map((host) => record(`${cut.toString()} 300 IN NS ${host}`)),
      additionals: hosts.map((host) => record(`${host} 300 IN A 192.0.2.1`)),
    });

  test('§3.1: in-domain glue that does not fit sets TC', () => {
    const message = referral(['ns1.example.com.', 'ns2.example.com.']);
    const whole = encodeMessage(message);
    assert.equal(decoded(whole).truncated, false);
    const cutDown = decoded(encodeMessage(message, whole.length - 1));
    assert.equal(cutDown.truncated, true);
    assert.equal(cutDown.authorities.length, 2);
    assert.equal(cutDown.additionals.length, 1);
  });

  test('§3.2: sibling glue that does not fit does not', () => {
    const message = referral(['ns1.example.net.', 'ns2.example.net.']);
    const cutDown = decoded(encodeMessage(message, encodeMessage(message).length - 1));
    assert.equal(cutDown.truncated, false);
    assert.equal(cutDown.additionals.length, 1);
  });

  test('addresses beside an answer are no glue', () => {
    const message = { ...referral(['ns1.example.com.', 'ns2.example.com.']), authoritative: true };
    assert.equal(decoded(encodeMessage(message, encodeMessage(message).length - 1)).truncated, false);
  });
});
