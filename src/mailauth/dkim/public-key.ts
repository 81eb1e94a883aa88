// DKIM keys in DNS (RFC 6376 §3.6.1, RFC 8463 §4), which ARC's are too, with the sizes that RFC 8301 §3.2 lets count.
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { base64ToBytes } from '../../lib/bytes.ts';
import { questionName } from '../dns-questions.ts';
import type { DnsQuestions } from '../dns-questions.ts';
import { compactValue, parseTagList } from '../tag-list.ts';

export type DkimKey =
  | {
      readonly kind: 'key';
      readonly key: KeyObject;
      readonly type: 'rsa' | 'ed25519';
      readonly bits: number;
      /** `t=y`. */
      readonly testing: boolean;
      /** `t=s`: the identity's domain must be the signature's itself. */
      readonly strict: boolean;
    }
  | { readonly kind: 'policy' | 'permerror' | 'temperror'; readonly reason: string };

/** RFC 8301 §3.2: signatures by shorter keys never count; verifying longer ones would cost more than mail is worth. */
const [fewestBits, mostBits] = [1024, 4096];
/** As for the exponent: 65537 is what everybody has. */
const highestExponent = 0xffff_ffffn;
/** Of a name's records, this many are tried. */
const mostRecords = 4;
const mostKept = 1000;

/** Keys by the text of their records: making one from its octets costs more than verifying with it. */
export class DkimKeys {
  readonly #kept = new Map<string, DkimKey>();

  async find(questions: DnsQuestions, domain: string, selector: string): Promise<DkimKey> {
    const name = questionName(`${selector}._domainkey.${domain}`);
    if (name === undefined) return { kind: 'permerror', reason: 'its key can have no name in DNS' };
    const answer = await questions.texts(name);
    if (answer.kind === 'failure')
      return { kind: 'temperror', reason: `its key can't be looked up: ${answer.reason}` };
    if (answer.kind === 'void') return { kind: 'permerror', reason: 'it has no key in DNS' };
    // RFC 6376 §6.1.2: where there are several records, which one counts is ours to choose: the first that is a key.
    const keys = answer.values.slice(0, mostRecords).map((text) => this.#read(text));
    return (
      keys.find((key) => key.kind === 'key') ??
      keys[0] ?? { kind: 'permerror', reason: 'it has no key in DNS' }
    );
  }

  #read(text: string): DkimKey {
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const key = parseKey(text);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(text, key);
    return key;
  }
}

export function parseKey(text: string): DkimKey {
  const bad = (reason: string): DkimKey => ({ kind: 'permerror', reason });
  const tags = parseTagList(text);
  if (tags === undefined) return bad('its key record is no list of tags');
  const [first] = tags.keys();
  // RFC 6376 §3.6.1: the version stands first, where it stands.
  if (tags.has('v') && (first !== 'v' || tags.get('v')?.value !== 'DKIM1'))
    return bad('its key record is of another version');
  const type = (compactValue(tags, 'k') ?? 'rsa').toLowerCase();
  if (type !== 'rsa' && type !== 'ed25519') return bad('its key is of an unknown type');
  const hashes = compactValue(tags, 'h')?.toLowerCase().split(':');
  if (hashes !== undefined && !hashes.includes('sha256')) return bad('its key is not for SHA-256');
  const services = compactValue(tags, 's')?.toLowerCase().split(':');
  if (services !== undefined && !services.includes('*') && !services.includes('email'))
    return bad('its key is not for mail');
  const data = compactValue(tags, 'p');
  if (data === undefined) return bad('its key record has no key');
  if (data === '') return bad('its key is revoked');
  const octets = base64ToBytes(data.padEnd(Math.ceil(data.length / 4) * 4, '='));
  const key = octets === undefined ? undefined : readKey(type, octets);
  if (key === undefined) return bad('its key is broken');
  const flags = compactValue(tags, 't')?.toLowerCase().split(':') ?? [];
  const facts = {
    kind: 'key',
    key,
    type,
    testing: flags.includes('y'),
    strict: flags.includes('s'),
  } as const;
  if (type === 'ed25519') return { ...facts, bits: 256 };
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < fewestBits || modulusLength > mostBits || publicExponent > highestExponent)
    return {
      kind: 'policy',
      reason: `its key of ${modulusLength} bits is not between ${fewestBits} and ${mostBits}`,
    };
  return { ...facts, bits: modulusLength };
}

/** RFC 8410 §4: what stands before the 32 octets of an Ed25519 key in a SubjectPublicKeyInfo. */
const ed25519Prefix = Uint8Array.fromHex('302a300506032b6570032100');

function readKey(type: 'rsa' | 'ed25519', octets: Uint8Array): KeyObject | undefined {
  try {
    if (type === 'ed25519') {
      if (octets.length !== 32) return undefined;
      const der = new Uint8Array([...ed25519Prefix, ...octets]);
      return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    }
    return rsaKey(Buffer.from(octets));
  } catch {
    return undefined;
  }
}

/** RFC 6376 §3.6.1 says RSAPublicKey, its examples have SubjectPublicKeyInfo (RFC 6376 erratum 3017): both are in use. */
function rsaKey(der: Buffer): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return createPublicKey({ key: der, format: 'der', type: 'pkcs1' });
  }
}
