// The OpaqueString profile of PRECIS (RFC 8265 §4.2): makes passwords comparable, and says which characters they may hold
// (the FreeformClass of RFC 8264 §4.3, derived as in §8).
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';

// RFC 8264 §9.6, the exceptions that are allowed or not whatever else they are.
const always = /[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]/u;
const never = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
// §9.7 to §9.13: unassigned, private use, surrogates, line and paragraph ends, old Hangul letters, what shows nothing, controls.
const disallowed =
  /[\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Cc}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

/** The context rules of RFC 5892 appendix A that §9.6 leads to; joiners (A.1, A.2) are among what shows nothing, and stay out. */
const inContext: readonly { readonly which: RegExp; readonly rule: (around: Around) => boolean }[] = [
  { which: /\u00b7/, rule: ({ before, after }) => before === 'l' && after === 'l' },
  { which: /\u0375/, rule: ({ after }) => /\p{Script=Greek}/u.test(after) },
  { which: /[\u05f3\u05f4]/, rule: ({ before }) => /\p{Script=Hebrew}/u.test(before) },
  {
    which: /\u30fb/,
    rule: ({ whole }) => /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(whole),
  },
  { which: /[\u0660-\u0669]/, rule: ({ whole }) => !/[\u06f0-\u06f9]/.test(whole) },
  { which: /[\u06f0-\u06f9]/, rule: ({ whole }) => !/[\u0660-\u0669]/.test(whole) },
];

interface Around {
  readonly before: string;
  readonly after: string;
  readonly whole: string;
}

/**
 * Maps each space to the ASCII one and normalises to NFC; nothing else is folded (RFC 8265 §4.2.2). The fault is a sentence
 * without its subject: `is empty`, `contains a control character`.
 */
export function prepareOpaqueString(text: string): Result<string> {
  const prepared = text.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC');
  if (prepared === '') return fault('is empty');
  if (/\p{Cc}/u.test(prepared)) return fault('contains a control character');
  const characters = Array.from(prepared);
  for (const [at, character] of characters.entries()) {
    if (always.test(character)) continue;
    const around = { before: characters[at - 1] ?? '', after: characters[at + 1] ?? '', whole: prepared };
    const contextual = inContext.find(({ which }) => which.test(character));
    const allowed =
      contextual === undefined
        ? !never.test(character) && !disallowed.test(character)
        : contextual.rule(around);
    if (!allowed) return fault(`contains a character that none may hold (${codePoint(character)})`);
  }
  return ok(prepared);
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
