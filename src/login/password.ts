// What is kept of a password, and how one is checked against it: argon2id (RFC 9106) for passwords that reach us,
// SCRAM-SHA-256 keys (scram-keys.ts) for mechanisms where they don't.
import { argon2, timingSafeEqual } from 'node:crypto';
import { bytesToBase64, utf8ToBytes } from '../lib/bytes.ts';
import type { Random } from '../lib/random.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { prepareOpaqueString } from '../sasl/opaque-string.ts';
import type { Credentials } from './account-store.ts';
import { deriveScramSha256, scramIterations, scramSaltOctets } from './scram-keys.ts';

/** OWASP's parameters (Password Storage Cheat Sheet, 2024): 19 MiB, two passes, one lane. */
const argon2Cost = { memory: 19456, passes: 2, parallelism: 1 };
const saltOctets = 16;
const hashOctets = 32;

/** Longer than any that a person or a generator makes; bounds what one attempt to log in may cost. */
const longestPassword = 1024;

/** The most that a stored hash may ask for, so that a damaged row can't take the machine's memory. */
const mostMemory = 1 << 20;
const mostPasses = 64;
const mostLanes = 16;

/** Makes a password comparable (RFC 8265 §4.2). The fault is a sentence for the person who typed it. */
export function preparePassword(text: string): Result<string> {
  if (text.length > longestPassword)
    return fault(`the password is longer than ${longestPassword} characters`);
  const prepared = prepareOpaqueString(text);
  return prepared.ok ? prepared : fault(`the password ${prepared.fault}`);
}

/** Derives what is stored of a password. Takes about a fifth of a second, off the main thread. */
export async function makeCredentials(password: string, random: Random): Promise<Result<Credentials>> {
  const prepared = preparePassword(password);
  if (!prepared.ok) return prepared;
  const [argon2id, scramSha256] = [
    await hashArgon2id(prepared.value, random.bytes(saltOctets)),
    await deriveScramSha256(prepared.value, random.bytes(scramSaltOctets), scramIterations),
  ];
  return ok({ argon2id, scramSha256 });
}

/**
 * Whether the password is the one behind the PHC string. False, and not an error, where the string is none of ours.
 * Takes the same time for a right and a wrong password.
 */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const stored = parsePhc(phc);
  const prepared = preparePassword(password);
  if (stored === undefined || !prepared.ok) return false;
  const hash = await runArgon2id(prepared.value, stored.salt, stored.cost, stored.hash.length);
  return timingSafeEqual(hash, stored.hash);
}

/** A PHC string of today's cost that no password fits: verifying against it takes the time that a real one takes. */
export function unmatchableHash(random: Random): string {
  return formatPhc(random.bytes(saltOctets), random.bytes(hashOctets));
}

interface Argon2Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

async function hashArgon2id(prepared: string, salt: Uint8Array): Promise<string> {
  return formatPhc(salt, await runArgon2id(prepared, salt, argon2Cost, hashOctets));
}

function runArgon2id(
  prepared: string,
  salt: Uint8Array,
  cost: Argon2Cost,
  tagLength: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { message: utf8ToBytes(prepared), nonce: salt, tagLength, ...cost },
      (error, derived) => (error === null ? resolve(derived) : reject(error)),
    );
  });
}

/** The PHC string format writes base64 without padding. */
function formatPhc(salt: Uint8Array, hash: Uint8Array): string {
  const { memory, passes, parallelism } = argon2Cost;
  const [saltText, hashText] = [salt, hash].map((bytes) => bytesToBase64(bytes).replaceAll('=', ''));
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${saltText}$${hashText}`;
}

const phcForm =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

function parsePhc(
  text: string,
): { readonly cost: Argon2Cost; readonly salt: Uint8Array; readonly hash: Uint8Array } | undefined {
  const match = phcForm.exec(text);
  if (match === null) return undefined;
  const cost = { memory: Number(match[1]), passes: Number(match[2]), parallelism: Number(match[3]) };
  const [salt, hash] = [decodeUnpadded(match[4] ?? ''), decodeUnpadded(match[5] ?? '')];
  if (salt === undefined || hash === undefined) return undefined;
  // RFC 9106 §3.1: at least 8 KiB a lane.
  const possible =
    cost.parallelism >= 1 &&
    cost.parallelism <= mostLanes &&
    cost.passes >= 1 &&
    cost.passes <= mostPasses &&
    cost.memory >= 8 * cost.parallelism &&
    cost.memory <= mostMemory;
  return possible ? { cost, salt, hash } : undefined;
}

function decodeUnpadded(text: string): Uint8Array | undefined {
  return text.length % 4 === 1 ? undefined : Uint8Array.fromBase64(text, { lastChunkHandling: 'loose' });
}
