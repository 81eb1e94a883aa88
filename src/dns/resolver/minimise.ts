// QNAME minimisation (RFC 9156 §2.3): a server above the name's own zone is told no more of the name than it needs to refer us on.
import type { DomainName } from '../wire/name.ts';

/** RFC 9156 §2.3: at most this many shortened questions … */
const maxMinimiseCount = 10;
/** … of which the first ones add one label each. */
const minimiseOneLabel = 4;

/**
 * The part of `name` to ask next: longer than `known` (labels that are known to lead no further down), after `count` shortened questions;
 * `name` itself when the time for shortening is over.
 */
export function nextShortened(name: DomainName, known: number, count: number): DomainName {
  if (count >= maxMinimiseCount) return name;
  const missing = name.labelCount - known;
  const step = count < minimiseOneLabel ? 1 : Math.max(1, Math.floor(missing / (maxMinimiseCount - count)));
  return name.ancestor(known + step);
}
