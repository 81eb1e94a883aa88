// What a primary sends by AXFR and IXFR: whatever it is, only records of the zone come out, and steps that lead on without a gap.
import assert from 'node:assert/strict';
import { serialOf, TransferDecoder } from '../../../src/dns/transfer/in/transfer-decoder.ts';
import type { TransferQuestion } from '../../../src/dns/transfer/in/transfer-decoder.ts';
import { DnsFrameDecoder, frameMessage } from '../../../src/dns/wire/frame-decoder.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { isLater } from '../../../src/dns/wire/serial-arithmetic.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';
import { record, response } from '../../support/dns-messages.ts';
import type { FuzzTarget } from '../target.ts';

const origin = domainName('example.com.');
const since = 5;

function soa(serial: number): string {
  return `example.com. 300 IN SOA ns.example.com. h.example.com. ${serial} 60 30 90 5`;
}

/** Each list of lines is a message. */
function stream(type: number, messages: readonly (readonly string[])[]): Uint8Array {
  const questions = [{ name: origin, type, class: 1 }];
  return concatBytes(
    messages.map((each) => frameMessage(encodeMessage(response({ questions, answers: each.map(record) })))),
  );
}

const www = 'www.example.com. 300 IN A 192.0.2.1';
const ns = 'example.com. 300 IN NS ns.example.com.';

export const target: FuzzTarget = {
  name: 'transfer-in',
  seeds: [
    stream(252, [[soa(7), ns, www, soa(7)]]),
    stream(252, [[soa(7), ns], [www], [soa(7)]]),
    stream(251, [
      [soa(7), soa(5), www, soa(6), ns],
      [soa(6), soa(7), www, soa(7)],
    ]),
    stream(251, [[soa(7)], [ns, www, soa(7)]]),
    stream(251, [[soa(5)]]),
  ],
  run(input) {
    for (const kind of ['full', 'steps'] as const) {
      const question: TransferQuestion = { origin, kind, id: 0x1234, since };
      const decoder = new TransferDecoder(question, { octets: 4_000, stepOctets: 4_000, steps: 20 });
      let serial = since;
      let ended = 0;
      for (const bytes of new DnsFrameDecoder().push(input).messages) {
        const message = decodeMessage(bytes);
        if (!message.ok) break;
        const events = decoder.push(message.value);
        if (!events.ok) {
          assert.ok(decoder.over);
          break;
        }
        for (const event of events.value) {
          if (event.kind === 'content')
            assert.ok(event.records.every(({ owner }) => owner.isAtOrBelow(origin)));
          if (event.kind === 'end' || event.kind === 'current') ended += 1;
          if (event.kind !== 'step') continue;
          assert.equal(kind, 'steps');
          assert.equal(serialOf(event.change.from), serial);
          const next = serialOf(event.change.to) ?? assert.fail('a step without a serial');
          assert.ok(isLater(next, serial));
          serial = next;
          const records = [...event.change.removed, ...event.change.added];
          assert.ok(records.every((each) => serialOf(each) === undefined && each.owner.isAtOrBelow(origin)));
        }
        if (decoder.over) break;
      }
      assert.ok(ended <= 1);
    }
  },
};
