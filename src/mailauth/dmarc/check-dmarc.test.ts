import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkMessage, usualEnvelope } from '../../../test/support/mail-auth.ts';
import { ScriptedLookup } from '../../../test/support/scripted-lookup.ts';
import type { ScriptedNames } from '../../../test/support/scripted-lookup.ts';
import { domainName } from '../../dns/wire/name.ts';
import { DnsQuestions } from '../dns-questions.ts';
import { parseDmarcRecord } from './record.ts';
import { organizationalDomain, walkTree } from './tree-walk.ts';

test('RFC 9989 §4.10: eight questions at most, the names of its example', async () => {
  const lookup = new ScriptedLookup({});
  await walkTree(new DnsQuestions(lookup), domainName('a.b.c.d.e.f.g.h.i.j.mail.example.com'));
  assert.deepEqual(
    lookup.asked,
    [
      'a.b.c.d.e.f.g.h.i.j.mail.example.com',
      'g.h.i.j.mail.example.com',
      'h.i.j.mail.example.com',
      'i.j.mail.example.com',
      'j.mail.example.com',
      'mail.example.com',
      'example.com',
      'com',
    ].map((name) => `TXT _dmarc.${name}.`),
  );
});

describe('RFC 9989 §4.10.2: organizational domains', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['the shortest name with a record', { 'mail.example.com': '', 'example.com': '' }, 'example.com.'],
    ['psd=n ends the walk', { 'mail.example.com': 'psd=n', 'example.com': '' }, 'mail.example.com.'],
    ['psd=y: one label below', { com: 'psd=y' }, 'example.com.'],
    ['psd=y in between', { 'example.com': 'psd=y' }, 'mail.example.com.'],
    [
      'psd=y where the walk starts is not below itself',
      { 'a.mail.example.com': 'psd=y' },
      'a.mail.example.com.',
    ],
    ['no records: the name itself', {}, 'a.mail.example.com.'],
  ];
  for (const [name, records, expected] of cases) {
    test(name, async () => {
      const names = Object.fromEntries(
        Object.entries(records).map(([domain, tags]) => [
          `_dmarc.${domain}`,
          [`TXT v=DMARC1; p=none; ${tags}`],
        ]),
      );
      const start = domainName('a.mail.example.com');
      const walk = await walkTree(new DnsQuestions(new ScriptedLookup(names)), start);
      assert.equal(walk.kind === 'found' && organizationalDomain(start, walk.value).toString(), expected);
    });
  }
});

describe('records', () => {
  const cases: readonly (readonly [string, Partial<ReturnType<typeof parseDmarcRecord>>])[] = [
    [
      'v=DMARC1; p=reject',
      {
        p: 'reject',
        sp: undefined,
        np: undefined,
        adkim: 'r',
        aspf: 'r',
        testing: false,
        psd: 'u',
        applies: true,
      },
    ],
    [
      'v=DMARC1;p=Quarantine;SP=reject;np=none;adkim=s;aspf=S;t=y;psd=n',
      { p: 'quarantine', sp: 'reject', np: 'none', adkim: 's', aspf: 's', testing: true, psd: 'n' },
    ],
    ['v=DMARC1; p=rejekt', { p: 'none', applies: false }],
    [
      'v=DMARC1; p=reject; sp=rejekt; rua=mailto:a@example.com',
      { p: 'none', applies: true, rua: ['a@example.com'] },
    ],
    [
      'v=DMARC1; p=none; rua=mailto:a@example.com!10m, https://x.example/, mailto:b@example.com',
      { rua: ['a@example.com', 'b@example.com'] },
    ],
    ['v=DMARC1; p=reject; p=none; unknown=1; ;; =; broken', { p: 'reject' }],
  ];
  for (const [text, expected] of cases)
    test(text, () => assert.deepEqual({ ...parseDmarcRecord(text), ...expected }, parseDmarcRecord(text)));
});

describe('policies of mail that nobody vouches for', () => {
  const exists = { 'sub.example.com': ['A 192.0.2.9'] };
  const cases: readonly (readonly [string, ScriptedNames, string, string])[] = [
    [
      'the own domain: p',
      { '_dmarc.example.com': ['TXT v=DMARC1; p=reject; sp=none; np=none'] },
      'example.com',
      'fail reject',
    ],
    [
      'a name below: sp',
      { ...exists, '_dmarc.example.com': ['TXT v=DMARC1; p=none; sp=reject'] },
      'sub.example.com',
      'fail reject',
    ],
    [
      'a name that is not there: np',
      { '_dmarc.example.com': ['TXT v=DMARC1; p=none; sp=none; np=reject'] },
      'sub.example.com',
      'fail reject',
    ],
    [
      'a name that is there: not np',
      { ...exists, '_dmarc.example.com': ['TXT v=DMARC1; p=none; np=reject'] },
      'sub.example.com',
      'fail none',
    ],
    [
      'a test asks for one level less',
      { '_dmarc.example.com': ['TXT v=DMARC1; p=reject; t=y'] },
      'example.com',
      'fail quarantine',
    ],
    [
      'the public suffix, where nobody below has a record',
      { '_dmarc.com': ['TXT v=DMARC1; p=reject; psd=y'] },
      'example.com',
      'fail reject',
    ],
    [
      'two records are none',
      { '_dmarc.example.com': ['TXT v=DMARC1; p=reject', 'TXT v=DMARC1; p=none'] },
      'example.com',
      'none none',
    ],
    [
      'other texts do not count',
      { '_dmarc.example.com': ['TXT hello', 'TXT v=DMARC1; p=reject'] },
      'example.com',
      'fail reject',
    ],
    ['no record', {}, 'example.com', 'none none'],
    ['DNS fails', { '_dmarc.example.com': ['FAILURE'] }, 'example.com', 'temperror none'],
    [
      'SPF can not be looked up, and would have counted',
      { '_dmarc.example.com': ['TXT v=DMARC1; p=reject'], 'mail.example.com': ['FAILURE'] },
      'example.com',
      'temperror none',
    ],
  ];
  for (const [name, names, author, expected] of cases) {
    test(name, async () => {
      const envelope = { ...usualEnvelope, mailFrom: { localPart: 'a', domain: 'mail.example.com' } };
      const { dmarc } = await checkMessage(names, `From: <a@${author}>\n\nHello\n`, envelope);
      assert.equal(`${dmarc.result} ${dmarc.disposition}`, expected, dmarc.reason);
    });
  }
});

describe('RFC 9989 §4.4: alignment with SPF', () => {
  const spf = 'TXT v=spf1 ip4:192.0.2.1 -all';
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['the same domain', 'p=reject; aspf=s', 'example.com', 'pass'],
    ['a name below, relaxed', 'p=reject', 'mail.example.com', 'pass'],
    ['a name below, strict', 'p=reject; aspf=s', 'mail.example.com', 'fail'],
    ['another domain', 'p=reject', 'example.org', 'fail'],
    ['a name that only ends alike', 'p=reject', 'notexample.com', 'fail'],
    ['an organization of its own', 'p=reject', 'own.example.com', 'fail'],
  ];
  for (const [name, tags, sender, expected] of cases) {
    test(name, async () => {
      const names = {
        '_dmarc.example.com': [`TXT v=DMARC1; ${tags}`],
        '_dmarc.own.example.com': ['TXT v=DMARC1; p=none; psd=n'],
        [sender]: [spf],
      };
      const envelope = { ...usualEnvelope, mailFrom: { localPart: 'a', domain: sender } };
      const { dmarc } = await checkMessage(names, 'From: <a@example.com>\n\nHello\n', envelope);
      assert.equal(dmarc.result, expected, dmarc.reason);
    });
  }
});
