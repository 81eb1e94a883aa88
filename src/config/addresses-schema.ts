// The shape of `addresses`: what belongs to the names before the @.
import { z } from 'zod';
import { section } from './values.ts';

export interface AddressesConfig {
  /** What parts a name from its tag, so that `user+tag` is another name of `user`; `undefined`: nothing does. */
  readonly separator: string | undefined;
}

/** These keys, under the file's own names. */
export interface AddressesValues {
  readonly separator: string;
}

const separators = ['+', '-', '_', '=', '.', '~', '#', 'none'] as const;

export const addressesSchema: z.ZodType<AddressesValues> = z.strictObject(
  { separator: z.enum(separators, { error: `one of ${separators.join(' ')}` }).default('+') },
  { error: section },
);

export function addressesOf({ separator }: AddressesValues): AddressesConfig {
  return { separator: separator === 'none' ? undefined : separator };
}
