// What a zone of this very server says needs no proof: it is its owner's word. Where a chain of trust leads to it, it is secure all the same
// (clients of ours may want to see AD); where one doesn't, as with zones that the world knows nothing of, or knows otherwise, it is insecure.
import { unreachable } from '../../lib/result.ts';
import type { Engine, Work } from './engine.ts';
import type { FoundAnswer, Judged } from './second-opinion.ts';
import type { Task } from './task.ts';
import { validate } from './validate.ts';
import type { Validated } from './validate.ts';

/** Seconds that clients may keep it: what the owner changes is to be seen soon, and asking again costs next to nothing. */
const longest = 5;

export function* judgeOwn(engine: Engine, work: Work, found: FoundAnswer): Task<Judged<Validated>> {
  const { verdict } = yield* validate(engine, work, found);
  const links = verdict.links.map((link) => ({
    ...link,
    ...believed(link),
    rrset: { ...link.rrset, ttl: Math.min(link.rrset.ttl, longest) },
  }));
  const end = { ...verdict.end, ...believed(verdict.end) };
  switch (end.kind) {
    case 'records':
      return judged({
        links,
        end: { ...end, rrset: { ...end.rrset, ttl: Math.min(end.rrset.ttl, longest) } },
      });
    case 'nodata':
    case 'nxdomain':
      return judged({ links, end: { ...end, ttl: Math.min(end.ttl, longest) } });
    case 'elsewhere':
      // Where a bogus alias ends the validation, the rest of the chain was left out.
      return judged({ links, end });
    default:
      return unreachable(end);
  }
}

function judged(verdict: Validated): Judged<Validated> {
  return { verdict, doubtful: false };
}

function believed(checked: Validated['end'] | Validated['links'][number]): {
  readonly security: Validated['end']['security'];
  readonly fault?: undefined;
} {
  return { security: checked.security === 'bogus' ? 'insecure' : checked.security };
}
