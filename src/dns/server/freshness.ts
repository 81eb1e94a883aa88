// How long an answer may be kept by HTTP's caches (RFC 8484 §5.1): no longer than the least TTL of what was found, or of the SOA record that
// says that there is nothing.
import { rcode } from '../wire/codes.ts';
import { passName, passQuestions, u16At } from '../wire/pass-over.ts';
import { rrType } from '../wire/rr-type.ts';

/** Seconds; 0 for failures, and for what can't be read. `response` is one of ours. */
export function freshnessOf(response: Uint8Array): number {
  const code = (response[3] ?? 0) & 15;
  if (code !== rcode.NOERROR && code !== rcode.NXDOMAIN) return 0;
  const authoritiesFrom = u16At(response, 6);
  const records = authoritiesFrom + u16At(response, 8);
  let at = passQuestions(response);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < records; i++) {
    at = passName(response, at);
    if (at + 10 > response.length) return 0;
    // RFC 2308 §5: the resolver has put the SOA's own minimum into its TTL.
    if (i < authoritiesFrom || u16At(response, at) === rrType.SOA)
      least = Math.min(least, u16At(response, at + 4) * 0x1_0000 + u16At(response, at + 6));
    at += 10 + u16At(response, at + 8);
  }
  return Number.isFinite(least) ? least : 0;
}
