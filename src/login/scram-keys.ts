// The keys by which SCRAM-SHA-256 checks a password that it never sees (RFC 5802 §3, RFC 7677), in the form of RFC 5803 §2.
import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { base64ToBytes, bytesToBase64 } from '../lib/bytes.ts';
import type { ScramKeys, ScramSalt } from '../sasl/proof.ts';

/**
 * RFC 7677 §4 asks for at least 4096. As both keys are kept side by side, the cheaper one is what a thief would
 * attack; 100,000 costs a client a twentieth of a second.
 */
export const scramIterations = 100_000;
export const scramSaltOctets = 16;
const keyOctets = 32;
/** The most that a stored key may ask a client for, so that a damaged row can't. */
const mostIterations = 10_000_000;

/** RFC 5803 §2: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. */
export async function deriveScramSha256(
  prepared: string,
  salt: Uint8Array,
  iterations: number,
): Promise<string> {
  const salted = await new Promise<Uint8Array>((resolve, reject) => {
    pbkdf2(prepared, salt, iterations, keyOctets, 'sha256', (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const serverKey = createHmac('sha256', salted).update('Server Key').digest();
  return `SCRAM-SHA-256$${iterations}:${bytesToBase64(salt)}$${bytesToBase64(storedKey)}:${bytesToBase64(serverKey)}`;
}

const storedForm =
  /^SCRAM-SHA-256\$(\d{1,8}):([A-Za-z0-9+/=]{4,88})\$([A-Za-z0-9+/=]{44}):([A-Za-z0-9+/=]{44})$/;

/** What `deriveScramSha256` wrote; `undefined` where the text is nothing of the kind. */
export function parseScramSha256(text: string): (ScramSalt & ScramKeys) | undefined {
  const match = storedForm.exec(text);
  const [salt, storedKey, serverKey] = [match?.[2], match?.[3], match?.[4]].map((each) =>
    base64ToBytes(each ?? ''),
  );
  const iterations = Number(match?.[1] ?? 0);
  if (salt === undefined || storedKey?.length !== keyOctets || serverKey?.length !== keyOctets)
    return undefined;
  return iterations >= 1 && iterations <= mostIterations
    ? { salt, iterations, storedKey, serverKey }
    : undefined;
}

/**
 * What somebody is told who names a user that isn't there: a salt like any other, and the same one each time, or the difference
 * would tell who exists (RFC 5802 §9). `secret` outlives the process for the same reason.
 */
export function decoySalt(secret: Uint8Array, name: string): ScramSalt {
  const salt = createHmac('sha256', secret).update(name).digest().subarray(0, scramSaltOctets);
  return { salt: new Uint8Array(salt), iterations: scramIterations };
}
