import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, utf8ToBytes } from '../lib/bytes.ts';
import { seededRandom } from '../lib/random.ts';
import { unreachable } from '../lib/result.ts';
import type { TlsInfo } from '../lib/transport.ts';
import type { SaslStep } from './mechanism.ts';
import {
  decodeInitialResponse,
  decodeResponse,
  findSaslMechanism,
  fittingMechanisms,
  longestEncodedResponse,
  saslMechanisms,
} from './mechanisms.ts';

const channel = { tls: undefined, random: seededRandom(1) };

/** Runs one exchange; `undefined` in front means that the client sent no initial response. */
function exchange(name: string, messages: readonly (string | Uint8Array | undefined)[]): SaslStep[] {
  const [first, ...rest] = messages.map((each) => (typeof each === 'string' ? utf8ToBytes(each) : each));
  const running = findSaslMechanism(saslMechanisms, name)?.begin(channel);
  assert.ok(running);
  const steps = [running.start(first)];
  for (const response of rest) {
    assert.ok(response);
    steps.push(running.respond(response));
  }
  return steps;
}

function show(step: SaslStep): string {
  switch (step.kind) {
    case 'challenge':
      return `challenge ${bytesToLatin1(step.bytes)}`;
    case 'salt':
      return `salt ${step.identity}`;
    case 'check':
      return step.proof.kind === 'password'
        ? `password ${step.proof.actAs ?? ''}/${step.proof.identity}/${step.proof.password}`
        : step.proof.kind;
    case 'fault':
      return 'fault';
    default:
      return unreachable(step);
  }
}

const long = 'x'.repeat(255);
const table: readonly (readonly [string, readonly (string | Uint8Array | undefined)[], readonly string[]])[] =
  [
    // RFC 4616 §4: the examples.
    ['PLAIN', ['\0tim\0tanstaaftanstaaf'], ['password /tim/tanstaaftanstaaf']],
    ['PLAIN', ['Ursel\0Kurt\0xipj3plmq'], ['password Ursel/Kurt/xipj3plmq']],
    ['plain', [undefined, '\0tim\0secret'], ['challenge ', 'password /tim/secret']],
    ['PLAIN', ['\0ü@example.com\0pässword'], ['password /ü@example.com/pässword']],
    ['PLAIN', [`${long}\0${long}\0${long}`], [`password ${long}/${long}/${long}`]],
    ['PLAIN', [`\0${long}y\0secret`], ['fault']],
    ['PLAIN', [`\0tim\0${long}y`], ['fault']],
    ['PLAIN', [`${long}y\0tim\0secret`], ['fault']],
    ['PLAIN', [''], ['fault']],
    ['PLAIN', ['tim\0secret'], ['fault']],
    ['PLAIN', ['\0tim\0'], ['fault']],
    ['PLAIN', ['\0\0secret'], ['fault']],
    ['PLAIN', ['\0tim\0sec\0ret'], ['fault']],
    ['PLAIN', [Uint8Array.of(0, 0xff, 0, 0x41)], ['fault']],
    [
      'LOGIN',
      [undefined, 'tim', 'secret'],
      ['challenge Username:', 'challenge Password:', 'password /tim/secret'],
    ],
    ['LOGIN', ['tim', 'secret'], ['challenge Password:', 'password /tim/secret']],
    ['login', ['ü', 'ß'], ['challenge Password:', 'password /ü/ß']],
    ['LOGIN', [''], ['fault']],
    ['LOGIN', ['tim', ''], ['challenge Password:', 'fault']],
    ['LOGIN', [`${long}y`], ['fault']],
    ['LOGIN', ['tim', `${long}y`], ['challenge Password:', 'fault']],
    ['LOGIN', ['t\0m'], ['fault']],
    ['LOGIN', [Uint8Array.of(0xff)], ['fault']],
  ];

describe('mechanisms', () => {
  for (const [name, messages, expected] of table) {
    const shown = messages.map((each) => JSON.stringify(each ?? null).slice(0, 40)).join(' ');
    test(`${name} ${shown}`, () => assert.deepEqual(exchange(name, messages).map(show), expected));
  }

  test('a BOM is part of the password, not white space', () => {
    assert.deepEqual(exchange('PLAIN', ['\0tim\0\ufeffx']).map(show), ['password /tim/\ufeffx']);
  });

  test('are announced with the better ones first, and with channel binding only under TLS 1.3', () => {
    const names = (tls: TlsInfo | undefined): readonly string[] =>
      fittingMechanisms(saslMechanisms, { tls, random: seededRandom(1) }).map(({ name }) => name);
    const others = ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'];
    const channelBinding = (): Uint8Array => new Uint8Array(32);
    assert.deepEqual(names(undefined), others);
    assert.deepEqual(names({ protocol: 'TLSv1.2', cipher: 'x', channelBinding }), others);
    assert.deepEqual(names({ protocol: 'TLSv1.3', cipher: 'x' }), others);
    assert.deepEqual(names({ protocol: 'TLSv1.3', cipher: 'x', channelBinding }), [
      'SCRAM-SHA-256-PLUS',
      ...others,
    ]);
  });

  test('nothing else is known', () => {
    assert.equal(findSaslMechanism(saslMechanisms, 'ANONYMOUS'), undefined);
    assert.equal(findSaslMechanism(saslMechanisms, ''), undefined);
  });
});

describe('base64', () => {
  const cases: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['', '', ''],
    ['=', '', undefined],
    ['AHRpbQBzZWNyZXQ=', '\0tim\0secret', '\0tim\0secret'],
    ['AHRpbQBzZWNyZXQ', undefined, undefined],
    ['AHRp bQ==', undefined, undefined],
    ['*', undefined, undefined],
    ['====', undefined, undefined],
  ];
  for (const [text, initial, response] of cases) {
    test(JSON.stringify(text), () => {
      const shown = (bytes: Uint8Array | undefined): string | undefined => bytes && bytesToLatin1(bytes);
      assert.equal(shown(decodeInitialResponse(text)), initial);
      assert.equal(shown(decodeResponse(text)), response);
    });
  }

  test('the longest PLAIN response fits, and nothing longer is decoded', () => {
    const longest = utf8ToBytes(`${long}\0${long}\0${long}`).toBase64();
    assert.ok(longest.length <= longestEncodedResponse);
    assert.equal(decodeResponse(longest)?.length, 767);
    assert.equal(decodeResponse('A'.repeat(longestEncodedResponse))?.length, 9216);
    assert.equal(decodeResponse('A'.repeat(longestEncodedResponse + 4)), undefined);
  });
});
