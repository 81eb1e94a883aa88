// EDNS options, cookies, limits and CHAOS questions: whatever an OPT record holds is answered within the client's bounds, by no option
// that wasn't asked for, and a cookie that we gave is believed from the address that it was given to, and from no other.
import assert from 'node:assert/strict';
import { AnswerProtocol } from '../../../src/dns/protocol/answer-protocol.ts';
import { Authority } from '../../../src/dns/authority/authority.ts';
import { EdnsAnswer } from '../../../src/dns/protocol/edns-answer.ts';
import { cookieState } from '../../../src/dns/protocol/server-cookies.ts';
import { formatRcode, rrClass } from '../../../src/dns/wire/codes.ts';
import { ednsOption } from '../../../src/dns/wire/edns-option.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import type { Edns } from '../../../src/dns/wire/message.ts';
import { ZoneSet } from '../../../src/dns/zone/zone-set.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { queryFor, zoneFromText } from '../../support/dns-authority.ts';
import type { FuzzTarget } from '../target.ts';

const settings = {
  udpSize: 1232,
  identity: 'ns1.example',
  version: 'Signpost',
  cookieSecrets: [new Uint8Array(16).fill(7), new Uint8Array(16)],
};
const clock = new VirtualClock();
const zones = new ZoneSet([
  zoneFromText(
    'example.com.',
    `$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}\n`).join('')}`,
  ),
]);
function authorityWith(perSecond: number): Authority {
  const rateLimit = { perSecond, slip: 2, exempt: [] };
  return new Authority(zones, {
    protocol: new AnswerProtocol({ ...settings, rateLimit }, clock, seededRandom(1)),
  });
}
const authority = authorityWith(0);
const limited = authorityWith(2);
/** Reads cookies as another server with the same secrets. */
const other = new EdnsAnswer(settings, clock);

const cookie = new Uint8Array(8).fill(1);
const every = [
  { code: ednsOption.NSID, bytes: new Uint8Array(0) },
  { code: ednsOption.COOKIE, bytes: cookie },
  { code: ednsOption.KEEPALIVE, bytes: new Uint8Array(0) },
  { code: ednsOption.PADDING, bytes: new Uint8Array(9) },
  { code: ednsOption.EDE, bytes: new Uint8Array(2) },
  { code: 65001, bytes: new Uint8Array(30) },
];

export const target: FuzzTarget = {
  name: 'authority-options',
  seeds: [
    queryFor('example.com. SOA', { edns: { options: every } }),
    queryFor('many.example.com. A', { edns: { udpSize: 512, dnssecOk: true, options: every } }),
    queryFor('example.net. A', { edns: { options: every.slice(0, 2) } }),
    queryFor('version.bind. TXT', { class: rrClass.CH, edns: { options: every } }),
    queryFor('ns.example.com. A', {
      edns: { options: [{ code: 10, bytes: new Uint8Array(24).fill(1) }] },
    }),
    queryFor('ns.example.com. A', { edns: { version: 1, options: every } }),
  ],
  words: every.map(({ code, bytes }) => Uint8Array.of(0, code, 0, bytes.length, ...bytes)),
  run(input, random) {
    const transport = (['udp', 'tcp', 'tls'] as const)[random.below(3)] ?? 'udp';
    const response = authority.answer(input, transport, '192.0.2.99');
    clock.advance(random.below(3));
    // Whatever the limit makes of it, it is an answer that decodes.
    const slipped = limited.answer(input, transport, '192.0.2.99');
    if (slipped !== undefined) assert.ok(decodeMessage(slipped).ok);
    if (response === undefined) return;
    const answer = decodeMessage(response);
    assert.ok(answer.ok, answer.ok ? '' : answer.fault.reason);
    const query = decodeMessage(input);
    if (!query.ok) return;
    const { edns } = query.value;
    assert.equal(answer.value.edns !== undefined && edns === undefined, false, 'EDNS that nobody asked for');
    if (edns === undefined || answer.value.edns === undefined) return;
    if (edns.version > 0) assert.ok(['BADVERS', 'NOTIMP'].includes(formatRcode(answer.value.rcode)));
    checkOptions(edns, answer.value.edns, transport);
    if (answer.value.edns.options.some(({ code }) => code === ednsOption.PADDING))
      assert.equal(response.length % 468, 0);
    if (transport === 'udp') assert.ok(response.length <= Math.min(1232, Math.max(512, edns.udpSize)));
  },
};

function checkOptions(asked: Edns, told: Edns, transport: 'udp' | 'tcp' | 'tls'): void {
  assert.equal(told.version, 0);
  assert.equal(told.dnssecOk, asked.dnssecOk);
  const codes = told.options.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length, 'an option twice');
  for (const { code, bytes } of told.options) {
    if (code === ednsOption.EDE) continue;
    const first = asked.options.find((option) => option.code === code);
    assert.ok(first, `option ${code} that nobody asked for`);
    if (code === ednsOption.KEEPALIVE) assert.notEqual(transport, 'udp');
    if (code === ednsOption.PADDING) assert.equal(transport, 'tls');
    if (code !== ednsOption.COOKIE) continue;
    assert.deepEqual(bytes.subarray(0, 8), first.bytes.subarray(0, 8));
    assert.equal(stateOf(bytes, Uint8Array.of(192, 0, 2, 99)), cookieState.right);
    assert.equal(stateOf(bytes, Uint8Array.of(192, 0, 2, 98)), cookieState.wrong);
  }
}

function stateOf(bytes: Uint8Array, address: Uint8Array): number {
  const option = Uint8Array.of(0, ednsOption.COOKIE, 0, bytes.length, ...bytes);
  other.read(option, 0, option.length, 'udp', address, 0, address.length);
  return other.cookie;
}
