// A resolution as the admin API and `signpost query --json` tell it.
import type { NameQuestion, NameReport } from '../dns/client/name-report.ts';
import { formatClass, formatRcode } from '../dns/wire/codes.ts';
import { parseName } from '../dns/wire/name.ts';
import { formatMessage } from '../dns/wire/presentation.ts';
import { formatRdata, formatType, parseType } from '../dns/wire/rdata/registry.ts';
import type { ResourceRecord } from '../dns/wire/record.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { RecordView, ResolutionView } from './api.ts';

/** Reads a question as a person types it: a name, which needs no trailing dot, and a type. The fault is a sentence. */
export function parseQuestion(name: string, type: string, dnssec: boolean): Result<NameQuestion> {
  const parsed = parseName(name);
  if (!parsed.ok) return fault(`'${name}' is no domain name: ${parsed.fault}`);
  const code = parseType(type);
  if (code === undefined) return fault(`'${type}' is no record type, like A, MX or TYPE65`);
  return ok({ name: parsed.value, type: code, dnssec });
}

export function resolutionView({ message, journey, ms }: NameReport): ResolutionView {
  return {
    rcode: formatRcode(message.rcode),
    answers: message.answers.map(recordView),
    text: formatMessage(message),
    ms,
    steps: journey,
  };
}

export function recordView({ owner, ttl, type, rdata, ...record }: ResourceRecord): RecordView {
  return {
    name: owner.toString(),
    ttl,
    class: formatClass(record.class),
    type: formatType(type),
    data: formatRdata(type, rdata),
  };
}
