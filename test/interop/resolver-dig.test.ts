// The resolver, asked by real clients over real sockets: dig and kdig.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingPrograms } from '../support/programs.ts';
import { ResolverService } from '../support/resolver-service.ts';
import { runProgram } from '../support/run-program.ts';

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly status?: string;
  /** The flags line, as dig prints it. */
  readonly flags?: string;
  /** Records of the answer section without TTL and class, in order. */
  readonly answer?: readonly string[];
  readonly says?: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'MX',
    args: ['example.org', 'MX'],
    flags: 'qr rd ra',
    answer: ['example.org. MX 10 mx.example.org.'],
  },
  { what: 'AAAA', args: ['mx.example.org', 'AAAA'], answer: ['mx.example.org. AAAA 2001:db8::25'] },
  {
    what: 'a CNAME into another zone',
    args: ['shop.example.org', 'A'],
    answer: ['shop.example.org. CNAME www.example.com.', 'www.example.com. A 198.51.100.80'],
  },
  {
    what: 'a DNAME into another zone',
    args: ['www.away.example.org', 'A'],
    answer: [
      'away.example.org. DNAME example.com.',
      'www.away.example.org. CNAME www.example.com.',
      'www.example.com. A 198.51.100.80',
    ],
  },
  {
    what: 'a zone without glue',
    args: ['www.glueless.org', 'A'],
    answer: ['www.glueless.org. A 198.51.100.81'],
  },
  {
    what: 'no such name',
    args: ['nope.example.org', 'A'],
    status: 'NXDOMAIN',
    answer: [],
    says: /example\.org\.\s+\d+\s+IN\s+SOA/,
  },
  {
    what: 'no such type',
    args: ['mx.example.org', 'TXT'],
    answer: [],
    says: /example\.org\.\s+\d+\s+IN\s+SOA/,
  },
  { what: 'by TCP', args: ['+tcp', 'mx.example.org', 'A'], answer: ['mx.example.org. A 192.0.2.25'] },
  {
    what: 'too large for UDP, then by TCP',
    args: ['large.example.org', 'TXT'],
    says: /Truncated, retrying in TCP mode/,
  },
  {
    what: 'too large for UDP, left at that',
    args: ['+ignore', 'large.example.org', 'TXT'],
    flags: 'qr tc rd ra',
  },
  {
    what: 'without EDNS',
    args: ['+noedns', 'mx.example.org', 'A'],
    answer: ['mx.example.org. A 192.0.2.25'],
  },
  {
    what: 'EDNS options that nobody knows',
    args: ['+ednsopt=65001:abcd', '+nsid', '+subnet=192.0.2.0/24', 'mx.example.org', 'A'],
    answer: ['mx.example.org. A 192.0.2.25'],
  },
  {
    what: 'EDNS version 1',
    args: ['+edns=1', '+noednsnegotiation', 'mx.example.org', 'A'],
    status: 'BADVERS',
  },
  {
    what: 'DNSSEC wanted',
    args: ['+dnssec', '+adflag', 'mx.example.org', 'A'],
    flags: 'qr rd ra',
    answer: ['mx.example.org. A 192.0.2.25'],
  },
  {
    what: 'no recursion, known',
    args: ['+norecurse', 'mx.example.org', 'A'],
    flags: 'qr ra',
    answer: ['mx.example.org. A 192.0.2.25'],
  },
  { what: 'no recursion, unknown', args: ['+norecurse', 'never.example.org', 'A'], status: 'REFUSED' },
  { what: 'CHAOS', args: ['version.bind', 'CH', 'TXT'], status: 'REFUSED' },
  { what: 'ANY', args: ['+notcp', 'example.org', 'ANY'], answer: ['example.org. HINFO "RFC8482" ""'] },
  { what: 'an opcode that is not there', args: ['+opcode=STATUS', 'example.org', 'A'], status: 'NOTIMP' },
  { what: 'localhost', args: ['localhost', 'A'], answer: ['localhost. A 127.0.0.1'] },
  { what: 'a transfer', args: ['example.org', 'AXFR'], says: /Transfer failed/ },
];

describe('dig asks the resolver', { skip: missingPrograms('dig') }, () => {
  let service: ResolverService;
  before(async () => {
    service = await ResolverService.start();
  });
  after(() => service[Symbol.asyncDispose]());

  const dig = async (...args: readonly string[]): Promise<string> => {
    const { port } = service.endpoint;
    const { stdout } = await runProgram('dig', [
      '-r',
      '@127.0.0.1',
      '-p',
      String(port),
      '+tries=1',
      '+time=5',
      ...args,
    ]);
    return stdout.toString();
  };

  for (const { what, args, status, flags, answer, says } of cases) {
    test(what, async () => {
      const output = await dig(...args);
      if (says === undefined || status !== undefined)
        assert.match(output, new RegExp(`status: ${status ?? 'NOERROR'},`), output);
      if (flags !== undefined) assert.equal(/;; flags: ([a-z ]+);/.exec(output)?.[1], flags, output);
      if (says !== undefined) assert.match(output, says);
      if (answer !== undefined) assert.deepEqual(answersIn(output), answer, output);
    });
  }

  test('the second time the cache answers, and nobody is asked', async () => {
    await dig('www.example.com', 'A');
    const before = total(service.asked);
    assert.deepEqual(answersIn(await dig('WWW.Example.COM', 'A')), ['WWW.Example.COM. A 198.51.100.80']);
    assert.equal(total(service.asked), before);
  });
});

test('dig is refused where the access list does not hold it', { skip: missingPrograms('dig') }, async () => {
  await using service = await ResolverService.start(['192.0.2.0/24']);
  const { port } = service.endpoint;
  const { stdout } = await runProgram('dig', ['-r', '@127.0.0.1', '-p', String(port), 'example.org', 'MX']);
  assert.match(stdout.toString(), /status: REFUSED/);
  assert.match(stdout.toString(), /EDE: 18 \(Prohibited\)/);
  assert.equal(total(service.asked), 0);
});

test('kdig pipelines questions on one connection', { skip: missingPrograms('kdig') }, async () => {
  await using service = await ResolverService.start();
  const { port } = service.endpoint;
  const names = ['mx.example.org', 'www.example.com', 'www.glueless.org', 'host.new.example.org'];
  const { stdout } = await runProgram('kdig', [
    '+tcp',
    '+keepopen',
    '+short',
    '@127.0.0.1',
    '-p',
    String(port),
    ...names,
  ]);
  const lines = stdout.toString().trim().split('\n');
  assert.deepEqual(lines, ['192.0.2.25', '198.51.100.80', '198.51.100.81', '192.0.2.80']);
});

function answersIn(output: string): readonly string[] {
  const section = /;; ANSWER SECTION:\n([\s\S]*?)\n\n/.exec(output)?.[1] ?? '';
  return section
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^(\S+)\s+\d+\s+IN\s+(\S+)\s+/, '$1 $2 '));
}

function total(asked: ReadonlyMap<string, number>): number {
  return [...asked.values()].reduce((sum, count) => sum + count, 0);
}
