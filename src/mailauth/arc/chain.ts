// The sets of an Authenticated Received Chain in a message (RFC 8617 §4, §5.2 steps 1 to 3): found, counted and read.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { HeaderField } from '../../message/header.ts';
import { parseArcSignature, readSeal } from '../dkim/signature.ts';
import type { Seal, Signature } from '../dkim/signature.ts';
import type { MessageHeader } from '../message-header.ts';
import { compactValue, parseTagList } from '../tag-list.ts';
import type { TagList } from '../tag-list.ts';

/** RFC 8617 §4.2.1. */
export const mostSets = 50;

export interface ArcSet {
  readonly results: HeaderField;
  readonly message: HeaderField;
  readonly messageSignature: Signature;
  readonly seal: HeaderField;
  readonly sealed: Seal;
}

export interface ArcChain {
  /** The oldest first; at least one. */
  readonly sets: readonly ArcSet[];
  /** `cv` of the newest seal: what its sealer found. */
  readonly claimed: 'none' | 'pass';
}

export interface ChainFault {
  readonly reason: string;
  /** The highest instance that was seen. */
  readonly highest: number;
}

export const arcNames = {
  results: 'arc-authentication-results',
  message: 'arc-message-signature',
  seal: 'arc-seal',
} as const;

interface Draft {
  results?: HeaderField;
  message?: readonly [HeaderField, TagList];
  seal?: readonly [HeaderField, TagList];
}

/** `undefined` where the message has no chain. */
export function readChain(header: MessageHeader): Result<ArcChain, ChainFault> | undefined {
  const [results, messages, seals] = [
    header.named(arcNames.results),
    header.named(arcNames.message),
    header.named(arcNames.seal),
  ];
  if (results.length + messages.length + seals.length === 0) return undefined;
  let highest = 0;
  const wrong = (reason: string): Result<ArcChain, ChainFault> => fault({ reason, highest });
  if (Math.max(results.length, messages.length, seals.length) > mostSets)
    return wrong(`it has more than ${mostSets} sets`);
  const drafts = new Map<number, Draft>();
  const draft = (instance: number): Draft => {
    highest = Math.max(highest, instance);
    let found = drafts.get(instance);
    if (found === undefined) drafts.set(instance, (found = {}));
    return found;
  };
  for (const field of results) {
    const instance = instanceOf(/^\s*i\s*=\s*(\d+)\s*;/.exec(header.value(field))?.[1]);
    if (instance === undefined) return wrong('an ARC-Authentication-Results has no instance');
    const set = draft(instance);
    if (set.results !== undefined) return wrong(`its set ${instance} has fields twice`);
    set.results = field;
  }
  for (const [fields, part] of [
    [messages, 'message'],
    [seals, 'seal'],
  ] as const) {
    for (const field of fields) {
      const tags = parseTagList(header.value(field));
      const instance = instanceOf(tags === undefined ? undefined : compactValue(tags, 'i'));
      if (tags === undefined || instance === undefined) return wrong("a field of it can't be read");
      const set = draft(instance);
      if (set[part] !== undefined) return wrong(`its set ${instance} has fields twice`);
      set[part] = [field, tags];
    }
  }
  const sets: ArcSet[] = [];
  let claimed: string | undefined;
  for (let instance = 1; instance <= highest; instance++) {
    const { results, message, seal } = drafts.get(instance) ?? {};
    if (results === undefined || message === undefined || seal === undefined)
      return wrong(`its set ${instance} is not whole`);
    claimed = compactValue(seal[1], 'cv')?.toLowerCase();
    // RFC 8617 §5.2 steps 2 and 3: the first sealer saw no chain, all others a good one.
    if (claimed !== (instance === 1 ? 'none' : 'pass'))
      return wrong(claimed === 'fail' ? 'a sealer found it broken' : `cv of its seal ${instance} is wrong`);
    // RFC 8617 §4.1.3: a seal has no h=.
    if (seal[1].has('h')) return wrong(`its seal ${instance} names fields`);
    const messageSignature = parseArcSignature(message[1]);
    if (!messageSignature.ok) return wrong(`signature ${instance}: ${messageSignature.fault}`);
    // RFC 8617 §4.1.2
    if (messageSignature.value.fields.includes(arcNames.seal))
      return wrong(`signature ${instance} signs seals`);
    const sealed = readSeal(seal[1]);
    if (!sealed.ok) return wrong(`seal ${instance}: ${sealed.fault}`);
    sets.push({
      results,
      message: message[0],
      messageSignature: messageSignature.value,
      seal: seal[0],
      sealed: sealed.value,
    });
  }
  return ok({ sets, claimed: claimed === 'pass' ? 'pass' : 'none' });
}

function instanceOf(text: string | undefined): number | undefined {
  const instance = /^[1-9]\d?$/.test(text ?? '') ? Number(text) : 0;
  return instance >= 1 && instance <= mostSets ? instance : undefined;
}
