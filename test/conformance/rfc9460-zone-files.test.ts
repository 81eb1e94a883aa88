// RFC 9460 §2.1 and appendix A: service bindings as zone files write them, with all the quoting that is possible.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainName } from '../../src/dns/wire/name.ts';
import { parseZoneFile } from '../../src/dns/zonefile/zone-file-parser.ts';
import { lines } from '../support/dns-messages.ts';

const origin = domainName('example.com');

const cases: readonly (readonly [text: string, written: string])[] = [
  ['@ 7200 IN HTTPS 0 svc.example.net.', 'example.com. 7200 IN HTTPS 0 svc.example.net.'],
  ['@ 7200 IN HTTPS 0 svc', 'example.com. 7200 IN HTTPS 0 svc.example.com.'],
  [
    '_8443._foo.api 7200 IN SVCB 3 svc4 ( alpn="bar" port="8004" )',
    '_8443._foo.api.example.com. 7200 IN SVCB 3 svc4.example.com. alpn="bar" port=8004',
  ],
  [
    '@ 60 IN HTTPS 16 foo.example.org. (\n  alpn=h2,h3-19 mandatory=ipv4hint,alpn\n  ipv4hint=192.0.2.1 ; a comment\n)',
    'example.com. 60 IN HTTPS 16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1',
  ],
  [
    '@ 60 SVCB 1 . key667="two words; no comment"',
    'example.com. 60 IN SVCB 1 . key667="two words; no comment"',
  ],
  ['@ 60 SVCB 1 . key667=a\\"b\\;c\\ d', 'example.com. 60 IN SVCB 1 . key667="a\\"b;c d"'],
  ['@ 60 SVCB 1 . key667="a\\"b"', 'example.com. 60 IN SVCB 1 . key667="a\\"b"'],
  ['@ 60 SVCB 1 . alpn="part\\\\,1,p2"', 'example.com. 60 IN SVCB 1 . alpn="part\\\\,1,p2"'],
  ['@ 60 SVCB 1 . alpn=part\\\\,1,p2', 'example.com. 60 IN SVCB 1 . alpn="part\\\\,1,p2"'],
  ['@ 60 SVCB 1 . alpn="h2" no-default-alpn=""', 'example.com. 60 IN SVCB 1 . alpn="h2" no-default-alpn'],
  [
    '_dns 60 SVCB 1 dns alpn=h2 dohpath="/q{?dns}"',
    '_dns.example.com. 60 IN SVCB 1 dns.example.com. alpn="h2" dohpath="/q{?dns}"',
  ],
];

for (const [text, written] of cases) {
  test(text.split('\n')[0] ?? '', () => {
    const file = parseZoneFile({ name: 'test', text: `${text}\n` }, { origin });
    assert.ok(file.ok, file.ok ? '' : file.fault.map(({ message }) => message).join('\n'));
    assert.deepEqual(lines(file.value.records), [written]);
    const again = parseZoneFile({ name: 'again', text: written }, { origin });
    assert.deepEqual(again.ok && lines(again.value.records), [written]);
  });
}
