// The shape of `lmtp`: where other mail systems hand us mail for our mailboxes (RFC 2033), and which may.
import { z } from 'zod';
import { addressBlock, file, section } from './values.ts';

export interface LmtpConfig {
  /** A Unix socket to listen on. */
  readonly socket: string | undefined;
  /** CIDR blocks of clients that are served by the TCP listeners. */
  readonly from: readonly string[];
}

/** These keys, under the file's own names. */
export interface LmtpValues {
  readonly socket?: string | undefined;
  readonly from: readonly string[];
}

export const lmtpSchema: z.ZodType<LmtpValues> = z.strictObject(
  {
    socket: file.optional(),
    // Whoever gets in is believed to have checked what he brings.
    from: z
      .array(addressBlock, { error: 'a list of address blocks, like ["127.0.0.0/8", "::1/128"]' })
      .default(['127.0.0.0/8', '::1/128']),
  },
  { error: section },
);

/** `absolute` completes a path. */
export function lmtpOf({ socket, from }: LmtpValues, absolute: (path: string) => string): LmtpConfig {
  return { socket: socket === undefined ? undefined : absolute(socket), from };
}
