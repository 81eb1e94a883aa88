// Both sides of TSIG against requests that dig, kdig and nsupdate made (octets as captured), and against each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { tsigError } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { hex, response } from '../../../test/support/dns-messages.ts';
import { algorithmFacts, parseTsigKey, tsigAlgorithms, TsigKeys } from './tsig-key.ts';
import type { TsigAlgorithm, TsigKey } from './tsig-key.ts';
import { appendTsig, findTsig, splitTsig, tsigLength } from './tsig-record.ts';
import type { TsigRecord } from './tsig-record.ts';
import { fieldsFor, signRefusal } from './response-signer.ts';
import { TsigMac } from './tsig-mac.ts';
import { signRequest, TsigResponseVerifier } from './tsig-client.ts';
import { verifyRequest } from './verify-request.ts';
import type { RequestSignature } from './verify-request.ts';

const secret = 'c2lnbnBvc3QgdGVzdCBzZWNyZXQgMzIgb2N0ZXRzISE=';
/** When the captures were made. */
const captured = 1_795_459_195_000;

function keyOf(algorithm: TsigAlgorithm = 'hmac-sha256', name = 'key.example'): TsigKey {
  const key = parseTsigKey(name, algorithm, secret);
  return key.ok ? key.value : assert.fail(key.fault);
}

const captures: readonly (readonly [string, TsigAlgorithm, string])[] = [
  [
    'dig',
    'hmac-sha256',
    `6f0901200001000000000002076578616d706c6503636f6d000006000100002904d000000000000c000a0008e6f88f04a3cdd62f
     036b6579076578616d706c650000fa00ff00000000003d0b686d61632d7368613235360000006b04887b012c0020
     a801a516e5543e87fc135bd9327aa4d662b7a4f297b9c5405f9678d3e76948a96f0900000000`,
  ],
  [
    'dig',
    'hmac-sha384',
    `c18001200001000000000002076578616d706c6503636f6d000006000100002904d000000000000c000a000886040aae19d39a12
     036b6579076578616d706c650000fa00ff00000000004d0b686d61632d7368613338340000006b04887b012c0030
     682980a202e2f6f5839f27b164c58951e1b8999030abec204fd27c3edde49bb735c69a1c7c1ad9fe7ea24b644dce927dc18000000000`,
  ],
  [
    'dig',
    'hmac-sha512',
    `cc5801200001000000000002076578616d706c6503636f6d000006000100002904d000000000000c000a0008a8bbe75a7965d8de
     036b6579076578616d706c650000fa00ff00000000005d0b686d61632d7368613531320000006b04887b012c0040
     a7a1a9befaf79cc7259b0871121f46befc3f6c85dac620d09b900123b885089ad6f712171fcd0e325e30f99ffa24233fd840374d3327f7feb1d4f724a5a724e5
     cc5800000000`,
  ],
  [
    'kdig',
    'hmac-sha256',
    `494f01200001000000000001076578616d706c6503636f6d0000060001
     036b6579076578616d706c650000fa00ff00000000003d0b686d61632d7368613235360000006b04887b012c0020
     f73be66259fcc5f63c03b09cba6bbb06f98c219ec66f013a69f43fa4ac2456d9494f00000000`,
  ],
  [
    'nsupdate',
    'hmac-sha256',
    `247a28000001000000010001076578616d706c6503636f6d000006000103777777c00c000100010000012c0004c0000201
     036b6579076578616d706c650000fa00ff00000000003d0b686d61632d7368613235360000006b04887b012c0020
     38a902457d074db2620ab76bdfb5e4970a4402b3255cae7fb441c6a04c4a1060247a00000000`,
  ],
];
const md5Capture =
  hex(`7f8a01200001000000000002076578616d706c6503636f6d000006000100002904d000000000000c000a0008679c0862cd65b38a
  036b6579076578616d706c650000fa00ff00000000003a08686d61632d6d6435077369672d616c670372656703696e740000006b04887b012c0010
  40659eb85b1f610603e6ba66b3fa55527f8a00000000`);
const digCapture = hex(captures[0]?.[2] ?? '');

/** `verified`, or what is wrong and what the peer is told of it. */
function verdictOf(signature: RequestSignature): string {
  if (signature.kind === 'refused') return `refused ${signature.refusal.error}: ${signature.reason}`;
  return signature.kind === 'malformed' ? `malformed: ${signature.reason}` : signature.kind;
}

test('requests of dig, kdig and nsupdate are verified, and lose nothing but the signature', () => {
  for (const [program, algorithm, octets] of captures) {
    const bytes = hex(octets);
    const signature = verifyRequest(bytes, new TsigKeys([keyOf(algorithm)]), captured);
    assert.equal(verdictOf(signature), 'verified', `${program} ${algorithm}`);
    if (signature.kind !== 'verified') continue;
    const [before, after] = [decodeMessage(bytes), decodeMessage(signature.message)];
    assert.ok(before.ok && after.ok);
    assert.deepEqual(after.value, {
      ...before.value,
      additionals: before.value.additionals.filter(({ type }) => type !== rrType.TSIG),
    });
  }
});

test('every octet of a request counts', () => {
  const keys = new TsigKeys([keyOf()]);
  for (let at = 0; at < digCapture.length; at++) {
    const changed = digCapture.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    const signature = verifyRequest(changed, keys, captured);
    // The id may be changed on the way: what counts is the original id, in the record (RFC 8945 §4.3.2).
    if (at < 2) assert.equal(signature.kind, 'verified');
    // The error of a request means nothing, but is signed; the key's name is another or the same in other case.
    else if (signature.kind === 'verified') assert.fail(`octet ${at} doesn't count`);
  }
});

test('the case of the key’s name and the algorithm’s counts as little as anywhere', () => {
  const upper = Uint8Array.from(digCapture);
  const at = Buffer.from(upper).indexOf('hmac-sha256') - 1;
  upper.set(Buffer.from('HMAC'), at + 1);
  assert.equal(
    verdictOf(verifyRequest(upper, new TsigKeys([keyOf('hmac-sha256', 'KEY.Example')]), captured)),
    'verified',
  );
});

const refused: readonly (readonly [string, Uint8Array, TsigKey, number, string])[] = [
  [
    'another name',
    digCapture,
    keyOf('hmac-sha256', 'other.example'),
    captured,
    'refused 17: the key key.example. is not known here',
  ],
  [
    'another algorithm',
    digCapture,
    keyOf('hmac-sha512'),
    captured,
    'refused 17: the key key.example. is for hmac-sha512, not hmac-sha256.',
  ],
  [
    'MD5',
    md5Capture,
    keyOf(),
    captured,
    'refused 17: the key key.example. is for hmac-sha256, not hmac-md5.sig-alg.reg.int.',
  ],
  [
    'another secret',
    digCapture,
    { ...keyOf(), secret: new Uint8Array(32) },
    captured,
    'refused 16: the signature by the key key.example. is wrong',
  ],
  [
    '301 s later',
    digCapture,
    keyOf(),
    captured + 301_000,
    'refused 18: signed by the key key.example. at a time 301 seconds from ours',
  ],
  [
    '301 s earlier',
    digCapture,
    keyOf(),
    captured - 301_000,
    'refused 18: signed by the key key.example. at a time -301 seconds from ours',
  ],
  ['300 s later', digCapture, keyOf(), captured + 300_000, 'verified'],
];

test('a request is refused for its key, its signature and its time, in this order', () => {
  for (const [title, bytes, key, now, expected] of refused)
    assert.equal(verdictOf(verifyRequest(bytes, new TsigKeys([key]), now)), expected, title);
});

/** The dig request with its signature cut to `length` octets. */
function cutTo(length: number): Uint8Array {
  const split = splitTsig(digCapture);
  assert.ok(split.kind === 'signed');
  const mac = split.tsig.mac.length < length ? new Uint8Array(length) : split.tsig.mac.slice(0, length);
  return appendTsig(split.message, { ...split.tsig, mac });
}

test('a signature cut short is believed down to half where the key allows it (RFC 8945 §5.2.2.1)', () => {
  const lenient = new TsigKeys([{ ...keyOf(), leastMacLength: 16 }]);
  const strict = new TsigKeys([keyOf()]);
  assert.equal(verdictOf(verifyRequest(cutTo(16), lenient, captured)), 'verified');
  assert.match(verdictOf(verifyRequest(cutTo(16), strict, captured)), /^refused 22/);
  for (const length of [0, 1, 15, 33])
    assert.match(verdictOf(verifyRequest(cutTo(length), lenient, captured)), /^malformed/, `${length}`);
  const half = verifyRequest(cutTo(16), lenient, captured);
  assert.ok(half.kind === 'verified');
  const split = splitTsig(half.signer.sign(numbered(1), captured));
  assert.ok(split.kind === 'signed' && split.tsig.mac.length === 32);
});

test('a TSIG record that is not the last, not single or not itself makes the message malformed', () => {
  const split = splitTsig(digCapture);
  assert.ok(split.kind === 'signed');
  const signed = (change: Partial<TsigRecord>): Uint8Array =>
    appendTsig(split.message, { ...split.tsig, ...change });
  const twice = appendTsig(digCapture, split.tsig);
  const behind = digCapture.slice();
  // One more record than there is: the TSIG isn't the last any more.
  behind[11] = 3;
  const inAnswer = signRequest(encodeMessage({ ...response(), response: false }), keyOf(), captured).bytes;
  inAnswer.set([0, 1, 0, 0, 0, 0], 6);
  const ofClass = digCapture.slice();
  const at = split.message.length + split.tsig.keyName.wire.length;
  ofClass[at + 3] = 1;
  const withTtl = digCapture.slice();
  withTtl[at + 7] = 1;
  for (const [title, bytes] of Object.entries({ twice, behind, inAnswer, ofClass, withTtl }))
    assert.match(verdictOf(verifyRequest(bytes, new TsigKeys([keyOf()]), captured)), /^malformed/, title);
  for (let length = 0; length < digCapture.length; length++)
    assert.equal(splitTsig(digCapture.subarray(0, length)).kind, 'malformed', `${length} octets`);
  assert.equal(splitTsig(signed({})).kind, 'signed');
  assert.equal(findTsig(split.message).kind, 'unsigned');
  assert.equal(findTsig(Uint8Array.from([...split.message, 0])).kind, 'malformed');
});

function signedRequest(key: TsigKey): { request: Uint8Array; verifier: TsigResponseVerifier } {
  const { bytes, mac } = signRequest(encodeMessage({ ...response(), response: false }), key, captured);
  return { request: bytes, verifier: new TsigResponseVerifier(key, mac) };
}

function macOf(bytes: Uint8Array): Uint8Array {
  const split = splitTsig(bytes);
  return split.kind === 'signed' ? split.tsig.mac : assert.fail(split.kind);
}

function numbered(id: number): Uint8Array {
  return encodeMessage(response({ id: 0x1234, rcode: id & 15 }));
}

test('what one side signs the other believes, for each algorithm', () => {
  for (const algorithm of tsigAlgorithms) {
    const key = keyOf(algorithm);
    const { request, verifier } = signedRequest(key);
    const signature = verifyRequest(request, new TsigKeys([key]), captured);
    assert.ok(signature.kind === 'verified', verdictOf(signature));
    for (let message = 0; message < 5; message++) {
      const plain = numbered(message);
      const signed: Uint8Array = signature.signer.sign(plain, captured);
      assert.equal(signed.length - plain.length, tsigLength(key));
      assert.equal(signature.signer.overhead, tsigLength(key));
      const taken = verifier.push(signed, captured);
      assert.ok(taken.ok, taken.ok ? '' : taken.fault.reason);
      assert.deepEqual(taken.value, plain);
      assert.equal(verifier.finish(), undefined);
    }
    assert.equal(algorithmFacts[algorithm].name.toString(), `${algorithm}.`);
  }
});

test('a stream that lacks a message, has one twice, or two in another order is not believed', () => {
  const key = keyOf();
  for (const order of [[1], [0, 2], [0, 0], [0, 2, 1]]) {
    const { request, verifier } = signedRequest(key);
    const signature = verifyRequest(request, new TsigKeys([key]), captured);
    assert.ok(signature.kind === 'verified');
    const stream = [0, 1, 2].map((id) => signature.signer.sign(numbered(id), captured));
    const taken = order.map((index) => verifier.push(stream[index] ?? new Uint8Array(0), captured));
    assert.ok(!taken.every(({ ok }) => ok), order.join());
  }
});

test('up to 99 messages of a stream may be unsigned between two that are signed, never the first or the last', () => {
  const key = keyOf();
  for (const [count, believed] of [
    [1, true],
    [99, true],
    [100, false],
  ] as const) {
    const { request, verifier } = signedRequest(key);
    const signature = verifyRequest(request, new TsigKeys([key]), captured);
    assert.ok(signature.kind === 'verified');
    const first = signature.signer.sign(numbered(0), captured);
    const results = [verifier.push(first, captured).ok];
    const mac = new TsigMac(key);
    mac.priorMac(macOf(first));
    for (let id = 0; id < count; id++) {
      mac.message(numbered(id), 0x1234);
      results.push(verifier.push(numbered(id), captured).ok);
    }
    assert.ok(verifier.finish() !== undefined, 'the last is not signed');
    const fields = fieldsFor(key, numbered(1), captured / 1000);
    mac.message(numbered(1), 0x1234);
    mac.timers(fields);
    results.push(verifier.push(appendTsig(numbered(1), { ...fields, mac: mac.finish() }), captured).ok);
    assert.equal(!results.includes(false), believed, `${count} unsigned`);
    assert.equal(verifier.finish() === undefined, believed);
  }
  const { verifier } = signedRequest(key);
  assert.match(verifier.finish()?.reason ?? '', /no signed message/);
  const first = verifier.push(numbered(0), captured);
  assert.ok(!first.ok && /not signed/.test(first.fault.reason));
});

test('a refusal tells the client why; only a client that showed that it has the key gets it signed', () => {
  const key = keyOf();
  const told = (serverKey: TsigKey, now: number): { signed: boolean; fault: string; error: number } => {
    const { request, verifier } = signedRequest(key);
    const signature = verifyRequest(request, new TsigKeys([serverKey]), now);
    assert.ok(signature.kind === 'refused', verdictOf(signature));
    const bytes = signRefusal(encodeMessage(response({ rcode: 9 })), signature.refusal, now);
    const split = splitTsig(bytes);
    assert.ok(split.kind === 'signed');
    const taken = verifier.push(bytes, captured);
    assert.ok(!taken.ok);
    return { signed: split.tsig.mac.length > 0, fault: taken.fault.reason, error: taken.fault.error };
  };
  assert.deepEqual(told(keyOf('hmac-sha384'), captured), {
    signed: false,
    fault: 'the server doesn’t know our key, or not with this algorithm (said without a signature)',
    error: tsigError.BADKEY,
  });
  assert.deepEqual(told({ ...key, secret: new Uint8Array(8) }, captured), {
    signed: false,
    fault: 'the server finds our signature wrong: the secrets differ (said without a signature)',
    error: tsigError.BADSIG,
  });
  assert.deepEqual(told(key, captured + 1_000_000), {
    signed: true,
    fault: 'the server’s clock and ours differ too much',
    error: tsigError.BADTIME,
  });
  assert.deepEqual(told({ ...key, leastMacLength: 33 }, captured), {
    signed: true,
    fault: 'the server finds our signature too short',
    error: tsigError.BADTRUNC,
  });
});

test('BADTIME carries the server’s time in six octets (RFC 8945 §5.2.3)', () => {
  const { request } = signedRequest(keyOf());
  const now = captured + 1_000_000;
  const signature = verifyRequest(request, new TsigKeys([keyOf()]), now);
  assert.ok(signature.kind === 'refused');
  const split = splitTsig(signRefusal(encodeMessage(response({ rcode: 9 })), signature.refusal, now));
  assert.ok(split.kind === 'signed');
  assert.equal(Buffer.from(split.tsig.other).readUIntBE(0, 6), now / 1000);
  assert.equal(split.tsig.timeSigned, captured / 1000);
});

test('a response to somebody else, late, or by another key is not believed', () => {
  const key = keyOf();
  const { request } = signedRequest(key);
  const other = new TsigResponseVerifier(key, new Uint8Array(32));
  const answered = (): Uint8Array => {
    const signature = verifyRequest(request, new TsigKeys([key]), captured);
    assert.ok(signature.kind === 'verified');
    return signature.signer.sign(numbered(0), captured);
  };
  const faultOf = (verifier: TsigResponseVerifier, now = captured): string => {
    const taken = verifier.push(answered(), now);
    return taken.ok ? '' : taken.fault.reason;
  };
  assert.match(faultOf(other), /signature is wrong/);
  assert.match(faultOf(signedRequest(key).verifier, captured + 400_000), /400 seconds from ours/);
  assert.match(
    faultOf(new TsigResponseVerifier(keyOf('hmac-sha256', 'b.example'), new Uint8Array(32))),
    /another key/,
  );
});

test('keys come from what a config says', () => {
  for (const [name, text] of [
    ['key.example', '!'],
    ['key.example', ''],
    ['key..example', secret],
  ] as const)
    assert.equal(parseTsigKey(name, 'hmac-sha256', text).ok, false, `${name} ${text}`);
  const keys = new TsigKeys([keyOf()]);
  assert.ok(keys.find(domainName('KEY.example')));
  assert.equal(keys.find(domainName('other.example')), undefined);
});
