// What a server adds to a message that it takes (RFC 5321 §4.4, RFC 6409 §8, RFC 8601 §4).
import { utf8ToBytes } from '../../lib/bytes.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { findingWords } from '../../reception/opinion.ts';
import type { Opinion } from '../../reception/opinion.ts';
import { formatDate } from '../../message/date.ts';
import { fieldsNamed, fieldValue } from '../../message/header.ts';
import type { HeaderScan } from '../../message/header.ts';
import { formatReceived } from '../../message/received.ts';
import { formatReturnPath } from '../../message/return-path.ts';
import { droppedFields, dropRules, receptionField, withoutFields } from './arriving-header.ts';
import { countAuthors } from './authors.ts';
import type { SmtpContext } from './context.ts';
import type { ContentPhase } from './phase.ts';

/** Of what the sender wrote, this much of a Message-ID goes into the journey. */
const longestMessageId = 200;

/** A message that is being taken. */
export interface TakenContent {
  readonly octets: readonly Uint8Array[];
  readonly size: number;
  /** Its header section, at least. */
  readonly front: Uint8Array;
  readonly header: HeaderScan;
}

/**
 * The content as it is kept: our fields in front, and without those that the rules of arriving-header.ts drop. `delivered`: a copy goes
 * into a mailbox here. `results`: our Authentication-Results field, or nothing.
 */
export function withOwnFields(
  context: SmtpContext,
  phase: ContentPhase,
  content: TakenContent,
  results: string,
  delivered: boolean,
  now: number,
): readonly Uint8Array[] {
  const { front, header } = content;
  const dropped = droppedFields(header, dropRules(context, front, header));
  const fields = newFields(context, phase, content, delivered, now) + results;
  // Content that begins with text, not with a header, would make that text part of our own.
  // So would what stands behind fields that are taken out, and is no field.
  const kept = header.fields.length > dropped.length;
  const headless = !kept && header.bodyStart === header.end && content.size > header.end;
  return [utf8ToBytes(headless ? `${fields}\r\n` : fields), ...withoutFields(content.octets, dropped)];
}

/** The Message-ID that the message has, or is given. */
export function messageIdOf(
  context: SmtpContext,
  phase: ContentPhase,
  front: Uint8Array,
  header: HeaderScan,
): string | undefined {
  const [field] = fieldsNamed(header, 'Message-ID');
  if (field !== undefined) return fieldValue(front, field).slice(0, longestMessageId);
  return context.role === 'submission' ? ownMessageId(context, phase) : undefined;
}

function ownMessageId(context: SmtpContext, phase: ContentPhase): string {
  return `<${phase.transaction.id}@${context.hostname}>`;
}

function newFields(
  context: SmtpContext,
  phase: ContentPhase,
  content: TakenContent,
  delivered: boolean,
  now: number,
): string {
  const { transaction, hello, peer } = phase;
  const only = transaction.recipients.count === 1 ? transaction.recipients.toArray()[0] : undefined;
  let fields = delivered ? formatReturnPath(transaction.reversePath) : '';
  fields += formatReceived({
    client:
      peer.login === undefined || context.tellClient
        ? { ...clientOf(phase), address: context.remote.address }
        : undefined,
    by: context.hostname,
    extended: hello.extended,
    local: context.role === 'lmtp',
    utf8: transaction.utf8,
    tls: peer.tls,
    authenticated: peer.login !== undefined,
    id: transaction.id,
    recipient: only === undefined ? undefined : formatMailAddress(only.address),
    ...(transaction.terms.priority !== undefined && { priority: transaction.terms.priority }),
    at: now,
  });
  fields += formatReception(transaction.opinion);
  return context.role === 'submission' ? fields + missingFields(context, phase, content, now) : fields;
}

/** What a message of our own users must have, and lacks (RFC 5322 §3.6, RFC 6409 §8). */
function missingFields(
  context: SmtpContext,
  phase: ContentPhase,
  content: TakenContent,
  now: number,
): string {
  const { header } = content;
  const lacks = (name: string): boolean => fieldsNamed(header, name).length === 0;
  const { reversePath } = phase.transaction;
  const own = reversePath ?? phase.peer.login?.account.address;
  const author = own === undefined ? undefined : formatMailAddress(own);
  let fields = '';
  if (author !== undefined && lacks('From')) fields += `From: <${author}>\r\n`;
  // RFC 6409 §8.1, RFC 5322 §3.6.2: of several authors, one has sent it.
  else if (author !== undefined && lacks('Sender') && countAuthors(content) > 1)
    fields += `Sender: <${author}>\r\n`;
  // RFC 6409 §8.2, §8.3
  if (lacks('Date')) fields += `Date: ${formatDate(now)}\r\n`;
  if (lacks('Message-ID')) fields += `Message-ID: ${ownMessageId(context, phase)}\r\n`;
  return fields;
}

/** What was found against the client, or for it, and is for its recipients to know. */
function formatReception(opinion: Opinion | undefined): string {
  if (opinion === undefined || opinion.findings.length === 0) return '';
  return `${receptionField}: ${opinion.findings.map(findingWords).join(';\r\n\t')}\r\n`;
}

function clientOf(phase: ContentPhase): { readonly name: string; readonly wellFormed: boolean } {
  const { text, wellFormed } = phase.hello.client;
  return { name: text, wellFormed };
}
