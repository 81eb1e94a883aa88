import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../lib/clock.ts';
import { mailAddressKey } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { ClientCertificate } from '../lib/transport.ts';
import { seededRandom } from '../lib/random.ts';
import { StoreFault } from '../mailbox/message.ts';
import type { AccountId } from '../mailbox/message.ts';
import type { Proof, ScramKeys } from '../sasl/proof.ts';
import type { Account, AccountStore } from './account-store.ts';
import { defaultLoginLimits, Login } from './login.ts';
import type { LoginLimits, LoginOutcome } from './login.ts';
import { makeCredentials } from './password.ts';
import { deriveScramSha256, parseScramSha256 } from './scram-keys.ts';
import type { TokenVerdict } from './token-verifier.ts';

const made = await makeCredentials('open sesame', seededRandom(1));
assert.ok(made.ok);
const alice: Account = {
  id: 1 as AccountId,
  address: { localPart: 'alice', domain: 'xn--bcher-kva.example' },
  credentials: made.value,
  settings: {},
  createdAt: 0,
};

/** Smaller than the real ones, because each try costs a hash of 19 MiB. */
const limits: LoginLimits = {
  address: { ...defaultLoginLimits.address, free: 3 },
  account: { ...defaultLoginLimits.account, free: 5 },
  hashing: { running: 2, waiting: 10, waitingFromOne: 6 },
};

function word(identity: string, password: string): Proof {
  return { kind: 'password', identity, password };
}

function newLogin(findAccount?: AccountStore['findAccount']): { login: Login; clock: VirtualClock } {
  const accounts: Pick<AccountStore, 'findAccount'> = {
    findAccount:
      findAccount ??
      (async (address) => (mailAddressKey(address) === mailAddressKey(alice.address) ? alice : undefined)),
  };
  const clock = new VirtualClock();
  return {
    login: new Login({ accounts: accounts as AccountStore, clock, random: seededRandom(7), limits }),
    clock,
  };
}

const identities: readonly (readonly [string, string, string])[] = [
  ['alice@xn--bcher-kva.example', 'open sesame', 'ok'],
  ['Alice@B\u00fccher.Example', 'open sesame', 'ok'],
  [' alice@b\u00fccher.example ', 'open sesame', 'ok'],
  ['alice@b\u00fccher.example', 'open sesame!', 'refused'],
  ['alice@b\u00fccher.example', '', 'refused'],
  ['alice', 'open sesame', 'refused'],
  ['@b\u00fccher.example', 'open sesame', 'refused'],
  ['bob@b\u00fccher.example', 'open sesame', 'refused'],
  ['', '', 'refused'],
  [`${'a'.repeat(300)}@b\u00fccher.example`, 'open sesame', 'refused'],
];
for (const [identity, password, expected] of identities) {
  test(`'${identity.slice(0, 40)}' with '${password}' is ${expected}`, async () => {
    const outcome = await newLogin().login.verify(word(identity, password), '192.0.2.1');
    assert.equal(outcome.kind, expected);
  });
}

const name = 'alice@b\u00fccher.example';

test('an address that fails too often waits, longer each time, and is forgotten after an hour', async () => {
  const { login, clock } = newLogin();
  // `bob` and friends: so that no account's own limit is reached.
  for (let i = 0; i <= 3; i++) await login.verify(word(`nobody${i}@x.example`, 'guess'), '192.0.2.1');
  const waits: number[] = [];
  for (let i = 0; i < 4; i++) {
    const outcome = await login.verify(word(name, 'open sesame'), '192.0.2.1');
    assert.equal(outcome.kind, 'throttled');
    if (outcome.kind !== 'throttled') return;
    waits.push(outcome.retryAfterMs);
    clock.advance(outcome.retryAfterMs);
    assert.equal((await login.verify(word(`other${i}@x.example`, 'guess'), '192.0.2.1')).kind, 'refused');
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000]);
  assert.equal((await login.verify(word(name, 'open sesame'), '192.0.2.2')).kind, 'ok');
  clock.advance(3_600_000);
  assert.equal((await login.verify(word(name, 'open sesame'), '192.0.2.1')).kind, 'ok');
});

test('all addresses of an IPv6 /64 are one place', async () => {
  const { login } = newLogin();
  for (let i = 0; i <= 3; i++) await login.verify(word(`nobody${i}@x.example`, 'guess'), `2001:db8::${i}`);
  assert.equal((await login.verify(word(name, 'open sesame'), '2001:db8::ffff')).kind, 'throttled');
  assert.equal((await login.verify(word(name, 'open sesame'), '2001:db8:0:1::1')).kind, 'ok');
});

for (const local of ['127.0.0.1', '::1']) {
  test(`${local} brings many people's logins: one who guesses there keeps nobody else out`, async () => {
    const { login } = newLogin();
    for (let i = 0; i <= 3; i++) await login.verify(word(`nobody${i}@x.example`, 'guess'), local);
    assert.equal((await login.verify(word(name, 'open sesame'), local)).kind, 'ok');
    for (let i = 0; i <= 5; i++) await login.verify(word('nobody@x.example', 'guess'), local);
    assert.equal((await login.verify(word('nobody@x.example', 'guess'), local)).kind, 'throttled');
  });
}

test('whoever has logged in through this machine may still not be guessed at through it without end', async () => {
  const { login } = newLogin();
  assert.equal((await login.verify(word(name, 'open sesame'), '127.0.0.1')).kind, 'ok');
  for (let i = 0; i <= 5; i++) await login.verify(word(name, 'guess'), '127.0.0.1');
  assert.equal((await login.verify(word(name, 'guess'), '127.0.0.1')).kind, 'throttled');
});

test('an account guessed at from many places waits, its own places do not, and nor do others', async () => {
  const { login } = newLogin();
  assert.equal((await login.verify(word(name, 'open sesame'), '198.51.100.1')).kind, 'ok');
  const outcomes: string[] = [];
  for (let i = 1; i <= 7; i++) outcomes.push((await login.verify(word(name, 'guess'), `192.0.2.${i}`)).kind);
  assert.deepEqual(outcomes.slice(-2), ['refused', 'throttled']);
  const unknown: string[] = [];
  for (let i = 1; i <= 7; i++)
    unknown.push((await login.verify(word('nobody@b\u00fccher.example', 'guess'), `203.0.113.${i}`)).kind);
  assert.deepEqual(unknown, outcomes, 'an unknown name is treated as a known one is');
  assert.equal((await login.verify(word(name, 'open sesame'), '198.51.100.1')).kind, 'ok');
});

test('a burst of connections gets no more guesses than one after another does', async () => {
  const { login } = newLogin();
  const burst = Array.from({ length: 8 }, (_, i) =>
    login.verify(word(`u${i}@x.example`, 'guess'), '192.0.2.1'),
  );
  const outcomes = await Promise.all(burst);
  const refused = outcomes.filter((outcome) => outcome.kind === 'refused').length;
  // Two run at a time, so that one more than the fourth may have begun before it failed.
  assert.ok(refused >= 4 && refused <= 5, `${refused} guesses`);
});

test('where too many wait, from one place or in all, the next is told that it cannot be checked now', async () => {
  const { login } = newLogin();
  const from = (place: string): Promise<LoginOutcome>[] =>
    Array.from({ length: 10 }, () => login.verify(word(name, 'open sesame'), place));
  const [first, second] = await Promise.all([Promise.all(from('192.0.2.1')), Promise.all(from('192.0.2.2'))]);
  const count = (outcomes: readonly LoginOutcome[], kind: LoginOutcome['kind']): number =>
    outcomes.filter((outcome) => outcome.kind === kind).length;
  // Two run and six wait, all that may from one place; then four more, all that may in all.
  assert.deepEqual([count(first, 'ok'), count(first, 'unavailable')], [8, 2]);
  assert.deepEqual([count(second, 'ok'), count(second, 'unavailable')], [4, 6]);
});

test('a store that cannot be asked is no wrong password', async () => {
  const { login } = newLogin(async () => {
    throw new StoreFault('broken', 'the disk is gone');
  });
  const outcome = await login.verify(word(name, 'open sesame'), '192.0.2.1');
  assert.deepEqual(outcome, { kind: 'unavailable', reason: 'the disk is gone' });
});

test('an unknown name takes as long as a wrong password', async () => {
  const { login } = newLogin();
  const time = async (identity: string, place: number): Promise<number> => {
    const start = performance.now();
    await login.verify(word(identity, 'guess'), `192.0.2.${place}`);
    return performance.now() - start;
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let i = 0; i < 5; i++) {
    known.push(await time(name, i));
    unknown.push(await time('nobody@b\u00fccher.example', i));
  }
  // Without a hash it would take a hundredth; a machine that is busy with other things is forgiven the rest.
  const ratio = median(unknown) / median(known);
  assert.ok(ratio > 1 / 3 && ratio < 3, `ratio ${ratio.toFixed(2)}`);
});

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** A client that knows a password, or guesses. */
async function scram(login: Login, identity: string, password: string, from: string): Promise<string> {
  const salt = await login.salt(identity, from);
  if (salt.kind !== 'salt') return salt.kind;
  const keys = parseScramSha256(await deriveScramSha256(password, salt.salt.salt, salt.salt.iterations));
  const fits = ({ storedKey }: ScramKeys): boolean =>
    Buffer.compare(storedKey, keys?.storedKey ?? new Uint8Array()) === 0;
  return (await login.verify({ kind: 'scram', identity, fits }, from)).kind;
}

test('SCRAM: the right password logs in, and failures count together with those of passwords', async () => {
  const { login, clock } = newLogin();
  const name = 'alice@b\u00fccher.example';
  assert.equal(await scram(login, name, 'open sesame', '192.0.2.1'), 'ok');
  assert.equal(await scram(login, 'nobody@x.example', 'open sesame', '192.0.2.1'), 'refused');
  assert.equal(await scram(login, name, 'guess', '192.0.2.1'), 'refused');
  for (let i = 0; i < 2; i++)
    assert.equal((await login.verify(word('nobody@x.example', 'guess'), '192.0.2.1')).kind, 'refused');
  assert.equal(await scram(login, name, 'open sesame', '192.0.2.1'), 'throttled');
  const late = { kind: 'scram', identity: name, fits: () => true } as const;
  assert.equal((await login.verify(late, '192.0.2.1')).kind, 'throttled', 'the salt was asked before');
  clock.advance(1000);
  assert.equal(await scram(login, name, 'open sesame', '192.0.2.1'), 'ok');
});

test('SCRAM: a name that nobody has is told a salt like any other, the same one each time', async () => {
  const decoySecret = new Uint8Array(32);
  const accounts = { findAccount: () => Promise.resolve(undefined) } as unknown as AccountStore;
  const make = (seed: number): Login =>
    new Login({ accounts, clock: new VirtualClock(), random: seededRandom(seed), decoySecret });
  const told = async (login: Login, name: string): Promise<string> => {
    const outcome = await login.salt(name, '192.0.2.1');
    assert.ok(outcome.kind === 'salt');
    assert.equal(outcome.salt.salt.length, 16);
    assert.equal(outcome.salt.iterations, 100_000);
    return Buffer.from(outcome.salt.salt).toString('hex');
  };
  const first = await told(make(1), 'nobody@x.example');
  assert.equal(await told(make(2), 'Nobody@X.example'), first, 'as spelt otherwise, after a restart');
  assert.notEqual(await told(make(1), 'somebody@x.example'), first);
  assert.notEqual(await told(make(1), 'no address'), first);
});

test('nobody acts as somebody else, but as oneself in other letters', async () => {
  const { login } = newLogin();
  const proof = { kind: 'password', identity: 'alice@b\u00fccher.example', password: 'open sesame' } as const;
  const as = async (actAs: string): Promise<string> =>
    (await login.verify({ ...proof, actAs }, '192.0.2.1')).kind;
  assert.equal(await as('ALICE@xn--bcher-kva.example'), 'ok');
  assert.equal(await as('bob@b\u00fccher.example'), 'refused');
  assert.equal(await as('alice'), 'refused');
});

test('SCRAM: a broken store is told as such', async () => {
  const broken = (): Promise<never> => Promise.reject(new StoreFault('broken', 'the disk is gone'));
  const { login } = newLogin(broken);
  const reason = { kind: 'unavailable', reason: 'the disk is gone' };
  assert.deepEqual(await login.salt('alice@x.example', '192.0.2.1'), reason);
  const proof = { kind: 'scram', identity: 'alice@x.example', fits: () => true } as const;
  assert.deepEqual(await login.verify(proof, '192.0.2.1'), reason);
});

const verdicts: Readonly<Record<string, TokenVerdict>> = {
  good: { kind: 'good', address: 'alice@b\u00fccher.example' },
  nobody: { kind: 'good', address: 'nobody@b\u00fccher.example' },
  'no address': { kind: 'good', address: 'alice' },
  expired: { kind: 'bad', reason: 'expired' },
  away: { kind: 'unavailable', reason: 'the provider is away' },
};

function withMore(): Login {
  const accounts = {
    findAccount: (address: MailAddress) =>
      Promise.resolve(mailAddressKey(address) === mailAddressKey(alice.address) ? alice : undefined),
  } as unknown as AccountStore;
  return new Login({
    accounts,
    clock: new VirtualClock(),
    random: seededRandom(1),
    limits,
    tokens: { verify: (token) => Promise.resolve(verdicts[token] ?? { kind: 'bad', reason: 'unknown' }) },
    certificates: { byFingerprint: new Map([['aa', 'Alice@xn--bcher-kva.example']]) },
  });
}

test('a token opens the account that it names, and no other', async () => {
  const table: readonly (readonly [string, string | undefined, string])[] = [
    ['good', undefined, 'ok'],
    ['good', 'ALICE@b\u00fccher.example', 'ok'],
    ['good', 'bob@b\u00fccher.example', 'refused: the token opens no account'],
    ['nobody', undefined, 'refused: the token opens no account'],
    ['no address', undefined, 'refused: the token opens no account'],
    ['expired', undefined, 'refused: expired'],
    ['away', undefined, 'unavailable: the provider is away'],
  ];
  for (const [token, actAs, expected] of table) {
    const outcome = await withMore().verify(
      { kind: 'token', token, ...(actAs !== undefined && { actAs }) },
      '192.0.2.1',
    );
    assert.equal(showOutcome(outcome), expected, `${token} as ${actAs ?? 'nobody'}`);
  }
  const { login } = newLogin();
  assert.equal((await login.verify({ kind: 'token', token: 'good' }, '192.0.2.1')).kind, 'refused');
});

test('a certificate opens the account that it is configured for, or that its authority vouches for', async () => {
  const table: readonly (readonly [ClientCertificate, string | undefined, string])[] = [
    [{ fingerprint: 'aa', addresses: [], trusted: false }, undefined, 'ok'],
    [{ fingerprint: 'aa', addresses: ['bob@b\u00fccher.example'], trusted: true }, undefined, 'ok'],
    [{ fingerprint: 'aa', addresses: [], trusted: false }, 'bob@b\u00fccher.example', 'refused'],
    [{ fingerprint: 'bb', addresses: ['alice@b\u00fccher.example'], trusted: true }, undefined, 'ok'],
    [{ fingerprint: 'bb', addresses: ['alice@b\u00fccher.example'], trusted: false }, undefined, 'refused'],
    [
      { fingerprint: 'bb', addresses: ['x@b\u00fccher.example', 'alice@b\u00fccher.example'], trusted: true },
      undefined,
      'ok',
    ],
    [
      { fingerprint: 'bb', addresses: ['alice@b\u00fccher.example'], trusted: true },
      'alice@b\u00fccher.example',
      'ok',
    ],
    [
      { fingerprint: 'bb', addresses: ['alice@b\u00fccher.example'], trusted: true },
      'x@b\u00fccher.example',
      'refused',
    ],
    [{ fingerprint: 'bb', addresses: [], trusted: true }, 'alice@b\u00fccher.example', 'refused'],
  ];
  for (const [certificate, actAs, expected] of table) {
    const proof = { kind: 'certificate', certificate, ...(actAs !== undefined && { actAs }) } as const;
    assert.equal((await withMore().verify(proof, '192.0.2.1')).kind, expected);
  }
});

test('tokens and certificates that open nothing count as failures, and a proxy that vouches does not', async () => {
  const login = withMore();
  const certificate = { fingerprint: 'bb', addresses: [], trusted: true };
  for (let i = 0; i < 2; i++) {
    await login.verify({ kind: 'token', token: 'expired' }, '192.0.2.1');
    await login.verify({ kind: 'certificate', certificate }, '192.0.2.1');
    await login.verify({ kind: 'vouched', identity: 'nobody@x.example' }, '192.0.2.1');
  }
  assert.equal((await login.verify({ kind: 'token', token: 'good' }, '192.0.2.1')).kind, 'throttled');
  assert.equal(
    (await login.verify({ kind: 'vouched', identity: 'alice@b\u00fccher.example' }, '192.0.2.1')).kind,
    'ok',
  );
});

function showOutcome(outcome: LoginOutcome): string {
  if (outcome.kind === 'refused') return `refused: ${outcome.why ?? ''}`;
  return outcome.kind === 'unavailable' ? `unavailable: ${outcome.reason}` : outcome.kind;
}
