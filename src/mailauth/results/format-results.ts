// Writes Authentication-Results (RFC 8601 §2.2). Names and addresses in it are a stranger's words: each goes through `pvalue`, and
// nothing else of theirs is written.
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailEnvelope, MailVerdicts } from '../verdicts.ts';

/** The whole field with its CRLF, in lines that a header may have. ASCII only. */
export function formatAuthenticationResults(
  authservId: string,
  envelope: MailEnvelope,
  verdicts: MailVerdicts,
): string {
  return `Authentication-Results: ${resultsText(authservId, envelope, verdicts)}\r\n`;
}

/** What stands after the field's name; ARC puts its instance in front (RFC 8617 §4.1.1). */
export function resultsText(authservId: string, envelope: MailEnvelope, verdicts: MailVerdicts): string {
  const { spf, dkim, dmarc, arc, iprev } = verdicts;
  const results: string[][] = [
    [
      `iprev=${iprev.result}`,
      `policy.iprev=${pvalue(iprev.address)}`,
      ...(iprev.name === undefined ? [] : [comment(iprev.name)]),
    ],
    [
      `spf=${spf.result}`,
      spf.identity === 'helo'
        ? `smtp.helo=${pvalue(envelope.helo)}`
        : `smtp.mailfrom=${pvalue(mailFromOf(envelope))}`,
    ],
  ];
  if (dkim.length === 0) results.push(['dkim=none']);
  for (const { result, domain, selector, algorithm, mark, testing } of dkim) {
    results.push([
      `dkim=${result}`,
      ...(testing === true ? [comment('the domain tests its key')] : []),
      ...(domain === '' ? [] : [`header.d=${pvalue(domain)}`]),
      ...(selector === '' ? [] : [`header.s=${pvalue(selector)}`]),
      ...(algorithm === '' ? [] : [`header.a=${pvalue(algorithm)}`]),
      // RFC 6008: tells two signatures of one domain apart.
      ...(mark === '' ? [] : [`header.b=${pvalue(mark)}`]),
    ]);
  }
  results.push([
    `dmarc=${dmarc.result}`,
    ...(dmarc.policyDomain === '' ? [] : [comment(`p=${dmarc.policy} dis=${dmarc.disposition}`)]),
    ...(dmarc.authorDomain === '' ? [] : [`header.from=${pvalue(dmarc.authorDomain)}`]),
  ]);
  if (arc.result !== 'none' || arc.sets > 0) {
    // RFC 8617 §5.2 and §8: a chain whose keys can't be looked up hasn't failed; there is no word for it, so nothing is said.
    if (arc.result !== 'temperror')
      results.push([
        `arc=${arc.result}`,
        ...(arc.domain === '' ? [] : [comment(`i=${arc.sets} d=${arc.domain}`)]),
      ]);
  }
  return results.reduce(
    (text, words) => `${text};\r\n\t${words.join(words.join(' ').length > 76 ? '\r\n\t ' : ' ')}`,
    pvalue(authservId),
  );
}

/** RFC 8601 §2.7.2; a local part that ASCII can't say is left out. */
function mailFromOf({ mailFrom }: MailEnvelope): string {
  if (mailFrom === undefined) return '';
  const address = formatMailAddress(mailFrom);
  return /^[\x21-\x7e]+$/.test(address) ? address : mailFrom.domain;
}

// pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]
// value = token / quoted-string
/** Longer than any name or address that is valid. */
const longestValue = 320;

export function pvalue(text: string): string {
  const ascii = text.slice(0, longestValue).replaceAll(/[^\x20-\x7e]/g, '?');
  if (/^[\w!#$%&'*+^`{|}~.-]+(?:@[a-z0-9.-]+)?$/i.test(ascii)) return ascii;
  return `"${ascii.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Nothing in it can end it, nest in it or fold it. */
function comment(text: string): string {
  return `(${text
    .slice(0, longestValue)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/[()\\]/g, '\\$&')})`;
}
