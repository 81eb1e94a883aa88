// Messages and records as text: records as lines of a zone file (RFC 1035 §5), messages in the layout that dig made
// familiar.
import { formatClass, formatRcode, opcode } from './codes.ts';
import { formatEdnsOption } from './edns-option.ts';
import type { Edns, Message, Question } from './message.ts';
import { formatRdata, formatType } from './rdata/registry.ts';
import type { ResourceRecord } from './record.ts';
import { rrType } from './rr-type.ts';

/** `example.com.	300	IN	MX	10 mx.example.com.`; a line that a zone file takes. */
export function formatRecord(record: ResourceRecord): string {
  const { owner, ttl, type, rdata } = record;
  return `${owner.toString()}\t${ttl}\t${formatClass(record.class)}\t${formatType(type)}\t${formatRdata(type, rdata)}`;
}

/** `example.com.	IN	MX` */
export function formatQuestion(question: Question): string {
  return `${question.name.toString()}\t${formatClass(question.class)}\t${formatType(question.type)}`;
}

/** `QUERY`, or `OPCODE9`. */
export function formatOpcode(code: number): string {
  return Object.entries(opcode).find(([, value]) => value === code)?.[0] ?? `OPCODE${code}`;
}

/** Several lines, without an end of line at the end. */
export function formatMessage(message: Message): string {
  const update = message.opcode === opcode.UPDATE;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [update ? 'ZONE' : 'QUESTION', message.questions.map((question) => `;${formatQuestion(question)}`)],
    [update ? 'PREREQUISITE' : 'ANSWER', message.answers.map(formatRecord)],
    [update ? 'UPDATE' : 'AUTHORITY', message.authorities.map(formatRecord)],
    ['ADDITIONAL', message.additionals.map(formatAdditional)],
  ];
  let text = `;; ->>HEADER<<- opcode: ${formatOpcode(message.opcode)}, status: ${formatRcode(message.rcode)}, id: ${message.id}\n`;
  text += `;; flags:${flagsOf(message)}; ${sections.map(([name, lines]) => `${name}: ${lines.length}`).join(', ')}\n`;
  if (message.edns !== undefined) text += `\n;; OPT PSEUDOSECTION:\n${formatEdns(message.edns)}`;
  for (const [name, lines] of sections) {
    if (lines.length > 0) text += `\n;; ${name} SECTION:\n${lines.join('\n')}\n`;
  }
  return text.trimEnd();
}

function flagsOf(message: Message): string {
  const flags: readonly (readonly [string, boolean])[] = [
    ['qr', message.response],
    ['aa', message.authoritative],
    ['tc', message.truncated],
    ['rd', message.recursionDesired],
    ['ra', message.recursionAvailable],
    ['ad', message.authenticData],
    ['cd', message.checkingDisabled],
  ];
  return flags
    .filter(([, set]) => set)
    .map(([flag]) => ` ${flag}`)
    .join('');
}

function formatEdns({ version, dnssecOk, udpSize, options }: Edns): string {
  let text = `; EDNS: version: ${version}, flags:${dnssecOk ? ' do' : ''}; udp: ${udpSize}\n`;
  for (const option of options) text += `; ${formatEdnsOption(option)}\n`;
  return text;
}

/** TSIG stands as a comment, since no zone may hold it. */
function formatAdditional(record: ResourceRecord): string {
  return record.type === rrType.TSIG ? `;${formatRecord(record)}` : formatRecord(record);
}
