// What can be told of one answer of a DNS server that isn't ours: how long it took, what it says of DNSSEC, which keys have signed what. What that
// server did to find it isn't seen from here, and nothing is validated.
import type { Clock } from '../../lib/clock.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import type { Random } from '../../lib/random.ts';
import { ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Network } from '../../lib/transport.ts';
import { algorithmInWords } from '../dnssec/algorithm.ts';
import { soughtInWords } from '../resolver/words.ts';
import { formatRcode } from '../wire/codes.ts';
import { extendedError, readExtendedError } from '../wire/edns-option.ts';
import type { Message } from '../wire/message.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { rrsig } from '../wire/rdata/rrsig.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { formatType, rrType } from '../wire/rr-type.ts';
import type { NameQuestion, NameReport } from './name-report.ts';
import { queryServer } from './query-server.ts';

/** Asks that server and nobody else. The fault is a sentence that names it. */
export async function reportFromServer(
  network: Network,
  server: Endpoint,
  question: NameQuestion,
  means: { readonly clock: Clock; readonly random: Random },
): Promise<Result<NameReport>> {
  const at = means.clock.now();
  const { name, type, dnssec } = question;
  const answer = await queryServer(network, server, { name, type, dnssecOk: dnssec }, means);
  if (!answer.ok) return answer;
  const { message, ms, transport } = answer.value;
  const who = { name: 'server', address: formatEndpoint(server) };
  const asked = `Asked for ${soughtInWords(question)} by ${transport.toUpperCase()}.`;
  const step = (text: string, fine = true): JourneyStep => ({
    step: 'D8',
    at: at + ms,
    ms: 0,
    ok: fine,
    server: who,
    text,
  });
  const journey: JourneyStep[] = [
    { step: 'D7', at, ms, ok: true, server: who, text: asked },
    step(answeredInWords(message)),
    ...errorsOf(message).map((text) => step(text, false)),
    ...(dnssec ? dnssecOf(message).map((text) => step(text)) : []),
  ];
  return ok({ message, journey, ms });
}

function answeredInWords({ rcode, answers, authoritative }: Message): string {
  const records = `${answers.length} record${answers.length === 1 ? '' : 's'}`;
  const by = authoritative ? ' as the authority' : '';
  return `Answers ${formatRcode(rcode)}${by}, with ${records}. Its own steps aren't seen from here.`;
}

function errorsOf({ edns }: Message): readonly string[] {
  return (edns?.options ?? []).flatMap((option) => {
    const error = readExtendedError(option);
    if (error === undefined) return [];
    const name = Object.entries(extendedError).find(([, code]) => code === error.code)?.[0];
    const meaning = name === undefined ? '' : `, ${name.toLowerCase().replaceAll('_', ' ')}`;
    return [`Says why: extended error ${error.code}${meaning}${error.text === '' ? '' : `: ${error.text}`}.`];
  });
}

/** RFC 4035 §3.2.3: AD. What it is worth, depends on the way to that server. */
function dnssecOf({ authenticData, answers, authorities }: Message): readonly string[] {
  const says = authenticData
    ? 'Says that it has validated the answer (AD); nobody but it has.'
    : "Doesn't say that it has validated the answer (no AD).";
  const signatures = [...answers, ...authorities].flatMap(signatureInWords);
  return [says, ...(signatures.length === 0 ? ['Gives no signatures.'] : signatures)];
}

function signatureInWords({ owner, type, rdata }: ResourceRecord): readonly string[] {
  const read = type === rrType.RRSIG ? readRdata(rrsig, rdata) : undefined;
  if (read === undefined) return [];
  const { typeCovered, keyTag, signer, algorithm, expiration } = read;
  const key = `key ${keyTag} of ${signer.toString()} (${algorithmInWords(algorithm)})`;
  return [`${owner.toString()} ${formatType(typeCovered)} is signed by ${key}, until ${dayOf(expiration)}.`];
}

/** Seconds since 1970, modulo 2^32 (RFC 4034 §3.1.5): good until 2106. */
function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
