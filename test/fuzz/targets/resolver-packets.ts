// Queries that are anything, against the packets that the resolver's datagram threads answer from: what comes out is nothing, a whole response to
// that very query, or a word that the resolver is to be asked; and not an octet is written outside the room for it.
import assert from 'node:assert/strict';
import { AnswerProtocol } from '../../../src/dns/protocol/answer-protocol.ts';
import { notKept, PacketAnswers } from '../../../src/dns/resolver/packet-answers.ts';
import { PacketCache } from '../../../src/dns/resolver/packet-cache.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { AddressBlocks } from '../../../src/lib/address-blocks.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import type { FuzzTarget } from '../target.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''));
const question = '03777777076578616d706c6500 0001 0001';
const opt = '00 0029 04d0 00008000 0000';
const cookie = '00 0029 04d0 00000000 000c 000a0008 0102030405060708';
const seeds = [
  hex(`1234 0100 0001 0000 0000 0000 ${question}`),
  hex(`1234 0110 0001 0000 0000 0001 ${question} ${opt}`),
  hex(`1234 0120 0001 0000 0000 0001 ${question} ${cookie}`),
];
const settings = { udpSize: 1232, cookieSecrets: [new Uint8Array(16)] };
const clock = new VirtualClock();
const protocol = new AnswerProtocol(settings, clock, seededRandom(1));
const packets = PacketCache.make(200_000, seededRandom(1), () => 0);
const access = new AddressBlocks(['127.0.0.0/8']);
const answers = new PacketAnswers({ memory: packets.memory, protocol, access, now: () => 3000 });
const record = hex('c00c 0001 0001 00000e10 0004 c0000201');
const body = Uint8Array.from([...hex(`0000 8180 0001 0001 0000 0000 ${question}`), ...record]);
for (const dnssecOk of [false, true])
  for (const checkingDisabled of [false, true])
    packets.keep(
      {
        body,
        questionEnd: body.length - record.length,
        authentic: dnssecOk,
        dnssecOk,
        checkingDisabled,
        error: hex('0003 7374616c65'),
      },
      3600,
      0,
    );

const clients = [Uint8Array.of(127, 0, 0, 1), Uint8Array.of(192, 0, 2, 1), new Uint8Array(16)];
const room = 1232;
const guard = 64;
const out = new Uint8Array(guard + room + guard);

export const target: FuzzTarget = {
  name: 'resolver-packets',
  seeds,
  run(input, random) {
    const client = clients[random.below(clients.length)] ?? new Uint8Array(4);
    protocol.from('udp', client, 0, client.length);
    out.fill(0xa5);
    const before = input.slice();
    const length = answers.answer(input, 0, input.length, out, guard, room);
    assert.deepEqual(input, before);
    assert.ok(out.subarray(0, guard).every((octet) => octet === 0xa5));
    assert.ok(out.subarray(guard + room).every((octet) => octet === 0xa5));
    if (length === notKept || length === 0) return;
    assert.ok(length >= 12 && length <= room);
    const decoded = decodeMessage(out.slice(guard, guard + length));
    assert.ok(decoded.ok && decoded.value.response);
    assert.equal(decoded.value.id, ((input[0] ?? 0) << 8) | (input[1] ?? 0));
    for (const { ttl } of decoded.value.answers) assert.equal(ttl, 3597);
  },
};
