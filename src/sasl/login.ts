// The LOGIN mechanism: never standardised (draft-murchison-sasl-login says what is in use), but all that some clients know.
// The server asks twice, and the client answers with the identity, then with the password.
import { bytesToUtf8Strict, latin1ToBytes } from '../lib/bytes.ts';
import type { SaslExchange, SaslMechanism, SaslStep } from './mechanism.ts';
import { longestPart } from './plain.ts';

// The draft spells them `User Name` and `Password`, each with a NUL; clients that look at the text at all expect these.
const askIdentity = latin1ToBytes('Username:');
const askPassword = latin1ToBytes('Password:');

export const login: SaslMechanism = {
  name: 'LOGIN',
  fits: () => true,
  begin: () => new LoginExchange(),
};

class LoginExchange implements SaslExchange {
  #identity: string | undefined;

  start(initial: Uint8Array | undefined): SaslStep {
    return initial === undefined ? { kind: 'challenge', bytes: askIdentity } : this.respond(initial);
  }

  respond(response: Uint8Array): SaslStep {
    const text =
      response.length > longestPart || response.includes(0) ? undefined : bytesToUtf8Strict(response);
    if (text === undefined || text === '') {
      const what = this.#identity === undefined ? 'An identity' : 'A password';
      return { kind: 'fault', reason: `${what} is 1 to ${longestPart} octets of UTF-8 without NUL.` };
    }
    if (this.#identity === undefined) {
      this.#identity = text;
      return { kind: 'challenge', bytes: askPassword };
    }
    return { kind: 'check', proof: { kind: 'password', identity: this.#identity, password: text } };
  }
}
