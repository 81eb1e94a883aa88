// DNSSEC validation (RFC 4035 §5): every answer of a zone's servers passes here before it is believed, kept or given on.
import { unreachable } from '../../lib/result.ts';
import type { Checked } from '../dnssec/security.ts';
import type { Engine, Work } from './engine.ts';
import type { AliasLink, AnswerEnd } from './read-reply.ts';
import type { FoundAnswer, Judged } from './second-opinion.ts';
import type { Task } from './task.ts';
import { judgeDenial } from './validate-denial.ts';
import { judgeRecords } from './validate-records.ts';

export type CheckedLink = AliasLink & Checked;
export type CheckedEnd = AnswerEnd & Checked;

export interface Validated {
  readonly links: readonly CheckedLink[];
  readonly end: CheckedEnd;
}

/** A task, because validation asks for keys on its way. Without `work.checking` everything is left `unchecked`. */
export function* validate(engine: Engine, work: Work, found: FoundAnswer): Task<Judged<Validated>> {
  if (!work.checking)
    return {
      verdict: unvalidated(found, isAnchored(engine, found) ? 'unchecked' : 'insecure'),
      doubtful: false,
    };
  // What this server has in a zone of its own needs no proof, and the world may know the zone otherwise or not at all. As an authority's, it isn't
  // secure either (RFC 4035 §3.1.6), unless whoever runs it has put an anchor there.
  const { zone, askOwn } = found.delegation;
  if (askOwn !== undefined && engine.trust.anchors.closest(zone)?.zone.equals(zone) !== true)
    return { verdict: unvalidated(found, 'insecure'), doubtful: false };
  const links: CheckedLink[] = [];
  for (const link of found.links) {
    const { verdict, doubtful } = yield* judgeRecords(engine, work, link);
    links.push({ ...link, ...verdict });
    // What a bogus alias leads to is nothing that was asked for.
    if (verdict.security === 'bogus') {
      const end: CheckedEnd = { kind: 'elsewhere', name: link.to ?? link.from, security: 'unchecked' };
      return { verdict: { links, end }, doubtful };
    }
  }
  const { verdict: end, doubtful } = yield* judgeEnd(engine, work, found);
  return { verdict: { links, end }, doubtful };
}

function* judgeEnd(engine: Engine, work: Work, { end, type }: FoundAnswer): Task<Judged<CheckedEnd>> {
  switch (end.kind) {
    case 'records': {
      const { verdict, doubtful } = yield* judgeRecords(engine, work, end);
      return { verdict: { ...end, ...verdict }, doubtful };
    }
    case 'nodata':
    case 'nxdomain': {
      const { verdict, doubtful } = yield* judgeDenial(engine, work, { ...end, type });
      return { verdict: { ...end, ...verdict }, doubtful };
    }
    case 'elsewhere':
      // Nothing is said yet.
      return { verdict: { ...end, security: 'secure' }, doubtful: false };
    default:
      return unreachable(end);
  }
}

/** Below no trust anchor there is nothing to validate, whoever asks. */
function isAnchored(engine: Engine, { links, end }: FoundAnswer): boolean {
  const names = [
    ...links.map(({ rrset }) => rrset.owner),
    ...(end.kind === 'records' ? [end.rrset.owner] : [end.name]),
  ];
  return names.some((name) => engine.trust.anchors.closest(name) !== undefined);
}

function unvalidated({ links, end }: FoundAnswer, security: 'unchecked' | 'insecure'): Validated {
  return { links: links.map((link) => ({ ...link, security })), end: { ...end, security } };
}
