// The extensions of SMTP that a client is offered, and where: EHLO announces what stands here, and a parameter is taken only where its
// extension was on offer.
import type { SaslMechanism } from '../../sasl/mechanism.ts';
import { fittingMechanisms } from '../../sasl/mechanisms.ts';
import { mailKeywords } from '../wire/mail-parameters.ts';
import type { MailParameters } from '../wire/mail-parameters.ts';
import { xclientAttributes } from '../wire/xclient.ts';
import type { SmtpContext } from './context.ts';
import type { Peer } from './phase.ts';

/** RFC 4865 §4: seconds that a message may be held at most, 60 days. */
export const longestHold: number = 60 * 86_400;

interface Extension {
  readonly offered: (context: SmtpContext, peer: Peer) => boolean;
  readonly line: (context: SmtpContext, peer: Peer) => string;
  /** The keywords of MAIL that come with it. */
  readonly keywords?: readonly (keyof typeof mailKeywords)[];
}

const always = (): boolean => true;
const forOurUsers = ({ role }: SmtpContext): boolean => role === 'submission';

const extensions: readonly Extension[] = [
  // RFC 2920 §3
  { offered: always, line: () => 'PIPELINING' },
  // RFC 1870 §3
  { offered: always, line: ({ maxMessageSize }) => `SIZE ${maxMessageSize}` },
  // RFC 9422 §4.1
  { offered: always, line: ({ maxRecipients }) => `LIMITS RCPTMAX=${maxRecipients}` },
  // RFC 6152 §2
  { offered: always, line: () => '8BITMIME' },
  // RFC 3030 §2, §3
  { offered: always, line: () => 'CHUNKING' },
  { offered: always, line: () => 'BINARYMIME' },
  // RFC 6531 §3.1
  { offered: always, line: () => 'SMTPUTF8' },
  // RFC 3461 §4
  { offered: always, line: () => 'DSN', keywords: ['RET', 'ENVID'] },
  // RFC 2852 §3: no time is too short.
  { offered: always, line: () => 'DELIVERBY', keywords: ['BY'] },
  // RFC 8689 §2: announced under TLS only.
  { offered: (_, { tls }) => tls !== undefined, line: () => 'REQUIRETLS', keywords: ['REQUIRETLS'] },
  // RFC 4865 §4: for submission only.
  {
    offered: forOurUsers,
    line: ({ clock }) =>
      `FUTURERELEASE ${longestHold} ${new Date(clock.now() + 1000 * longestHold).toISOString().slice(0, 19)}Z`,
    keywords: ['HOLDFOR', 'HOLDUNTIL'],
  },
  // RFC 6710 §3; §5: of strangers nobody knows whether they may be urgent.
  { offered: forOurUsers, line: () => 'MT-PRIORITY', keywords: ['MT-PRIORITY'] },
  // Postfix's XCLIENT_README
  { offered: ({ mayChangeClient }) => mayChangeClient, line: () => `XCLIENT ${xclientAttributes}` },
  // RFC 2034 §3
  { offered: always, line: () => 'ENHANCEDSTATUSCODES' },
  // RFC 5321 §4.1.1.8
  { offered: always, line: () => 'HELP' },
  // RFC 3207 §4.2: not announced again under TLS.
  { offered: ({ tlsOffered }, { tls }) => tlsOffered && tls === undefined, line: () => 'STARTTLS' },
  // RFC 4954 §3
  {
    offered: (context, peer) => offeredMechanisms(context, peer).length > 0,
    line: (context, peer) =>
      `AUTH ${offeredMechanisms(context, peer)
        .map(({ name }) => name)
        .join(' ')}`,
  },
];

/** The lines of the reply to EHLO behind the first. */
export function offeredExtensions(context: SmtpContext, peer: Peer): readonly string[] {
  return extensions.filter(({ offered }) => offered(context, peer)).map(({ line }) => line(context, peer));
}

/** The first keyword that was used with MAIL although its extension isn't offered. */
export function notOnOffer(context: SmtpContext, peer: Peer, parameters: MailParameters): string | undefined {
  for (const { offered, keywords = [] } of extensions) {
    const used = keywords.find((keyword) => parameters[mailKeywords[keyword]] !== undefined);
    if (used !== undefined && !offered(context, peer)) return used;
  }
  return undefined;
}

/** The mechanisms that this client may use now. */
export function offeredMechanisms(context: SmtpContext, peer: Peer): readonly SaslMechanism[] {
  // RFC 4954 §4 asks for TLS where passwords cross in clear; we ask for it wherever somebody logs in.
  if (context.role !== 'submission' || peer.login !== undefined || peer.tls === undefined) return [];
  return fittingMechanisms(context.mechanisms, { tls: peer.tls, random: context.random });
}
