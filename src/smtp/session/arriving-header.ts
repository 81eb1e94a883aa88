// The one pass over the header of a message that arrives: rules say which of its fields are not kept, and the content goes on without
// them, octet for octet the same else.
import { MessageHeader } from '../../mailauth/message-header.ts';
import { forgedResults } from '../../mailauth/results/forged-results.ts';
import { fieldsNamed, isField } from '../../message/header.ts';
import type { HeaderField, HeaderScan } from '../../message/header.ts';
import type { SmtpSettings } from './context.ts';

/** Whether a field goes. */
export type DropRule = (field: HeaderField) => boolean;

/** RFC 5321 §4.4: Return-Path is put in by final delivery; one that was there before is somebody's invention. */
const returnPath: DropRule = (field) => isField(field, 'Return-Path');

/** What we found about who brought a message. */
export const receptionField = 'Signpost-Reception';

const forgedReception: DropRule = (field) => isField(field, receptionField);

/** RFC 5322 §3.6.3: whom it names, the others must not learn. The envelope has them all, so that both can go as a whole. */
const blindCopies: DropRule = (field) => isField(field, 'Bcc') || isField(field, 'Resent-Bcc');

/** RFC 8601 §5: results that claim to be ours are somebody's invention, whoever brings them. */
function forgedResultsOf(hostname: string, front: Uint8Array, header: HeaderScan): DropRule {
  if (fieldsNamed(header, 'Authentication-Results').length === 0) return () => false;
  const forged = new Set(forgedResults(new MessageHeader(front, header), hostname));
  return (field) => forged.has(field);
}

/** The rules that hold for all mail at a door. `front`: the header section, at least. */
export function dropRules(
  { role, hostname }: Pick<SmtpSettings, 'role' | 'hostname'>,
  front: Uint8Array,
  header: HeaderScan,
): readonly DropRule[] {
  const forged = forgedResultsOf(hostname, front, header);
  return role === 'submission'
    ? [returnPath, blindCopies, forgedReception, forged]
    : [returnPath, forgedReception, forged];
}

/** The fields that go, in their order. */
export function droppedFields(header: HeaderScan, rules: readonly DropRule[]): readonly HeaderField[] {
  return header.fields.filter((field) => rules.some((rule) => rule(field)));
}

/** The octets without these fields, which stand in ascending order. */
export function withoutFields(
  octets: readonly Uint8Array[],
  fields: readonly HeaderField[],
): readonly Uint8Array[] {
  if (fields.length === 0) return octets;
  const kept: Uint8Array[] = [];
  let base = 0;
  // Each chunk begins with the first field that ends in it or behind it: every pair that touches is looked at once.
  let first = 0;
  for (const chunk of octets) {
    let from = 0;
    for (let i = first; i < fields.length; i++) {
      const field = fields[i];
      if (field === undefined || field.start >= base + chunk.length) break;
      if (field.start > base + from) kept.push(chunk.subarray(from, field.start - base));
      from = Math.min(chunk.length, field.end - base);
      if (field.end <= base + chunk.length) first = i + 1;
    }
    if (from < chunk.length) kept.push(chunk.subarray(from));
    base += chunk.length;
  }
  return kept;
}
