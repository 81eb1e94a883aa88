// RFC 6891: EDNS(0).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rcode } from '../../src/dns/wire/codes.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Edns } from '../../src/dns/wire/message.ts';
import { decoded, faultOf, hex, response } from '../support/dns-messages.ts';

const header = '0001 0000 0000 0000 0000 0001';

function edns(bytes: string): Edns {
  return decoded(hex(`${header} ${bytes}`)).edns ?? assert.fail('no EDNS');
}

suite('§6.1.1: at most one, in the additional section, owned by the root', () => {
  const opt = '00 0029 04d0 00000000 0000';
  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['two', `0001 0000 0000 0000 0000 0002 ${opt} ${opt}`, /two OPT records/],
    ['in the answers', `0001 0000 0000 0001 0000 0000 ${opt}`, /in the answer section/],
    ['in the authorities', `0001 0000 0000 0000 0001 0000 ${opt}`, /in the authority section/],
    ['another owner', `${header} 01 61 00 0029 04d0 00000000 0000`, /owner is not the root/],
  ];
  for (const [name, bytes, reason] of faults) {
    test(`refuses ${name}`, () => assert.match(faultOf(hex(bytes)).reason, reason));
  }

  test('anywhere among the additionals, which are given without it', () => {
    const address = '01 61 00 0001 0001 00000000 0004 c0000201';
    for (const order of [`${opt} ${address}`, `${address} ${opt}`]) {
      const message = decoded(hex(`0001 0000 0000 0000 0000 0002 ${order}`));
      assert.notEqual(message.edns, undefined);
      assert.equal(message.additionals.length, 1);
    }
  });
});

suite('§6.1.2 and §6.1.3: its fields', () => {
  test('size, version and DO', () => {
    assert.deepEqual(edns('00 0029 0200 00000000 0000'), {
      udpSize: 512,
      version: 0,
      dnssecOk: false,
      options: [],
    });
    assert.deepEqual(edns('00 0029 ffff 00008000 0000'), {
      udpSize: 65535,
      version: 0,
      dnssecOk: true,
      options: [],
    });
  });

  test('other flags are ignored, and never sent', () => {
    const message = decoded(hex(`${header} 00 0029 04d0 00007fff 0000`));
    assert.equal(message.edns?.dnssecOk, false);
    assert.equal(encodeMessage(message).toHex().slice(-20), '002904d0000000000000');
  });

  test('the response code has twelve bits', () => {
    for (const code of [0, 15, rcode.BADVERS, rcode.BADCOOKIE, 0xabc, 0xfff]) {
      const bytes = encodeMessage(
        response({ rcode: code, edns: { udpSize: 1232, version: 0, dnssecOk: false, options: [] } }),
      );
      assert.equal((bytes[3] ?? 0) & 15, code & 15);
      assert.equal(decoded(bytes).rcode, code);
    }
  });

  test('without EDNS a code above 15 can not be said: SERVFAIL stands for it', () => {
    assert.equal(decoded(encodeMessage(response({ rcode: rcode.BADVERS }))).rcode, rcode.SERVFAIL);
  });

  test('of another version only the version is looked at', () => {
    assert.deepEqual(edns('00 0029 04d0 00010000 0003 ffffff'), {
      udpSize: 1232,
      version: 1,
      dnssecOk: false,
      options: [],
    });
  });
});

suite('§6.1.2: options', () => {
  test('several, empty ones, unknown ones, in their order', () => {
    const { options } = edns('00 0029 04d0 00000000 000d 000a 0001 ff 0003 0000 fde9 0000');
    assert.deepEqual(
      options.map(({ code, bytes }) => [code, bytes.toHex()]),
      [
        [10, 'ff'],
        [3, ''],
        [65001, ''],
      ],
    );
  });

  for (const [name, data] of [
    ['half a code', '0001 00'],
    ['half a length', '0003 000a 00'],
    ['data that runs out', '0005 000a 0002 00'],
  ] as const) {
    test(`refuses ${name}`, () => {
      assert.match(faultOf(hex(`${header} 00 0029 04d0 00000000 ${data}`)).reason, /malformed EDNS options/);
    });
  }
});
