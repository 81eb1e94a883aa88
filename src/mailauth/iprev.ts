// Reverse DNS that leads back to the client (RFC 8601 §3, with the limits of RFC 7208 §5.5).
import { shownName } from './dns-questions.ts';
import type { DnsQuestions } from './dns-questions.ts';
import { clientAddress, reverseName, sameNetwork } from './spf/client-address.ts';
import type { IprevVerdict } from './verdicts.ts';

const mostNames = 10;

export async function checkIprev(ip: string, questions: DnsQuestions): Promise<IprevVerdict> {
  const client = clientAddress(ip);
  if (client === undefined)
    return { result: 'permerror', address: ip, reason: 'the client has no IP address' };
  const address = client.text;
  const names = await questions.names(reverseName(client));
  if (names.kind === 'failure') return { result: 'temperror', address, reason: names.reason };
  if (names.kind === 'void') return { result: 'permerror', address, reason: 'the address has no name' };
  let failure: string | undefined;
  for (const name of names.values.slice(0, mostNames)) {
    const answer = await questions.addresses(name, client.family);
    if (answer.kind === 'failure') failure = answer.reason;
    if (
      answer.kind === 'found' &&
      answer.values.some((each) => sameNetwork(each, client.octets, 8 * each.length))
    )
      return { result: 'pass', address, name: shownName(name), reason: 'the name leads back to the address' };
  }
  return failure === undefined
    ? { result: 'fail', address, reason: 'no name of the address leads back to it' }
    : { result: 'temperror', address, reason: failure };
}
