// Hostile requests to the desk: transfers, NOTIFY and whatever is signed, by UDP and TCP. Each is answered at most once, by messages that
// can be read, with the request's id; and a zone given out is whole.
import assert from 'node:assert/strict';
import { AuthorityService } from '../../../src/dns/desk/authority-service.ts';
import { AccessRules } from '../../../src/dns/desk/access.ts';
import { Desk } from '../../../src/dns/desk/desk.ts';
import { Authority } from '../../../src/dns/authority/authority.ts';
import { notifyHandler } from '../../../src/dns/notify/notify-receiver.ts';
import type { DnsClient } from '../../../src/dns/responder.ts';
import { TransferServer } from '../../../src/dns/transfer/out/transfer-server.ts';
import { signRequest, TsigResponseVerifier } from '../../../src/dns/tsig/tsig-client.ts';
import { TsigKeys } from '../../../src/dns/tsig/tsig-key.ts';
import type { TsigKey } from '../../../src/dns/tsig/tsig-key.ts';
import { opcode } from '../../../src/dns/wire/codes.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../../src/dns/wire/message.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { maxMessageLength } from '../../../src/dns/wire/writer.ts';
import { ZoneSet } from '../../../src/dns/zone/zone-set.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { ok } from '../../../src/lib/result.ts';
import { zoneFromText } from '../../support/dns-authority.ts';
import { hex, record, response } from '../../support/dns-messages.ts';
import { MemoryZoneKeeper } from '../../support/memory-zone-keeper.ts';
import type { FuzzTarget } from '../target.ts';

const key: TsigKey = {
  name: domainName('key.example'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
};
const clock = new VirtualClock();
const origin = domainName('example.com');
const soa = (serial: number) =>
  record(`example.com. 300 IN SOA ns.example.com. h.example.com. ${serial} 1 2 3 4`);
const hosts = Array.from({ length: 200 }, (_, i) => `host-${i} A 10.0.0.${i}`).join('\n');
const keeper = new MemoryZoneKeeper(
  new ZoneSet([
    zoneFromText('example.com.', `$TTL 300\n@ SOA ns h 1 1 2 3 4\n@ NS ns\nns A 192.0.2.1\n${hosts}\n`),
  ]),
);
await keeper.change(origin, () =>
  ok({ from: soa(1), to: soa(2), removed: [], added: [record('new.example.com. 300 IN A 192.0.2.7')] }),
);
const rules = AccessRules.compile([{ addresses: ['192.0.2.1'], key: undefined, tls: false }]);
assert.ok(rules.ok);
const access = rules.value;
const server = new TransferServer({ keeper, access: () => access, clock, log: silentLog });
const authority = new Authority(keeper.zones);
const service = new AuthorityService(
  authority,
  new Desk({
    keys: new TsigKeys([key]),
    handlers: {
      transfer: server.handle,
      notify: notifyHandler({
        zone: () => ({ origin, primaries: ['192.0.2.1'], notifyFrom: undefined }),
        notified: () => undefined,
        log: silentLog,
      }),
    },
    questions: authority,
    clock,
    log: silentLog,
  }),
);

const request: Message = { ...response(), response: false, authoritative: false };
const asks = (type: number, parts: Partial<Message> = {}): Uint8Array =>
  encodeMessage({ ...request, questions: [{ name: origin, type, class: 1 }], ...parts });
const seeds = [
  asks(rrType.AXFR),
  asks(rrType.IXFR, { authorities: [soa(1)] }),
  asks(rrType.IXFR, {
    authorities: [soa(2)],
    edns: { udpSize: 4096, version: 0, dnssecOk: true, options: [] },
  }),
  asks(rrType.SOA, { opcode: opcode.NOTIFY, answers: [soa(3)] }),
  asks(rrType.SOA, { opcode: opcode.UPDATE, authorities: [soa(3)] }),
  asks(rrType.A),
  // Its question's name ends in the header.
  hex('1234 2800 0001 0000 0000 0000 07 6578616d70c00c 01 68 c000 012c 001d'),
];

export const target: FuzzTarget = {
  name: 'dns-desk',
  seeds: [...seeds, ...seeds.map((seed) => signRequest(seed, key, clock.now()).bytes)],
  words: [hex('00fb 0001'), hex('00fc 0001'), hex('2000'), hex('2800'), hex('00fa 00ff 00000000')],
  testSteps: 1000,
  async run(input, random) {
    const from = { address: random.below(4) === 0 ? '198.51.100.1' : '192.0.2.1', port: 53 };
    const transport = (['udp', 'tcp', 'tls'] as const)[random.below(3)] ?? 'udp';
    await answer(input, { from, transport });
    if (input.length < 12 || input.length > maxMessageLength - 200) return;
    const { bytes, mac } = signRequest(input, key, clock.now());
    const verifier = new TsigResponseVerifier(key, mac);
    for (const message of await answer(bytes, { from, transport })) {
      // What couldn't be followed to its signature is refused without one; all else is signed.
      const code = (message[3] ?? 0) & 15;
      const taken = verifier.push(message, clock.now());
      assert.ok(
        taken.ok || code === 1 || code === 4 || code === 9,
        taken.ok ? '' : `${code}: ${taken.fault.reason}`,
      );
    }
  },
};

async function answer(bytes: Uint8Array, client: DnsClient): Promise<readonly Uint8Array[]> {
  const messages: Uint8Array[] = [];
  let replies = 0;
  let streaming: Promise<void> | undefined;
  service.respond(bytes, client, (given) => {
    replies += 1;
    if (given instanceof Uint8Array) messages.push(given);
    else streaming = gather(given, messages);
  });
  await clock.advanceAsync(1);
  await streaming;
  assert.ok(replies <= 1);
  let records = 0;
  for (const message of messages) {
    const decoded = decodeMessage(message);
    assert.ok(decoded.ok, decoded.ok ? '' : decoded.fault.reason);
    assert.ok(decoded.value.response && decoded.value.id === ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0));
    if (client.transport === 'udp') assert.ok(message.length <= 1232);
    records += decoded.value.answers.length;
  }
  if (streaming !== undefined) assert.ok(records === 5 || records === 205, `${records} records`);
  return messages;
}

async function gather(stream: AsyncIterable<Uint8Array>, into: Uint8Array[]): Promise<void> {
  for await (const message of stream) into.push(message);
}
