// The authority on real sockets, asked by dig and kdig.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { authorityOf, queryFor, zoneFromText } from '../support/dns-authority.ts';
import { openDnsListeners } from '../support/dns-listeners.ts';
import type { DnsListeners } from '../support/dns-listeners.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';

const exampleCom = `$TTL 300
@ SOA ns hostmaster 1 3600 900 604800 60
@ NS ns
@ MX 10 mail
@ TXT "v=spf1 mx -all"
ns A 192.0.2.1
mail A 192.0.2.2
*.wild A 192.0.2.9
www CNAME web.example.org.
old DNAME example.org.
sub NS ns.sub
ns.sub A 192.0.2.3
ns.sub AAAA 2001:db8::3
${Array.from({ length: 100 }, (_, i) => `many A 198.51.100.${i}\n`).join('')}`;

const authority = authorityOf({
  'example.com.': exampleCom,
  'example.org.': `$TTL 60\n@ SOA ns.example.com. hostmaster 1 2 3 4 60\n@ NS ns.example.com.\nweb A 192.0.2.7\n`,
});

let listeners: DnsListeners;

async function dig(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('dig', [
    '@127.0.0.1',
    '-p',
    String(listeners.port),
    '+tries=2',
    '+timeout=3',
    ...args,
  ]);
  assert.equal(code, 0, `${stdout.toString()}${stderr}`);
  const text = stdout.toString();
  // dig says so where it finds something wrong with a message.
  assert.doesNotMatch(text, /WARNING: (?!recursion)|malformed|;; Got bad packet|mismatch/i, text);
  return text;
}

interface DigCase {
  readonly what: string;
  readonly args: readonly string[];
  readonly has: readonly RegExp[];
  readonly hasNot?: readonly RegExp[];
}

const cases: readonly DigCase[] = [
  {
    what: 'A',
    args: ['mail.example.com', 'A'],
    has: [/status: NOERROR/, /flags: qr aa rd;/, /^mail\.example\.com\.\s+300\s+IN\s+A\s+192\.0\.2\.2$/m],
  },
  {
    what: 'MX with its address',
    args: ['example.com', 'MX'],
    has: [
      /IN\s+MX\s+10 mail\.example\.com\.$/m,
      /ADDITIONAL SECTION:[^]*mail\.example\.com\.\s+300\s+IN\s+A\s+192\.0\.2\.2$/m,
    ],
  },
  {
    what: 'a wildcard',
    args: ['any.thing.wild.example.com', 'A'],
    has: [/^any\.thing\.wild\.example\.com\.\s+300\s+IN\s+A\s+192\.0\.2\.9$/m],
  },
  {
    what: 'a CNAME into another zone',
    args: ['www.example.com', 'A'],
    has: [/IN\s+CNAME\s+web\.example\.org\.$/m, /^web\.example\.org\.\s+60\s+IN\s+A\s+192\.0\.2\.7$/m],
  },
  {
    what: 'a DNAME and the CNAME made of it',
    args: ['web.old.example.com', 'A'],
    has: [
      /^old\.example\.com\.\s+300\s+IN\s+DNAME\s+example\.org\.$/m,
      /^web\.old\.example\.com\.\s+300\s+IN\s+CNAME\s+web\.example\.org\.$/m,
      /^web\.example\.org\.\s+60\s+IN\s+A/m,
    ],
  },
  {
    what: 'a referral with glue',
    args: ['+norec', 'www.sub.example.com', 'A'],
    has: [
      /flags: qr;/,
      /ANSWER: 0/,
      /AUTHORITY SECTION:\nsub\.example\.com\.\s+300\s+IN\s+NS\s+ns\.sub\.example\.com\.$/m,
      /ADDITIONAL SECTION:[^]*ns\.sub\.example\.com\.\s+300\s+IN\s+AAAA\s+2001:db8::3$/m,
    ],
  },
  {
    what: 'NXDOMAIN',
    args: ['none.example.com', 'A'],
    has: [/status: NXDOMAIN/, /flags: qr aa/, /^example\.com\.\s+60\s+IN\s+SOA/m],
  },
  {
    what: 'NODATA',
    args: ['mail.example.com', 'AAAA'],
    has: [/status: NOERROR/, /ANSWER: 0/, /^example\.com\.\s+60\s+IN\s+SOA/m],
  },
  { what: 'a foreign zone', args: ['example.net', 'A'], has: [/status: REFUSED/] },
  { what: 'AXFR over TCP', args: ['example.com', 'AXFR'], has: [/Transfer failed/] },
  {
    what: 'TCP',
    args: ['+tcp', 'example.com', 'TXT'],
    has: [/IN\s+TXT\s+"v=spf1 mx -all"$/m, /\(TCP\)/],
  },
  {
    what: 'truncation, seen',
    args: ['+noedns', '+ignore', 'many.example.com', 'A'],
    has: [/flags: qr aa tc/, /ANSWER: 0/],
  },
  {
    what: 'truncation and the retry over TCP',
    args: ['+bufsize=512', 'many.example.com', 'A'],
    has: [/Truncated, retrying in TCP mode/, /ANSWER: 100/, /198\.51\.100\.99/],
  },
  {
    what: 'EDNS, client subnet, an unknown option, a cookie: not repeated',
    args: ['+subnet=203.0.113.0/24', '+ednsopt=65001:c0ffee', '+dnssec', 'example.com', 'SOA'],
    has: [/status: NOERROR/, /EDNS: version: 0, flags: do; udp: 1232/],
    hasNot: [/CLIENT-SUBNET/, /COOKIE/, /OPT=65001/],
  },
  {
    what: 'EDNS of a version that does not exist',
    args: ['+edns=1', '+noednsnegotiation', 'example.com', 'SOA'],
    has: [/status: BADVERS/, /EDNS: version: 0/],
  },
  { what: 'another opcode', args: ['+opcode=notify', 'example.com', 'SOA'], has: [/status: NOTIMP/] },
  { what: 'CHAOS', args: ['version.bind', 'CH', 'TXT'], has: [/status: REFUSED/] },
  { what: 'ANY over UDP: one RRset', args: ['+notcp', 'example.com', 'ANY'], has: [/ANSWER: 1,/] },
  { what: 'ANY over TCP: all', args: ['+tcp', 'example.com', 'ANY'], has: [/ANSWER: 4,/] },
];

suite('the authority, asked by dig', { skip: missingPrograms('dig') }, () => {
  before(async () => {
    listeners = await openDnsListeners(authority);
  });
  after(() => listeners[Symbol.asyncDispose]());

  for (const { what, args, has, hasNot } of cases) {
    test(what, async () => {
      const text = await dig(...args);
      for (const each of has) assert.match(text, each);
      for (const each of hasNot ?? []) assert.doesNotMatch(text, each);
    });
  }

  test('several queries on one connection', async () => {
    const text = await dig(
      '+tcp',
      '+keepopen',
      'example.com',
      'MX',
      '+keepopen',
      'mail.example.com',
      'A',
      '+keepopen',
      'no.example.com',
      'A',
    );
    assert.match(text, /10 mail\.example\.com/);
    assert.match(text, /192\.0\.2\.2/);
    assert.match(text, /NXDOMAIN/);
  });

  test('kdig over one connection', { skip: missingPrograms('kdig') }, async () => {
    const { code, stdout } = await runProgram('kdig', [
      '@127.0.0.1',
      '-p',
      String(listeners.port),
      '+tcp',
      '+keepopen',
      'example.com',
      'NS',
      'www.example.com',
      'A',
    ]);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /192\.0\.2\.7/);
  });

  test('new zones are served at once', async () => {
    const zones = authority.zones;
    authority.replaceZones(
      new ZoneSet([
        zoneFromText('example.com.', exampleCom.replace('mail A 192.0.2.2', 'mail A 192.0.2.200')),
      ]),
    );
    try {
      assert.match(await dig('mail.example.com', 'A'), /192\.0\.2\.200$/m);
      assert.match(await dig('web.example.org', 'A'), /REFUSED/);
    } finally {
      authority.replaceZones(zones);
    }
  });

  test('a thousand pipelined queries are all answered while another client is served', async () => {
    const socket = connect(listeners.port, '127.0.0.1');
    const one = queryFor('mail.example.com. A');
    const frame = Buffer.from([one.length >> 8, one.length & 255, ...one]);
    let received = 0;
    const all = new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      let buffered = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        buffered = Buffer.concat([buffered, chunk]);
        while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
          buffered = buffered.subarray(2 + buffered.readUInt16BE(0));
          received += 1;
        }
        if (received === 1000) resolve();
      });
      socket.on('close', () => reject(new Error(`closed after ${received} answers`)));
    });
    for (let i = 0; i < 1000; i++) socket.write(frame);
    assert.match(await dig('mail.example.com', 'A'), /192\.0\.2\.2$/m);
    await all;
    socket.destroy();
  });
});
