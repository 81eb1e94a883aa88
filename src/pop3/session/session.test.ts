import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1ToBytes } from '../../lib/bytes.ts';
import { seededRandom } from '../../lib/random.ts';
import { longestEncodedResponse, saslMechanisms } from '../../sasl/mechanisms.ts';
import { longestLine } from '../wire/line-decoder.ts';
import { beginSession, mostLinesBeforeLogin } from './authorization.ts';
import type { Listening, Surroundings } from './phase.ts';
import { receiveLine } from './session.ts';

const surroundings: Surroundings = {
  tls: true,
  tlsOffered: true,
  passwordsAllowed: true,
  mechanisms: saslMechanisms,
  channel: { tls: undefined, random: seededRandom(1) },
  loginDelay: 0,
};

test('every response that a mechanism can use fits into a line (RFC 5034 §4)', () => {
  assert.ok(longestEncodedResponse <= longestLine);
});

test('a session without a login ends, whatever it sends', () => {
  for (const text of ['CAPA', 'AUTH PLAIN', '', 'USER x']) {
    let phase: Listening = beginSession();
    let lines = 0;
    for (;;) {
      const step = receiveLine(phase, { kind: 'line', bytes: latin1ToBytes(text) }, surroundings);
      lines++;
      if (step.phase.kind === 'closed') break;
      assert.ok(step.phase.kind === 'authorization' || step.phase.kind === 'exchange');
      phase = step.phase;
      assert.ok(lines <= mostLinesBeforeLogin, `'${text}' goes on`);
    }
    assert.equal(lines, mostLinesBeforeLogin + 1);
  }
});

test('a line without an end closes the session, in AUTH too', () => {
  const inAuth = receiveLine(
    beginSession(),
    { kind: 'line', bytes: latin1ToBytes('AUTH PLAIN') },
    surroundings,
  );
  assert.ok(inAuth.phase.kind === 'exchange');
  for (const phase of [beginSession(), inAuth.phase]) {
    const step = receiveLine(phase, { kind: 'endless' }, surroundings);
    assert.equal(step.phase.kind, 'closed');
  }
});
