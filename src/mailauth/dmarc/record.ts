// DMARC policy records (RFC 9989 §4.7, §4.8). What is unknown or broken in one is passed over, as the standard wants it.
import type { DmarcPolicy, PublishedPolicy } from '../verdicts.ts';

export interface DmarcRecord extends PublishedPolicy {
  readonly psd: 'y' | 'n' | 'u';
  /** RFC 9989 §4.10.1: false where its policies can't be read and nobody wants reports: the domain is to be left alone. */
  readonly applies: boolean;
}

/** Reports go to no more addresses than this. */
const mostAddresses = 10;

/** RFC 9989 §4.10: other TXT records are discarded before any is counted. */
export function isDmarcRecord(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}

/** `text`: one that {@link isDmarcRecord}. */
export function parseDmarcRecord(text: string): DmarcRecord {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim().toLowerCase();
    // Of two tags of a name, the first counts: nothing may be made laxer by what is added.
    if (/^[a-z]+$/.test(name) && !tags.has(name)) tags.set(name, part.slice(equals + 1).trim());
  }
  const lower = (name: string): string | undefined => tags.get(name)?.toLowerCase();
  const rua = addressesOf(tags.get('rua'));
  const [p, sp, np] = [lower('p'), lower('sp'), lower('np')];
  const readable = isPolicy(p) && [sp, np].every((value) => value === undefined || isPolicy(value));
  const psd = lower('psd');
  return {
    p: readable && isPolicy(p) ? p : 'none',
    sp: readable && isPolicy(sp) ? sp : undefined,
    np: readable && isPolicy(np) ? np : undefined,
    applies: readable || rua.length > 0,
    adkim: lower('adkim') === 's' ? 's' : 'r',
    aspf: lower('aspf') === 's' ? 's' : 'r',
    testing: lower('t') === 'y',
    psd: psd === 'y' || psd === 'n' ? psd : 'u',
    fo: /^[01ds](?::[01ds])*$/i.exec(tags.get('fo') ?? '')?.[0].toLowerCase() ?? '0',
    rua,
    ruf: addressesOf(tags.get('ruf')),
  };
}

function isPolicy(text: string | undefined): text is DmarcPolicy {
  return text === 'none' || text === 'quarantine' || text === 'reject';
}

// dmarc-urilist = (dmarc-uri / obs-dmarc-uri) *(*WSP "," *WSP (dmarc-uri / obs-dmarc-uri))
function addressesOf(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((uri) => /^mailto:([^\s!<>@]+@[a-z0-9.-]+)(?:!\d+[kmgt]?)?$/i.exec(uri.trim())?.[1])
    .filter((address) => address !== undefined)
    .slice(0, mostAddresses);
}
