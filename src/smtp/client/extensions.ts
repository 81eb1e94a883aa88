// What a server offers in its reply to EHLO (RFC 5321 §4.1.1.1).
import type { ServerReply } from '../wire/reply-decoder.ts';

export interface Extensions {
  /** RFC 2920 */
  readonly pipelining: boolean;
  /** RFC 6152 */
  readonly eightBitMime: boolean;
  /** RFC 6531 */
  readonly smtpUtf8: boolean;
  /** RFC 3207 */
  readonly startTls: boolean;
  /** RFC 1870: offered or not, and the greatest message it takes where it says so. */
  readonly size: { readonly limit: number | undefined } | undefined;
  /** RFC 4954: mechanisms in upper case. */
  readonly auth: readonly string[];
}

/** What a server has that only knows HELO. */
export const noExtensions: Extensions = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  startTls: false,
  size: undefined,
  auth: [],
};

/**
 * RFC 5321 §4.1.1.1
 *
 *     ehlo-line    = ehlo-keyword *( SP ehlo-param )
 */
export function readExtensions(reply: ServerReply): Extensions {
  const offers = new Map<string, readonly string[]>();
  // The first line is the server's name and greeting.
  for (const line of reply.lines.slice(1)) {
    const [keyword = '', ...params] = line.trim().toUpperCase().split(/ +/);
    offers.set(keyword, params);
  }
  const size = offers.get('SIZE');
  return {
    pipelining: offers.has('PIPELINING'),
    eightBitMime: offers.has('8BITMIME'),
    smtpUtf8: offers.has('SMTPUTF8'),
    startTls: offers.has('STARTTLS'),
    size: size === undefined ? undefined : { limit: sizeLimit(size[0]) },
    auth: offers.get('AUTH') ?? [],
  };
}

/** RFC 1870 §4: no number and 0 both mean that no limit is told. */
function sizeLimit(param: string | undefined): number | undefined {
  if (param === undefined || !/^\d{1,20}$/.test(param)) return undefined;
  const limit = Number(param);
  return limit === 0 ? undefined : limit;
}
