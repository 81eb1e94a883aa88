// The domains of the signed lab: how each is signed by Debian's tools, what is broken in it afterwards, and what a validator must say.
import type { SignedLine } from './signed-line.ts';
import { byType, changeRdata, changeSignature, moveSignature, without } from './signed-line.ts';

export type Verdict = 'secure' | 'insecure' | 'bogus';

export interface Question {
  /** Relative to the zone; '' is the zone itself. A last dot makes it absolute. */
  readonly name: string;
  readonly type: string;
  readonly verdict: Verdict;
  /** Where Unbound or BIND, in Debian's version, say something else, and why we side with nobody else. */
  readonly differs?: {
    readonly unbound?: Verdict;
    readonly bind?: Verdict;
    readonly why: string;
  };
}

export interface ZoneCase {
  /** One label, below `com` or `org`. */
  readonly name: string;
  readonly parent: 'com' | 'org';
  /** What is wrong with it, or what it shows. */
  readonly about: string;
  /** Algorithm of `dnssec-keygen`; 'none': the zone isn't signed. */
  readonly algorithm: string;
  readonly tool: 'dnssec-signzone' | 'ldns-signzone';
  /** Further arguments of the tool. */
  readonly options: readonly string[];
  /** Further lines of the zone. */
  readonly records: readonly string[];
  /** What is done to the signed zone. */
  readonly edit: (lines: readonly SignedLine[], others: Others) => readonly SignedLine[];
  /** What the parent says of it, out of the right DS records. */
  readonly ds: (right: readonly string[], others: Others) => readonly string[];
  readonly ask: readonly Question[];
}

/** What may be borrowed of another zone of the lab: its DS records and its signed lines. */
export interface Others {
  ds(zone: string): readonly string[];
}

const plain: Omit<ZoneCase, 'name' | 'about' | 'ask'> = {
  parent: 'com',
  algorithm: 'ECDSAP256SHA256',
  tool: 'dnssec-signzone',
  options: [],
  records: [],
  edit: (lines) => lines,
  ds: (right) => right,
};

const address = (verdict: Verdict): readonly Question[] => [{ name: 'www', type: 'A', verdict }];

/** Answers and denials of every kind. */
const everything: readonly Question[] = [
  { name: '', type: 'SOA', verdict: 'secure' },
  { name: '', type: 'DNSKEY', verdict: 'secure' },
  { name: 'www', type: 'A', verdict: 'secure' },
  { name: 'www', type: 'AAAA', verdict: 'secure' },
  { name: 'ent', type: 'A', verdict: 'secure' },
  { name: 'none', type: 'A', verdict: 'secure' },
  { name: 'none.ent', type: 'A', verdict: 'secure' },
  { name: 'none.www', type: 'A', verdict: 'secure' },
  { name: 'any.wild', type: 'A', verdict: 'secure' },
  { name: 'any.wild', type: 'TXT', verdict: 'secure' },
  { name: 'so.any.wild', type: 'A', verdict: 'secure' },
  { name: 'alias', type: 'A', verdict: 'secure' },
  { name: 'alias.wild', type: 'MX', verdict: 'secure' },
  { name: 'here.moved', type: 'A', verdict: 'secure' },
  { name: 'plain', type: 'DS', verdict: 'secure' },
  { name: 'www.plain', type: 'A', verdict: 'insecure' },
];

/** What an opt-out span must cover to be denied or expanded: it may exist unsigned, so nothing about it is proved (RFC 5155 §9.2). */
const unproved = [
  'none',
  'none.ent',
  'none.www',
  'any.wild',
  'so.any.wild',
  'alias.wild',
  'here.moved',
  'plain',
];

/** BIND calls denials by opt-out spans validated; RFC 5155 §9.2 forbids the AD bit for them. */
const bindDiffers = (name: string, type: string): boolean =>
  unproved.includes(name) && !(type === 'A' && ['any.wild', 'so.any.wild', 'here.moved'].includes(name));

const optOut: readonly Question[] = everything.map((question) =>
  unproved.includes(question.name)
    ? {
        ...question,
        verdict: 'insecure',
        ...(bindDiffers(question.name, question.type) && {
          differs: { bind: 'secure', why: 'RFC 5155 §9.2: no AD for what an opt-out span covers' },
        }),
      }
    : question,
);

const algorithms = ['RSASHA256', 'RSASHA512', 'ECDSAP256SHA256', 'ECDSAP384SHA384', 'ED25519', 'ED448'];

const secure: readonly ZoneCase[] = [
  ...algorithms.map((algorithm) => ({
    ...plain,
    name: algorithm.toLowerCase(),
    about: `signed with ${algorithm}`,
    algorithm,
    ask: [
      ...address('secure'),
      { name: 'none', type: 'A', verdict: 'secure' as const },
      { name: 'www', type: 'AAAA', verdict: 'secure' as const },
    ],
  })),
  { ...plain, name: 'nsec', about: 'NSEC, all kinds of answers', ask: everything },
  { ...plain, name: 'nsec3', about: 'NSEC3, all kinds', options: ['-3', '-', '-H', '0'], ask: everything },
  {
    ...plain,
    name: 'salted',
    about: 'NSEC3 with salt, 50 times',
    options: ['-3', 'ABCD', '-H', '50'],
    ask: everything,
  },
  {
    ...plain,
    name: 'optout',
    about: 'NSEC3 with opt-out',
    options: ['-3', '-', '-H', '0', '-A'],
    ask: optOut,
  },
  { ...plain, name: 'ldns', about: 'NSEC by ldns-signzone', tool: 'ldns-signzone', ask: everything },
  {
    ...plain,
    name: 'ldns3',
    about: 'NSEC3 by ldns-signzone',
    tool: 'ldns-signzone',
    options: ['-n', '-t', '1', '-s', 'AB12'],
    ask: everything,
  },
  { ...plain, name: 'underorg', parent: 'org', about: 'below a parent with NSEC', ask: everything },
  {
    ...plain,
    name: 'standby',
    about: 'a DS record for a key that is not published yet',
    ds: (right, others) => [...right, ...others.ds('other')],
    ask: address('secure'),
  },
  {
    ...plain,
    name: 'newdigest',
    about: 'one DS record with an unknown digest, one with a known one',
    ds: (right) => [...right, ...right.map((ds) => ds.replace(/ 2 (\S+)$/, ' 250 $1'))],
    ask: address('secure'),
  },
  { ...plain, name: 'other', about: 'whose keys others borrow', ask: address('secure') },
  {
    ...plain,
    name: 'leads',
    about: 'aliases to zones of every kind',
    records: [
      'tosecure CNAME www.other.com.',
      'tounsigned CNAME www.unsigned.com.',
      'tobogus CNAME www.expired.com.',
      'tonothing CNAME none.nsec.com.',
      'tree DNAME nsec3.com.',
      'forest DNAME unsigned.com.',
    ],
    ask: [
      { name: 'tosecure', type: 'A', verdict: 'secure' },
      { name: 'tounsigned', type: 'A', verdict: 'insecure' },
      { name: 'tobogus', type: 'A', verdict: 'bogus' },
      { name: 'tonothing', type: 'A', verdict: 'secure' },
      { name: 'www.tree', type: 'A', verdict: 'secure' },
      { name: 'x.wild.tree', type: 'A', verdict: 'secure' },
      { name: 'www.forest', type: 'A', verdict: 'insecure' },
    ],
  },
];

const insecure: readonly ZoneCase[] = [
  {
    ...plain,
    name: 'unsigned',
    about: 'not signed',
    algorithm: 'none',
    ask: [...address('insecure'), { name: 'none', type: 'A', verdict: 'insecure' }],
  },
  {
    ...plain,
    name: 'unsigned',
    parent: 'org',
    about: 'not signed, below NSEC',
    algorithm: 'none',
    ask: [...address('insecure'), { name: '', type: 'DS', verdict: 'secure' }],
  },
  { ...plain, name: 'island', about: 'signed, but without DS', ds: () => [], ask: address('insecure') },
  {
    ...plain,
    name: 'islandbroken',
    about: 'signed wrongly, but without DS',
    ds: () => [],
    edit: changeRdata('www', 'A', () => '192.0.2.66'),
    ask: address('insecure'),
  },
  {
    ...plain,
    name: 'newalgorithm',
    about: 'DS for an unknown algorithm alone',
    ds: (right) => right.map((ds) => ds.replace(/ 13 2 /, ' 250 2 ')),
    ask: address('insecure'),
  },
  {
    ...plain,
    name: 'onlynewdigest',
    about: 'DS with an unknown digest alone',
    ds: (right) => right.map((ds) => ds.replace(/ 2 (\S+)$/, ' 250 $1')),
    ask: address('insecure'),
  },
  {
    ...plain,
    name: 'iterated',
    about: 'NSEC3 with 100 more iterations',
    options: ['-3', '-', '-H', '100'],
    ask: [
      ...address('secure'),
      {
        name: 'none',
        type: 'A',
        verdict: 'insecure',
        differs: {
          unbound: 'secure',
          bind: 'secure',
          why: 'RFC 9276 §3.2 lets a validator choose the limit: theirs is 150, ours 50, as in their later versions',
        },
      },
    ],
  },
  {
    ...plain,
    name: 'muchiterated',
    about: 'NSEC3 with 151 more iterations',
    tool: 'ldns-signzone',
    options: ['-n', '-t', '151', '-s', 'AB'],
    ask: [...address('secure'), { name: 'none', type: 'A', verdict: 'insecure' }],
  },
];

const bogus: readonly ZoneCase[] = [
  {
    ...plain,
    name: 'expired',
    about: 'signatures expired',
    options: ['-s', '20200101000000', '-e', '20200201000000'],
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'notyet',
    about: 'signatures not valid yet',
    options: ['-s', '20350101000000', '-e', '20360101000000'],
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'keyexpired',
    about: 'the signature of the keys expired, no other',
    options: ['-X', '20200201000000', '-s', '20200101000000', '-e', '20360101000000'],
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'wrongds',
    about: 'DS of another zone’s key',
    ds: (_right, others) => others.ds('other'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'wrongdigest',
    about: 'a digest with one digit changed',
    ds: (right) => right.map((ds) => ds.slice(0, -1) + (ds.endsWith('0') ? '1' : '0')),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'dsalgorithm',
    about: 'DS with another algorithm than its key',
    ds: (right) => right.map((ds) => ds.replace(/ 13 2 /, ' 8 2 ')),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'dsbutunsigned',
    about: 'DS, but the zone is not signed',
    algorithm: 'none',
    ds: (_right, others) => others.ds('other'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'nosignature',
    about: 'the signature of www taken out',
    edit: without('www', 'A'),
    ask: [...address('bogus'), { name: '', type: 'SOA', verdict: 'secure' }],
  },
  {
    ...plain,
    name: 'nosignatures',
    about: 'all signatures taken out',
    edit: (lines) => lines.filter(({ type }) => type !== 'RRSIG'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'nokeysignature',
    about: 'the signature of the keys taken out',
    edit: without('', 'DNSKEY'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'nokeys',
    about: 'the keys taken out',
    edit: (lines) => lines.filter((line) => line.type !== 'DNSKEY' && line.covered !== 'DNSKEY'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'changed',
    about: 'the address changed after signing',
    edit: changeRdata('www', 'A', () => '192.0.2.66'),
    ask: [...address('bogus'), { name: 'www', type: 'AAAA', verdict: 'secure' }],
  },
  {
    ...plain,
    name: 'added',
    about: 'an address added after signing',
    edit: (lines) =>
      lines.flatMap((line) =>
        line.owner.startsWith('www.') && line.type === 'A'
          ? [line, { ...line, rdata: '192.0.2.66' }]
          : [line],
      ),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'fewlabels',
    about: 'a signature that says it is a wildcard’s',
    edit: changeSignature('www', 'A', 2, '2'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'manylabels',
    about: 'a signature with more labels than its name',
    edit: changeSignature('www', 'A', 2, '9'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'othersigner',
    about: 'signed in the name of the parent',
    edit: changeSignature('www', 'A', 7, 'com.'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'strangesigner',
    about: 'signed in the name of a sibling',
    edit: changeSignature('www', 'A', 7, 'other.com.'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'othertag',
    about: 'a signature with another key tag',
    edit: changeSignature('www', 'A', 6, '1'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'otheralgorithm',
    about: 'a signature with another algorithm',
    edit: changeSignature('www', 'A', 1, '8'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'otherttl',
    about: 'a signature with another original TTL',
    edit: changeSignature('www', 'A', 3, '301'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'prolonged',
    about: 'an expired signature with a later date written in',
    options: ['-s', '20200101000000', '-e', '20200201000000'],
    edit: (lines) =>
      lines.map((line) => ({ ...line, rdata: line.rdata.replace(' 20200201000000 ', ' 20360101000000 ') })),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'backwards',
    about: 'a signature that ends before it begins',
    options: ['-s', '20360101000000', '-e', '20360201000000'],
    edit: (lines) =>
      lines.map((line) => ({ ...line, rdata: line.rdata.replace(' 20360201000000 ', ' 20250201000000 ') })),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'moved',
    about: 'a signature of another name',
    edit: moveSignature('ns', 'www', 'A'),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'nozonebit',
    about: 'keys that are not a zone’s',
    edit: (lines) =>
      lines.map((line) =>
        line.type === 'DNSKEY' ? { ...line, rdata: line.rdata.replace(/^257 /, '1 ') } : line,
      ),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'protocol',
    about: 'keys of another protocol',
    edit: (lines) =>
      lines.map((line) =>
        line.type === 'DNSKEY' ? { ...line, rdata: line.rdata.replace(/^257 3 /, '257 4 ') } : line,
      ),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'revoked',
    about: 'a key with the bit that revokes it',
    edit: (lines) =>
      lines.map((line) =>
        line.type === 'DNSKEY' ? { ...line, rdata: line.rdata.replace(/^257 /, '385 ') } : line,
      ),
    ask: address('bogus'),
  },
  {
    ...plain,
    name: 'nonsec',
    about: 'denials without NSEC',
    edit: (lines) => lines.filter((line) => line.type !== 'NSEC' && line.covered !== 'NSEC'),
    ask: [
      ...address('secure'),
      { name: 'none', type: 'A', verdict: 'bogus' },
      { name: 'www', type: 'AAAA', verdict: 'bogus' },
      { name: 'any.wild', type: 'A', verdict: 'bogus' },
    ],
  },
  {
    ...plain,
    name: 'nonsecsignature',
    about: 'NSEC without signatures',
    edit: (lines) => lines.filter((line) => line.covered !== 'NSEC'),
    ask: [
      ...address('secure'),
      { name: 'none', type: 'A', verdict: 'bogus' },
      { name: 'www', type: 'AAAA', verdict: 'bogus' },
    ],
  },
  {
    ...plain,
    name: 'nonsec3',
    about: 'denials without NSEC3',
    options: ['-3', '-', '-H', '0'],
    edit: byType('NSEC3'),
    ask: [
      ...address('secure'),
      { name: 'none', type: 'A', verdict: 'bogus' },
      { name: 'www', type: 'AAAA', verdict: 'bogus' },
    ],
  },
  {
    ...plain,
    name: 'wrongrange',
    about: 'NSEC that claims a wider range',
    edit: (lines) =>
      lines.map((line) =>
        line.type === 'NSEC' && line.owner.startsWith('ns.')
          ? { ...line, rdata: line.rdata.replace(/^\S+/, 'zzz.wrongrange.com.') }
          : line,
      ),
    ask: [{ name: 'o', type: 'A', verdict: 'bogus' }],
  },
  {
    ...plain,
    name: 'typesadded',
    about: 'NSEC with another list of types',
    edit: (lines) =>
      lines.map((line) =>
        line.type === 'NSEC' && line.owner.startsWith('www.')
          ? { ...line, rdata: line.rdata.replace(' A ', ' A MX ') }
          : line,
      ),
    ask: [{ name: 'www', type: 'TXT', verdict: 'bogus' }],
  },
  {
    ...plain,
    name: 'nosoasignature',
    about: 'denials whose SOA is not signed',
    edit: without('', 'SOA'),
    ask: [...address('secure'), { name: '', type: 'SOA', verdict: 'bogus' }],
  },
  {
    ...plain,
    name: 'noaliassignature',
    about: 'an alias that is not signed',
    edit: without('alias', 'CNAME'),
    ask: [{ name: 'alias', type: 'A', verdict: 'bogus' }],
  },
  {
    ...plain,
    name: 'turnedalias',
    about: 'an alias that leads elsewhere than it was signed',
    edit: changeRdata('alias', 'CNAME', () => 'www.other.com.'),
    ask: [{ name: 'alias', type: 'A', verdict: 'bogus' }],
  },
  {
    ...plain,
    name: 'notdname',
    about: 'a DNAME that was changed',
    edit: changeRdata('moved', 'DNAME', () => 'other.com.'),
    ask: [{ name: 'www.moved', type: 'A', verdict: 'bogus' }],
  },
  {
    ...plain,
    name: 'dstaken',
    about: 'its DS records taken out of the signed parent',
    ask: address('bogus'),
  },
  { ...plain, name: 'dsunsigned', about: 'the signature of its DS records taken out', ask: address('bogus') },
  {
    ...plain,
    name: 'optoutabuse',
    parent: 'com',
    about: 'its DS and NSEC3 taken out, so that an opt-out span seems to cover it',
    ask: address('bogus'),
  },
];

export const zoneCases: readonly ZoneCase[] = [...secure, ...insecure, ...bogus];
