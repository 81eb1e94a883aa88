// Signed requests and responses: nothing that was tampered with is believed, and taking a signature off and putting it back is exact.
import assert from 'node:assert/strict';
import { domainName } from '../../../src/dns/wire/name.ts';
import { signRequest, TsigResponseVerifier } from '../../../src/dns/tsig/tsig-client.ts';
import { TsigKeys } from '../../../src/dns/tsig/tsig-key.ts';
import type { TsigKey } from '../../../src/dns/tsig/tsig-key.ts';
import { signRefusal } from '../../../src/dns/tsig/response-signer.ts';
import { appendTsig, splitTsig } from '../../../src/dns/tsig/tsig-record.ts';
import { verifyRequest } from '../../../src/dns/tsig/verify-request.ts';
import { hex } from '../../support/dns-messages.ts';
import type { FuzzTarget } from '../target.ts';

const key: TsigKey = {
  name: domainName('key.example'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
  leastMacLength: 16,
};
const keys = new TsigKeys([key]);
const now = 1_795_459_195_000;

const query = hex('1234 0000 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 00fc 0001');
const signed = signRequest(query, key, now).bytes;
const others = [0, 6, 12, 20].map((at) => {
  const bytes = signed.slice();
  bytes[at + 1] = (bytes[at + 1] ?? 0) + 1;
  return bytes;
});

export const target: FuzzTarget = {
  name: 'dns-tsig',
  seeds: [query, signed, appendTsig(signed, tsigOf(signed)), ...others],
  words: [
    hex('00fa 00ff 00000000'),
    hex('03 6b6579 07 6578616d706c65 00'),
    hex('0b 686d61632d736861323536 00'),
  ],
  run(input) {
    const split = splitTsig(input);
    const signature = verifyRequest(input, keys, now);
    // Only the seed itself was ever signed; the id, which servers on the way may change, apart.
    if (signature.kind === 'verified') assert.deepEqual(signature.message.subarray(2), query.subarray(2));
    if (split.kind === 'signed')
      assert.equal(splitTsig(appendTsig(split.message, split.tsig)).kind, 'signed');
    if (signature.kind === 'refused')
      assert.equal(splitTsig(signRefusal(query, signature.refusal, now)).kind, 'signed');
    const verifier = new TsigResponseVerifier(key, new Uint8Array(32));
    assert.equal(verifier.push(input, now).ok, false);
    assert.ok(verifier.finish());
  },
};

function tsigOf(bytes: Uint8Array): Parameters<typeof appendTsig>[1] {
  const split = splitTsig(bytes);
  return split.kind === 'signed' ? split.tsig : assert.fail(split.kind);
}
