// The signatures that the RFCs of DNSSEC's algorithms give as examples: RFC 5702 §6, RFC 6605 §6, RFC 8080 §6 as corrected by erratum 4935.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysByDs, readDsSet } from '../../src/dns/dnssec/ds-set.ts';
import { verifyWithKeys } from '../../src/dns/dnssec/verify-rrset.ts';
import { WorkAllowance } from '../../src/dns/dnssec/work.ts';
import { KeyRing } from '../../src/dns/dnssec/zone-key.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrsig } from '../../src/dns/wire/rdata/rrsig.ts';
import { readRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { recordsOfText } from '../support/records.ts';

interface Example {
  readonly section: string;
  readonly zone: string;
  readonly dnskey: string;
  readonly ds?: string;
  readonly signed: string;
  readonly signature: string;
}

const examples: readonly Example[] = [
  {
    section: 'RFC 5702 §6.1, RSA/SHA-256',
    zone: 'example.net.',
    dnskey:
      '256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
    signed: 'www.example.net. 3600 IN A 192.0.2.91',
    signature:
      'A 8 3 3600 20300101000000 20000101000000 9033 example.net. kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
  },
  {
    section: 'RFC 5702 §6.2, RSA/SHA-512',
    zone: 'example.net.',
    dnskey:
      '256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL',
    signed: 'www.example.net. 3600 IN A 192.0.2.91',
    signature:
      'A 10 3 3600 20300101000000 20000101000000 3740 example.net. tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=',
  },
  {
    section: 'RFC 6605 §6.1, ECDSA P-256',
    zone: 'example.net.',
    dnskey:
      '257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    ds: '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
    signed: 'www.example.net. 3600 IN A 192.0.2.1',
    signature:
      'A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
  },
  {
    section: 'RFC 6605 §6.2, ECDSA P-384',
    zone: 'example.net.',
    dnskey:
      '257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
    ds: '10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6',
    signed: 'www.example.net. 3600 IN A 192.0.2.1',
    signature:
      'A 14 3 3600 20100909102025 20100812102025 10771 example.net. /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
  },
  {
    section: 'RFC 8080 §6.1, Ed25519',
    zone: 'example.com.',
    dnskey: '257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    ds: '3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
    signed: 'example.com. 3600 IN MX 10 mail.example.com.',
    signature:
      'MX 15 2 3600 1440021600 1438207200 3613 example.com. oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
  },
];

for (const { section, zone, dnskey, ds, signed, signature } of examples) {
  test(section, () => {
    const owner = domainName(zone);
    const ring = new KeyRing();
    const [key] = recordsOfText(owner, `${zone} 3600 IN DNSKEY ${dnskey}`);
    const [record] = recordsOfText(owner, signed);
    assert.ok(key !== undefined && record !== undefined);
    const [sig] = recordsOfText(owner, `${record.owner.toString()} 3600 IN RRSIG ${signature}`);
    assert.ok(sig !== undefined);
    const keys = ring.keysOf({ owner, type: rrType.DNSKEY, class: 1, ttl: 3600, rdatas: [key.rdata] });
    const work = new WorkAllowance(1, 1, 0);
    const rrset = { ...record, rdatas: [record.rdata] };
    const during = (readRdata(rrsig, sig.rdata)?.inception ?? 0) + 1;
    const verified = verifyWithKeys(rrset, [sig], keys, during, work);
    assert.ok(verified.ok, verified.ok ? '' : verified.fault.reason);
    if (ds === undefined) return;
    const [delegation] = recordsOfText(owner, `${zone} 3600 IN DS ${ds}`);
    const set = readDsSet(owner, [delegation?.rdata ?? new Uint8Array(0)], ring);
    assert.ok(set.kind === 'usable' && keysByDs(set, keys, work).ok);
  });
}
