import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  zoneOctets,
  asked,
  inName,
  inZone,
  inOrg,
  inRoot,
  address,
  answer,
  nxdomain,
  a,
  ns,
  signature,
  soa,
  nsec,
  opt,
  readingOf,
  replyTo,
  longLabels,
  forA,
} from '../../../test/support/plain-questions.ts';
import {
  long,
  nameOctets,
  optRecord,
  pointer,
  rawRecord,
  rrsigData,
  soaData,
  wide,
} from '../../../test/support/raw-replies.ts';
import type { RawReply } from '../../../test/support/raw-replies.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { rrType } from '../wire/rr-type.ts';
import type { PlainQuestion } from './plain-reply.ts';

suite('what is a reply, but not so plain', () => {
  const rdata = (type: number, data: Uint8Array): readonly [PlainQuestion, RawReply] => [
    asked(type),
    { flags: answer, answers: [rawRecord(inName, type, 300, data)] },
  ];
  const soaOf = (data: Uint8Array): RawReply => ({
    flags: answer,
    authorities: [rawRecord(inZone, rrType.SOA, 300, data)],
  });
  const root = Uint8Array.of(0);
  const label = Uint8Array.of(4, 0x6d, 0x61, 0x69, 0x6c);
  const cname = rawRecord(inName, rrType.CNAME, 300, inZone);
  const withSignature = (data: Uint8Array): RawReply => ({
    flags: answer,
    answers: [a(), rawRecord(inName, rrType.RRSIG, 300, data)],
  });
  const goodSignature = rrsigData(rrType.A, 3, zoneOctets);
  const forMx = asked(rrType.MX);
  const mx = (name: Uint8Array, preference = 10): Uint8Array =>
    rawRecord(inName, rrType.MX, 300, concatBytes([wide(preference), name]));
  const forPtr = asked(rrType.PTR);
  const ptr = (name: Uint8Array): Uint8Array => rawRecord(inName, rrType.PTR, 300, name);
  const cases: Readonly<Record<string, readonly [PlainQuestion, RawReply]>> = {
    'TC is set': [forA, { flags: answer | 0x200, answers: [a()] }],
    'AA is not set': [forA, { flags: 0x8000, answers: [a()] }],
    'AA is not set on a denial': [forA, { flags: 0x8003, authorities: [soa()] }],
    'an answer with NXDOMAIN': [forA, { flags: nxdomain, answers: [a()] }],
    'an answer with SERVFAIL': [forA, { flags: answer | 2, answers: [a()] }],
    'a SOA with SERVFAIL': [forA, { flags: answer | 2, authorities: [soa()] }],
    'a SOA with REFUSED': [forA, { flags: answer | 5, authorities: [soa()] }],
    'nothing at all': [forA, { flags: answer, additionals: [opt] }],
    'no such name, and no SOA': [forA, { flags: nxdomain }],
    'a referral': [forA, { flags: answer, authorities: [ns()] }],

    'a record more than is told': [forA, { flags: answer, answers: [a(), a(2)], counts: [1, 1, 0, 0] }],
    'a record fewer than is told': [forA, { flags: answer, answers: [a()], counts: [1, 2, 0, 0] }],
    'more records than are read': [forA, { flags: answer, answers: [a()], counts: [1, 1, 0, 0xffff] }],
    'an octet behind the end': [forA, { flags: answer, answers: [a()], tail: Uint8Array.of(0) }],
    'seventeen records': [forA, { flags: answer, answers: Array.from({ length: 17 }, (_, i) => a(i)) }],
    'sixty-five records in all': [
      forA,
      { flags: answer, answers: [a()], authorities: Array.from({ length: 64 }, () => ns()) },
    ],

    'an owner written out': [
      forA,
      { flags: answer, answers: [a(1, 300, forA.sent.subarray(12, forA.questionEnd - 4))] },
    ],
    'another owner': [forA, { flags: answer, answers: [a(1, 300, inZone)] }],
    'another owner after the first': [forA, { flags: answer, answers: [a(), a(2, 300, inZone)] }],
    'another class': [
      forA,
      { flags: answer, answers: [rawRecord(inName, rrType.A, 300, Uint8Array.of(0, 0, 0, 3), 3)] },
    ],
    'a CNAME in front': [forA, { flags: answer, answers: [cname, a()] }],
    'a CNAME alone': [forA, { flags: answer, answers: [cname] }],
    'a record of another type between': [forA, { flags: answer, answers: [a(), cname, a(2)] }],
    'a record of another type behind': [forA, { flags: answer, answers: [a(), cname] }],
    'the same data twice': [forA, { flags: answer, answers: [a(), a(2), a()] }],
    'the same text twice': [
      asked(rrType.TXT),
      {
        flags: answer,
        answers: [1, 2].map((ttl) => rawRecord(inName, rrType.TXT, ttl, Uint8Array.of(1, 9))),
      },
    ],
    'one mail server in two spellings': [
      forMx,
      { flags: answer, answers: [mx(concatBytes([label, inZone])), mx(nameOctets('MAIL.example.ORG.'))] },
    ],
    'one mail server as pointers to both ends of the name': [
      forMx,
      { flags: answer, answers: [mx(nameOctets('www.example.org.')), mx(inName)] },
    ],
    'one name in two spellings': [
      forPtr,
      { flags: answer, answers: [ptr(concatBytes([label, inOrg])), ptr(nameOctets('mail.org.'))] },
    ],

    'a signature alone': [forA, { flags: answer, answers: [signature(rrType.A)] }],
    'a signature in front': [forA, { flags: answer, answers: [signature(rrType.A), a()] }],
    'a signature between': [forA, { flags: answer, answers: [a(), signature(rrType.A), a(2)] }],
    'a signature of a wildcard': [forA, { flags: answer, answers: [a(), signature(rrType.A, 2)] }],
    'a signature of more labels': [forA, { flags: answer, answers: [a(), signature(rrType.A, 4)] }],
    'a signature over another type': [forA, { flags: answer, answers: [a(), signature(rrType.AAAA)] }],
    'a signature of another owner': [forA, { flags: answer, answers: [a(), signature(rrType.A, 3, inZone)] }],
    'a signature of another class': [
      forA,
      { flags: answer, answers: [a(), rawRecord(inName, rrType.RRSIG, 300, goodSignature, 3)] },
    ],
    'a signature without signer': [forA, withSignature(goodSignature.slice(0, 18))],
    'a signature whose signer is cut off': [forA, withSignature(goodSignature.slice(0, 24))],
    'a signature whose signer is all there is': [
      forA,
      withSignature(goodSignature.slice(0, 18 + zoneOctets.length)),
    ],
    'a signature whose signer is compressed': [forA, withSignature(rrsigData(rrType.A, 3, inZone))],
    'its signature among the authorities': [
      forA,
      { flags: answer, answers: [a()], authorities: [signature(rrType.A)] },
    ],
    'its signature among the authorities, perhaps': [
      forA,
      {
        flags: answer,
        answers: [a()],
        authorities: [signature(rrType.A, 3, nameOctets('www.example.org.'))],
      },
    ],
    'an NSEC beside it': [forA, { flags: answer, answers: [a()], authorities: [nsec()] }],
    'an NSEC3 beside it': [
      forA,
      {
        flags: answer,
        answers: [a()],
        authorities: [rawRecord(inZone, rrType.NSEC3, 60, new Uint8Array(30))],
      },
    ],
    'an NSEC among the last': [forA, { flags: answer, answers: [a()], additionals: [nsec()] }],
    'a TSIG': [
      forA,
      { flags: answer, answers: [a()], additionals: [rawRecord(root, rrType.TSIG, 0, address, 255)] },
    ],

    'an address of three octets': rdata(rrType.A, address.slice(0, 3)),
    'an address of five octets': rdata(rrType.A, concatBytes([address, root])),
    'an IPv6 address of fifteen octets': rdata(rrType.AAAA, new Uint8Array(15)),
    'an IPv6 address of four octets': rdata(rrType.AAAA, address),
    'a text of no string': rdata(rrType.TXT, new Uint8Array(0)),
    'a string that is longer than the text': rdata(rrType.TXT, Uint8Array.of(2, 0x61)),
    'a last string that is longer than the text': rdata(rrType.TXT, Uint8Array.of(0, 1)),
    'a mail server without a name': rdata(rrType.MX, wide(10)),
    'a mail server of one octet': rdata(rrType.MX, root),
    'something behind the name of a mail server': rdata(rrType.MX, concatBytes([wide(10), inZone, root])),
    'a name that doesn’t end': rdata(rrType.PTR, label),
    'a name that ends in half a pointer': rdata(rrType.PTR, concatBytes([label, Uint8Array.of(0xc0)])),
    'something behind a name': rdata(rrType.PTR, concatBytes([inZone, root])),
    'a pointer into the middle of a label': rdata(rrType.PTR, pointer(13)),
    'a pointer into the header': rdata(rrType.PTR, pointer(4)),
    'a pointer behind the name': rdata(rrType.PTR, pointer(29)),
    'a pointer to the type': rdata(rrType.PTR, pointer(31)),
    'a pointer to itself': rdata(rrType.PTR, pointer(forPtr.questionEnd + 12)),
    'a pointer to its own label': rdata(rrType.PTR, concatBytes([label, pointer(forPtr.questionEnd + 12)])),
    'a pointer to its owner': rdata(rrType.PTR, pointer(forPtr.questionEnd)),
    'a pointer to behind the message': rdata(rrType.PTR, pointer(0x3fff)),
    'a pointer into the record before': [
      forMx,
      {
        flags: answer,
        answers: [mx(nameOctets('mail.example.test.')), mx(pointer(forMx.questionEnd + 14), 20)],
      },
    ],
    'a label of 64 octets': rdata(
      rrType.PTR,
      concatBytes([Uint8Array.of(64), new Uint8Array(64).fill(0x61), root]),
    ),
    'a label of the extended kind': rdata(rrType.PTR, concatBytes([Uint8Array.of(0x81, 1), root])),
    'a name of 256 octets': rdata(
      rrType.PTR,
      concatBytes([longLabels, Uint8Array.of(62), new Uint8Array(62).fill(0x6c), root]),
    ),
    'a name that is 256 octets with what it points to': rdata(
      rrType.PTR,
      concatBytes([longLabels, Uint8Array.of(50), new Uint8Array(50).fill(0x6c), inZone]),
    ),
    'a type that isn’t taken': rdata(rrType.SRV, concatBytes([wide(1, 2, 3), nameOctets('a.test.')])),

    'a SOA that isn’t the first': [forA, { flags: answer, authorities: [ns(), soa()] }],
    'a SOA in the wrong section': [forA, { flags: answer, answers: [soa()] }],
    'a SOA among the last': [forA, { flags: nxdomain, additionals: [soa()] }],
    'a SOA of another class': [
      forA,
      {
        flags: answer,
        authorities: [rawRecord(inZone, rrType.SOA, 300, soaData(root, root, 60), 3)],
      },
    ],
    'the SOA of another zone': [forA, { flags: answer, authorities: [soa(nameOctets('example.test.'))] }],
    'the SOA of the zone above': [forA, { flags: answer, authorities: [soa(inOrg)] }],
    'the SOA of the root': [forA, { flags: answer, authorities: [soa(root)] }],
    'the SOA of the root, as a pointer': [forA, { flags: answer, authorities: [soa(inRoot)] }],
    'the SOA of a name below the question': [
      forA,
      { flags: answer, authorities: [soa(concatBytes([label, inName]))] },
    ],
    'the SOA of a zone that is written out': [forA, { flags: answer, authorities: [soa(zoneOctets)] }],
    'a SOA that points into the middle of a label': [
      forA,
      { flags: answer, authorities: [soa(pointer(13))] },
    ],
    'a SOA that points into the header': [forA, { flags: answer, authorities: [soa(pointer(2))] }],
    'a SOA that points behind the question': [
      forA,
      { flags: answer, authorities: [soa(pointer(forA.questionEnd))] },
    ],
    'a SOA without numbers': [forA, soaOf(concatBytes([root, root]))],
    'a SOA of four numbers': [forA, soaOf(concatBytes([root, root, long(1), long(1), long(1), long(1)]))],
    'a SOA with an octet more': [forA, soaOf(concatBytes([soaData(root, root, 1), root]))],
    'a SOA whose first name points elsewhere': [
      forA,
      soaOf(soaData(pointer(forA.questionEnd + 12), root, 1)),
    ],
    'a SOA whose second name points to the first': [
      forA,
      soaOf(soaData(nameOctets('ns.test.'), pointer(forA.questionEnd + 12), 1)),
    ],
    'a SOA whose name doesn’t end': [forA, soaOf(new Uint8Array(30).fill(40))],

    'two OPT records': [forA, { flags: answer, answers: [a()], additionals: [opt, opt] }],
    'an OPT record among the answers': [forA, { flags: answer, answers: [a(), opt] }],
    'an OPT record among the authorities': [forA, { flags: answer, answers: [a()], authorities: [opt] }],
    'an OPT record of a name': [
      forA,
      { flags: answer, answers: [a()], additionals: [optRecord(root.slice(1), inName)] },
    ],
    'an extended response code': [
      forA,
      { flags: answer, answers: [a()], additionals: [optRecord(root.slice(1), root, 0x0100)] },
    ],
    'another version of EDNS': [
      forA,
      { flags: answer, answers: [a()], additionals: [optRecord(root.slice(1), root, 1)] },
    ],
    'half an option': [forA, { flags: answer, answers: [a()], additionals: [optRecord(wide(3))] }],
    'an option that is longer than its record': [
      forA,
      { flags: answer, answers: [a()], additionals: [optRecord(wide(3, 1))] },
    ],
  };
  for (const [title, [question, reply]] of Object.entries(cases))
    test(title, () => assert.equal(readingOf(question, replyTo(question, reply)), 'other'));
});
