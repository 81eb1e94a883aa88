// DKIM-Signature fields (RFC 6376 §3.5), and ARC-Message-Signature and ARC-Seal, which are made of the same tags (RFC 8617 §4.1).
import { domainToASCII } from 'node:url';
import { base64ToBytes, bytesToUtf8, latin1ToBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Canonicalization } from '../message-header.ts';
import { compactValue, parseTagList } from '../tag-list.ts';
import type { TagList } from '../tag-list.ts';

/** What every signature of the three kinds has. */
export interface Seal {
  /** As written, lower case; which ones are taken, `acceptedAlgorithm` says. */
  readonly algorithm: string;
  readonly domain: string;
  readonly selector: string;
  readonly signature: Uint8Array;
  /** Where the value of `b` stands in the field's value. */
  readonly own: { readonly start: number; readonly end: number };
  readonly mark: string;
}

export interface Signature extends Seal {
  readonly header: Canonicalization;
  readonly body: Canonicalization;
  readonly bodyHash: Uint8Array;
  /** `l=`. */
  readonly bodyLength: number | undefined;
  /** `h=`, lower case. */
  readonly fields: readonly string[];
  /** `i=` of DKIM; of ARC it is the instance, and this is empty. */
  readonly identity: string;
  /** Seconds since the epoch. */
  readonly expires: number | undefined;
}

/** `known`: what could be read before the fault, so that it can be told which signature is wrong. */
export interface SignatureFault {
  readonly reason: string;
  readonly known: Pick<Signature, 'domain' | 'selector' | 'algorithm' | 'identity' | 'mark'>;
}

/** Fields that a signature may name; real ones name 30 at most. */
const mostFields = 500;

export function parseSignature(value: string): Result<Signature, SignatureFault> {
  const tags = parseTagList(value);
  if (tags === undefined) return fault(unread('it is no list of tags'));
  const identity = tags.get('i')?.value ?? '';
  const read = readSeal(tags);
  const known = { ...knownOf(tags), identity };
  const wrong = (reason: string): Result<Signature, SignatureFault> => fault({ reason, known });
  // RFC 6376 §3.5: the version is needed, and is 1.
  if (tags.get('v')?.value !== '1') return wrong('its version is not 1');
  if (!read.ok) return wrong(read.fault);
  const more = readCoverage(tags, 'simple');
  if (!more.ok) return wrong(more.fault);
  // RFC 6376 §5.4
  if (!more.value.fields.includes('from')) return wrong('it does not sign From');
  // RFC 6376 §3.5: the identity is within the domain.
  const identityDomain = asciiDomain(identity.slice(identity.lastIndexOf('@') + 1));
  const { domain } = read.value;
  if (identity !== '' && identityDomain !== domain && !(identityDomain ?? '').endsWith(`.${domain}`))
    return wrong('its i= is not within its d=');
  const started = tags.get('t')?.value;
  const ends = tags.get('x')?.value;
  if (!isCount(started) || !isCount(ends)) return wrong('its times are no numbers');
  if (ends !== undefined && started !== undefined && Number(ends) <= Number(started))
    return wrong('it ends before it begins');
  // RFC 6376 §3.5: `q` lists ways to the key; only this one is known.
  const query = compactValue(tags, 'q');
  if (query !== undefined && !query.toLowerCase().split(':').includes('dns/txt'))
    return wrong('its key is not in DNS');
  return ok({
    ...read.value,
    ...more.value,
    identity,
    expires: ends === undefined ? undefined : Number(ends),
  });
}

/**
 * RFC 8617 §4.1.2: as DKIM's, without `v`, and `i` is the instance. Laxer than DKIM in two things that the published suite wants: without
 * `c` both forms are relaxed, and From may be unsigned. Nothing is refused or let in by a chain alone.
 */
export function parseArcSignature(tags: TagList): Result<Signature> {
  const seal = readSeal(tags);
  if (!seal.ok) return seal;
  const more = readCoverage(tags, 'relaxed');
  if (!more.ok) return more;
  return ok({ ...seal.value, ...more.value, identity: '', expires: undefined });
}

/** The tags that ARC seals and all signatures have. */
export function readSeal(tags: TagList): Result<Seal> {
  const { domain, selector, algorithm, mark } = knownOf(tags);
  if (algorithm === '') return fault('it names no algorithm');
  if (domain === '' || selector === '') return fault('it names no domain or selector');
  const signature = base64ToBytes(compactValue(tags, 'b') ?? '');
  const own = tags.get('b');
  if (signature === undefined || signature.length === 0 || own === undefined)
    return fault('its b= is no base64');
  return ok({ algorithm, domain, selector, signature, own, mark });
}

/** `usual`: the form where no `c` names one. */
function readCoverage(
  tags: TagList,
  usual: Canonicalization,
): Result<Pick<Signature, 'header' | 'body' | 'bodyHash' | 'bodyLength' | 'fields'>> {
  const [header = '', body = 'simple', more] = (compactValue(tags, 'c') ?? `${usual}/${usual}`)
    .toLowerCase()
    .split('/');
  if (!isForm(header) || !isForm(body) || more !== undefined)
    return fault('its c= names no canonical form that is known');
  const bodyHash = base64ToBytes(compactValue(tags, 'bh') ?? '');
  // What is signed by SHA-1 can be read, and then doesn't count (RFC 8301 §3.1).
  const old = compactValue(tags, 'a')?.toLowerCase() === 'rsa-sha1';
  if (bodyHash?.length !== 32 && !(old && bodyHash?.length === 20)) return fault('its bh= is no hash');
  const length = compactValue(tags, 'l');
  if (!isCount(length)) return fault('its l= is no number');
  const fields = (compactValue(tags, 'h') ?? '').toLowerCase().split(':');
  if (fields.length > mostFields) return fault(`it signs more than ${mostFields} fields`);
  return ok({
    header,
    body,
    bodyHash,
    bodyLength: length === undefined ? undefined : Number(length),
    fields,
  });
}

function knownOf(tags: TagList): SignatureFault['known'] {
  return {
    domain: asciiDomain(compactValue(tags, 'd') ?? '') ?? '',
    selector: asciiDomain(compactValue(tags, 's') ?? '') ?? '',
    algorithm: (compactValue(tags, 'a') ?? '').toLowerCase(),
    identity: '',
    mark: (compactValue(tags, 'b') ?? '').slice(0, 8),
  };
}

function unread(reason: string): SignatureFault {
  return { reason, known: { domain: '', selector: '', algorithm: '', identity: '', mark: '' } };
}

function isForm(text: string): text is Canonicalization {
  return text === 'simple' || text === 'relaxed';
}

function isCount(text: string | undefined): boolean {
  return text === undefined || /^\d{1,15}$/.test(text);
}

/** Lower case; U-labels become A-labels (RFC 8616 §5). `text`: an octet a character. */
export function asciiDomain(text: string): string | undefined {
  if (/^[a-z0-9._-]{1,253}$/i.test(text)) return text.toLowerCase();
  if (!/[^\x00-\x7f]/.test(text) || text.length > 1000) return undefined;
  const ascii = domainToASCII(bytesToUtf8(latin1ToBytes(text)));
  return ascii === '' || ascii.length > 253 ? undefined : ascii;
}
