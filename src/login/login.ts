// Checks what a client shows to prove who it is, whatever protocol and mechanism brought it, and slows down whoever guesses.
//
// What a guesser may learn: nothing. An unknown name costs the same time as a wrong password, is refused in the same
// way, and is throttled in the same way.
import type { Clock } from '../lib/clock.ts';
import { mailAddressKey } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { Random } from '../lib/random.ts';
import { unreachable } from '../lib/result.ts';
import { StoreFault } from '../mailbox/message.ts';
import { parseMailAddress } from '../smtp/wire/path.ts';
import type { PasswordProof, Proof, ScramKeys, ScramProof, ScramSalt, TokenProof } from '../sasl/proof.ts';
import type { Account, AccountStore } from './account-store.ts';
import { addressesOf } from './client-certificates.ts';
import type { CertificateRules } from './client-certificates.ts';
import { unmatchableHash, verifyPassword } from './password.ts';
import { Throttle } from '../lib/throttle.ts';
import type { ThrottleLimits } from '../lib/throttle.ts';
import { isThisMachine, placeOf } from './place.ts';
import { decoySalt, parseScramSha256 } from './scram-keys.ts';
import type { TokenVerifier } from './token-verifier.ts';
import { Turnstile } from './turnstile.ts';
import type { TurnstileLimits } from './turnstile.ts';

export type LoginOutcome = { readonly kind: 'ok'; readonly account: Account } | LoginRefusal;

export type SaltOutcome = { readonly kind: 'salt'; readonly salt: ScramSalt } | LoginRefusal;

export type LoginRefusal =
  /** The name or the password is wrong: which of them is not said. `why` is for the log, and more than the client may know. */
  | { readonly kind: 'refused'; readonly why?: string }
  /** Too many failures; the proof was not looked at. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** Can't be checked now; `reason` is a sentence for the log. */
  | { readonly kind: 'unavailable'; readonly reason: string };

const hour = 3_600_000;

export interface LoginLimits {
  /** For one address (IPv6: its /64). */
  readonly address: ThrottleLimits;
  /** For one account, from wherever. */
  readonly account: ThrottleLimits;
  /** How many passwords are hashed at once, and how many wait for it. */
  readonly hashing: TurnstileLimits;
}

export const defaultLoginLimits: LoginLimits = {
  // Many people may be behind one address, so that it takes some failures until it waits.
  address: { free: 10, firstWaitMs: 1000, longestWaitMs: hour / 4, forgetMs: hour, mostKeys: 20_000 },
  // The longest wait is short, because a stranger can cause it.
  account: { free: 20, firstWaitMs: 1000, longestWaitMs: 60_000, forgetMs: hour, mostKeys: 20_000 },
  // Two at a time leave half of Node's four pool threads to others; 256 waiting are served in about 5 seconds.
  hashing: { running: 2, waiting: 256, waitingFromOne: 64 },
};

/** How many pairs of account and address are remembered as having logged in. */
const mostFamiliar = 20_000;

export interface LoginOptions {
  readonly accounts: AccountStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: LoginLimits;
  /** 32 octets that outlive the process: what unknown names are told by SCRAM is made of them. Drawn anew where absent. */
  readonly decoySecret?: Uint8Array;
  /** Without it no token is good for anything. */
  readonly tokens?: Pick<TokenVerifier, 'verify'> | undefined;
  /** Without it no certificate is. */
  readonly certificates?: CertificateRules | undefined;
}

export class Login {
  readonly #accounts: AccountStore;
  readonly #byAddress: Throttle;
  readonly #byAccount: Throttle;
  readonly #turnstile: Turnstile;
  /** Pairs that have logged in: the account's own devices aren't kept out by strangers who guess at it. */
  readonly #familiar = new Set<string>();
  readonly #unmatchable: string;
  readonly #decoySecret: Uint8Array;
  readonly #tokens: LoginOptions['tokens'];
  readonly #certificates: LoginOptions['certificates'];

  constructor(options: LoginOptions) {
    this.#accounts = options.accounts;
    const limits = options.limits ?? defaultLoginLimits;
    this.#byAddress = new Throttle(limits.address, options.clock);
    this.#byAccount = new Throttle(limits.account, options.clock);
    this.#turnstile = new Turnstile(limits.hashing);
    this.#unmatchable = unmatchableHash(options.random);
    this.#tokens = options.tokens;
    this.#certificates = options.certificates;
    this.#decoySecret = options.decoySecret ?? options.random.bytes(32);
  }

  /** `from` is the client's IP address. Never throws. */
  async verify(proof: Proof, from: string): Promise<LoginOutcome> {
    try {
      switch (proof.kind) {
        case 'password':
          return await this.#verifyPassword(proof, placeOf(from));
        case 'scram':
          return await this.#verifyScram(proof, placeOf(from));
        case 'vouched': {
          const address = parseIdentity(proof.identity);
          const account = address === undefined ? undefined : await this.#accounts.findAccount(address);
          return account === undefined ? { kind: 'refused' } : { kind: 'ok', account };
        }
        case 'token':
          return await this.#verifyToken(proof, placeOf(from));
        case 'certificate': {
          const rules = this.#certificates;
          const addresses = rules === undefined ? [] : addressesOf(proof.certificate, rules);
          return await this.#open(addresses, proof, placeOf(from), 'the certificate opens no account');
        }
        default:
          return unreachable(proof);
      }
    } catch (error) {
      return unavailable(error);
    }
  }

  /** What a client of SCRAM needs to make its proof; for a name that nobody has, something of the same look. Never throws. */
  async salt(identity: string, from: string): Promise<SaltOutcome> {
    const address = parseIdentity(identity);
    const key = address === undefined ? undefined : mailAddressKey(address);
    const throttled = this.#throttled(key, placeOf(from));
    if (throttled !== undefined) return throttled;
    try {
      const account = address === undefined ? undefined : await this.#accounts.findAccount(address);
      const keys = account === undefined ? undefined : parseScramSha256(account.credentials.scramSha256);
      const { salt, iterations } = keys ?? decoySalt(this.#decoySecret, key ?? identity);
      return { kind: 'salt', salt: { salt, iterations } };
    } catch (error) {
      return unavailable(error);
    }
  }

  async #verifyPassword(proof: PasswordProof, place: string): Promise<LoginOutcome> {
    const address = parseIdentity(proof.identity);
    // What is no address is counted against the place alone: it can't be an account's.
    const key = address === undefined ? undefined : mailAddressKey(address);
    const early = this.#throttled(key, place);
    if (early !== undefined) return early;
    const outcome = await this.#turnstile.pass(place, async (): Promise<LoginOutcome> => {
      // Again, as others may have failed while this one waited: no burst of connections gets more tries.
      const late = this.#throttled(key, place);
      if (late !== undefined) return late;
      const account = address === undefined ? undefined : await this.#accounts.findAccount(address);
      const fits = await verifyPassword(proof.password, account?.credentials.argon2id ?? this.#unmatchable);
      // Before the next one gets its turn, which looks at what is remembered here.
      return this.#judge(fits ? account : undefined, proof, key, place);
    });
    return outcome ?? { kind: 'unavailable', reason: 'too many logins are waiting to be checked' };
  }

  async #verifyScram(proof: ScramProof, place: string): Promise<LoginOutcome> {
    const address = parseIdentity(proof.identity);
    const key = address === undefined ? undefined : mailAddressKey(address);
    const account = address === undefined ? undefined : await this.#accounts.findAccount(address);
    // From here on nothing waits, so that no burst of connections gets more tries.
    const throttled = this.#throttled(key, place);
    if (throttled !== undefined) return throttled;
    const keys = account === undefined ? undefined : parseScramSha256(account.credentials.scramSha256);
    const fits = proof.fits(keys ?? unmatchableKeys);
    return this.#judge(fits && keys !== undefined ? account : undefined, proof, key, place);
  }

  async #verifyToken(proof: TokenProof, place: string): Promise<LoginOutcome> {
    const early = this.#throttled(keyOf(proof.actAs), place);
    if (early !== undefined) return early;
    const verdict = await this.#tokens?.verify(proof.token);
    if (verdict?.kind === 'unavailable') return verdict;
    const addresses = verdict?.kind === 'good' ? [verdict.address] : [];
    const why = verdict?.kind === 'bad' ? verdict.reason : 'the token opens no account';
    return await this.#open(addresses, proof, place, why);
  }

  /** The first account of these addresses that it may be; `why` there is none, for the log. */
  async #open(addresses: readonly string[], proof: Proof, place: string, why: string): Promise<LoginOutcome> {
    let account: Account | undefined;
    for (const text of addresses.slice(0, mostAddresses)) {
      const address = parseIdentity(text);
      const found = address === undefined ? undefined : await this.#accounts.findAccount(address);
      if (found !== undefined && mayActAs(found, proof.actAs)) account ??= found;
    }
    const key = account === undefined ? keyOf(proof.actAs) : mailAddressKey(account.address);
    return this.#throttled(key, place) ?? this.#judge(account, proof, key, place, why);
  }

  /** `proven`: the account whose owner has proved to be it. */
  #judge(
    proven: Account | undefined,
    proof: Proof,
    key: string | undefined,
    place: string,
    why?: string,
  ): LoginOutcome {
    const verdict: LoginOutcome =
      proven !== undefined && mayActAs(proven, proof.actAs)
        ? { kind: 'ok', account: proven }
        : { kind: 'refused', ...(why !== undefined && { why }) };
    this.#remember(verdict.kind, key, place);
    return verdict;
  }

  #throttled(key: string | undefined, place: string): LoginRefusal | undefined {
    // One of the two limits always holds: this machine is everybody's place, so that no account is familiar there.
    const ofAccount =
      key === undefined || (!isThisMachine(place) && this.#familiar.has(pair(key, place)))
        ? 0
        : this.#byAccount.waitMs(key);
    const ofPlace = isThisMachine(place) ? 0 : this.#byAddress.waitMs(place);
    const retryAfterMs = Math.ceil(Math.max(ofAccount, ofPlace));
    return retryAfterMs > 0 ? { kind: 'throttled', retryAfterMs } : undefined;
  }

  #remember(outcome: LoginOutcome['kind'], key: string | undefined, place: string): void {
    if (outcome === 'refused') {
      this.#byAddress.fail(place);
      if (key !== undefined) this.#byAccount.fail(key);
      return;
    }
    if (outcome !== 'ok' || key === undefined) return;
    // The address's failures stay: an account of one's own must not buy more guesses at others.
    this.#byAccount.forget(key);
    this.#familiar.delete(pair(key, place));
    this.#familiar.add(pair(key, place));
    if (this.#familiar.size <= mostFamiliar) return;
    for (const oldest of this.#familiar) {
      this.#familiar.delete(oldest);
      break;
    }
  }
}

/** More than any address of ours has: what is longer isn't even read. */
const longestIdentity = 320;

/** Addresses of one certificate that are looked up. */
const mostAddresses = 10;

/** The address that a user logs in by, or `undefined` where the name is none. */
function parseIdentity(text: string): MailAddress | undefined {
  if (text.length > longestIdentity) return undefined;
  const address = parseMailAddress(text.trim());
  return address.ok ? address.value : undefined;
}

function keyOf(identity: string | undefined): string | undefined {
  const address = identity === undefined ? undefined : parseIdentity(identity);
  return address === undefined ? undefined : mailAddressKey(address);
}

/** RFC 4422 §3.4.1: acting as somebody else is a right that nobody has here. */
function mayActAs(account: Account, actAs: string | undefined): boolean {
  if (actAs === undefined) return true;
  const named = parseIdentity(actAs);
  return named !== undefined && mailAddressKey(named) === mailAddressKey(account.address);
}

function unavailable(error: unknown): LoginRefusal {
  if (error instanceof StoreFault) return { kind: 'unavailable', reason: error.message };
  const text = error instanceof Error ? error.message : String(error);
  return { kind: 'unavailable', reason: `the login can't be checked: ${text}` };
}

/** Proofs of unknown names are compared with these, which no proof fits, so that they take the same time. */
const unmatchableKeys: ScramKeys = { storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) };

function pair(key: string, place: string): string {
  return `${place} ${key}`;
}
