// The PLAIN mechanism (RFC 4616): one message, `[authzid] NUL authcid NUL passwd`, all UTF-8.
import { bytesToUtf8Strict } from '../lib/bytes.ts';
import type { SaslExchange, SaslMechanism, SaslStep } from './mechanism.ts';

/** Octets that each of the three parts may have; RFC 4616 §2 asks for no more than 255. */
export const longestPart = 255;

export const plain: SaslMechanism = {
  name: 'PLAIN',
  fits: () => true,
  begin: (): SaslExchange => ({
    start: (initial) =>
      initial === undefined ? { kind: 'challenge', bytes: new Uint8Array(0) } : readMessage(initial),
    respond: readMessage,
  }),
};

/**
 *     message = [authzid] UTF8NUL authcid UTF8NUL passwd    (RFC 4616 §2)
 */
function readMessage(message: Uint8Array): SaslStep {
  const first = message.indexOf(0);
  const second = first === -1 ? -1 : message.indexOf(0, first + 1);
  // A NUL in the password would be a fourth part: SAFE in the grammar leaves NUL out.
  if (second === -1 || message.includes(0, second + 1))
    return malformed('A PLAIN response is three parts with a NUL between each two of them.');
  const parts = [
    message.subarray(0, first),
    message.subarray(first + 1, second),
    message.subarray(second + 1),
  ];
  if (parts.some((part) => part.length > longestPart))
    return malformed(`No part of a PLAIN response may be longer than ${longestPart} octets.`);
  const [authorizationId, authenticationId, password] = parts.map(bytesToUtf8Strict);
  if (authorizationId === undefined || authenticationId === undefined || password === undefined)
    return malformed('A PLAIN response must be UTF-8.');
  // RFC 4616 §2: authcid and passwd have at least one character.
  if (authenticationId === '' || password === '')
    return malformed('A PLAIN response must hold an identity and a password.');
  return {
    kind: 'check',
    proof: {
      kind: 'password',
      identity: authenticationId,
      password,
      ...(authorizationId !== '' && { actAs: authorizationId }),
    },
  };
}

function malformed(reason: string): SaslStep {
  return { kind: 'fault', reason };
}
