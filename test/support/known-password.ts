// A login in memory whose accounts all have one password, by whatever mechanism it is shown.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import type { Account } from '../../src/login/account-store.ts';
import type { LoginOutcome, LoginRefusal, SaltOutcome } from '../../src/login/login.ts';
import type { Proof } from '../../src/sasl/proof.ts';

const salt = utf8ToBytes('sixteen octets..');
const iterations = 4096;

export class KnownPassword {
  readonly #password: string;
  readonly #find: (identity: string) => Account | undefined;
  readonly #fault: () => LoginRefusal | undefined;

  constructor(
    password: string,
    find: (identity: string) => Account | undefined,
    fault: () => LoginRefusal | undefined,
  ) {
    this.#password = password;
    this.#find = find;
    this.#fault = fault;
  }

  verify(proof: Proof): Promise<LoginOutcome> {
    const account = this.#fault() === undefined ? this.#accountOf(proof) : undefined;
    return Promise.resolve(
      this.#fault() ?? (account === undefined ? { kind: 'refused' } : { kind: 'ok', account }),
    );
  }

  salt(): Promise<SaltOutcome> {
    return Promise.resolve(this.#fault() ?? { kind: 'salt', salt: { salt, iterations } });
  }

  #accountOf(proof: Proof): Account | undefined {
    if (proof.kind === 'token')
      return proof.token === `token of ${this.#password}` ? this.#find(proof.actAs ?? '') : undefined;
    if (proof.kind === 'certificate') return undefined;
    if (proof.kind === 'vouched') return this.#find(proof.identity);
    const fits = proof.kind === 'password' ? proof.password === this.#password : proof.fits(this.#keys());
    if (proof.actAs !== undefined && proof.actAs !== proof.identity) return undefined;
    return fits ? this.#find(proof.identity.toLowerCase()) : undefined;
  }

  #keys(): { readonly storedKey: Uint8Array; readonly serverKey: Uint8Array } {
    const salted = pbkdf2Sync(this.#password, salt, iterations, 32, 'sha256');
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    return {
      storedKey: createHash('sha256').update(clientKey).digest(),
      serverKey: createHmac('sha256', salted).update('Server Key').digest(),
    };
  }
}
