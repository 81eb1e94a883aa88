// What a server offers in its reply to EHLO (RFC 5321 §4.1.1.1).
import type { ServerReply } from '../wire/reply-decoder.ts';

export interface Extensions {
  /** RFC 2920 */
  readonly pipelining: boolean;
  /** RFC 6152 */
  readonly eightBitMime: boolean;
  /** RFC 3030: CHUNKING and BINARYMIME, which is of no use alone. */
  readonly binaryMime: boolean;
  /** RFC 6531 */
  readonly smtpUtf8: boolean;
  /** RFC 3207 */
  readonly startTls: boolean;
  /** RFC 3461 */
  readonly dsn: boolean;
  /** RFC 2852 */
  readonly deliverBy: boolean;
  /** RFC 6710 */
  readonly priority: boolean;
  /** RFC 8689 */
  readonly requireTls: boolean;
  /** RFC 9422: how many recipients a message may have, and messages a connection; infinite where it doesn't say. */
  readonly limits: { readonly recipients: number; readonly messages: number };
  /** RFC 1870: offered or not, and the greatest message it takes where it says so. */
  readonly size: { readonly limit: number | undefined } | undefined;
  /** RFC 4954: mechanisms in upper case. */
  readonly auth: readonly string[];
}

/** What a server has that only knows HELO. */
export const noExtensions: Extensions = {
  pipelining: false,
  eightBitMime: false,
  binaryMime: false,
  smtpUtf8: false,
  startTls: false,
  dsn: false,
  deliverBy: false,
  priority: false,
  requireTls: false,
  limits: { recipients: Infinity, messages: Infinity },
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
    binaryMime: offers.has('CHUNKING') && offers.has('BINARYMIME'),
    smtpUtf8: offers.has('SMTPUTF8'),
    startTls: offers.has('STARTTLS'),
    dsn: offers.has('DSN'),
    deliverBy: offers.has('DELIVERBY'),
    priority: offers.has('MT-PRIORITY'),
    requireTls: offers.has('REQUIRETLS'),
    limits: {
      recipients: limitOf(offers.get('LIMITS'), 'RCPTMAX'),
      messages: limitOf(offers.get('LIMITS'), 'MAILMAX'),
    },
    size: size === undefined ? undefined : { limit: sizeLimit(size[0]) },
    auth: offers.get('AUTH') ?? [],
  };
}

/** RFC 9422 §3: `NAME=value`; what can't be understood is passed over, and a limit of 0 is none that can be kept. */
function limitOf(limits: readonly string[] | undefined, name: string): number {
  const value = limits?.find((limit) => limit.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  return /^[1-9]\d{0,5}$/.test(value) ? Number(value) : Infinity;
}

/** RFC 1870 §4: no number and 0 both mean that no limit is told. */
function sizeLimit(param: string | undefined): number | undefined {
  if (param === undefined || !/^\d{1,20}$/.test(param)) return undefined;
  const limit = Number(param);
  return limit === 0 ? undefined : limit;
}
