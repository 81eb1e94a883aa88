// The names that parts give themselves, for showing and search.
import type { ContentFields, MimePart } from './mime-part.ts';
import { parameterValue } from './parameters.ts';

/** A part's file name, decoded: RFC 2183 §2.3, or the older `name` of its type. */
export function partName(content: ContentFields): string | undefined {
  const named =
    content.disposition === undefined
      ? undefined
      : parameterValue(content.disposition.parameters, 'filename');
  const name = named ?? parameterValue(content.parameters, 'name');
  return name === '' ? undefined : name;
}

/** Of all parts below, in their order; at most so many. */
export function partNames(root: MimePart, most: number): readonly string[] {
  const names: string[] = [];
  const collect = (part: MimePart): void => {
    if (names.length >= most) return;
    const name = partName(part.content);
    if (name !== undefined) names.push(name);
    if (part.kind === 'multipart') part.parts.forEach(collect);
    else if (part.kind === 'message') collect(part.message);
  };
  collect(root);
  return names;
}
