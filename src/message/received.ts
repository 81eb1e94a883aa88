// The trace header field that each server adds (RFC 5321 §4.4), with the protocol names of RFC 3848 and RFC 6531 §4.3.
import type { TlsInfo } from '../lib/transport.ts';
import { formatDate } from './date.ts';

export interface ReceivedFacts {
  /**
   * Who gave us the message. `undefined` for our own users: where they sit is nobody else's business (RFC 5321 §7.2, RFC 6409 §3.4
   * lets a submission server hide it).
   */
  readonly client:
    | {
        /** What it called itself. */
        readonly name: string;
        /** Whether that is a domain name or an address literal. */
        readonly wellFormed: boolean;
        /** Its IP address. */
        readonly address: string;
      }
    | undefined;
  readonly by: string;
  readonly extended: boolean;
  /** By LMTP. */
  readonly local: boolean;
  readonly utf8: boolean;
  readonly tls: TlsInfo | undefined;
  readonly authenticated: boolean;
  readonly id: string;
  /** The one recipient; none is named where there are several, as each would learn of the others (RFC 5321 §7.2). */
  readonly recipient: string | undefined;
  /** MT-PRIORITY, where it was given. */
  readonly priority?: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The whole field with its CRLFs, in lines of less than 998 octets. */
export function formatReceived(facts: ReceivedFacts): string {
  const from = facts.client === undefined ? `${facts.by} (logged-in user)` : formatClient(facts.client);
  // A cipher's name is ours, or that of the TLS library: no character in it needs quoting.
  const tls = facts.tls === undefined ? '' : ` (${facts.tls.protocol} ${facts.tls.cipher})`;
  const recipient = facts.recipient === undefined ? '' : `\r\n\tfor <${facts.recipient}>`;
  // RFC 6710 §4.1 and §11: a clause of its own.
  const priority = facts.priority === undefined ? '' : `\r\n\tPRIORITY ${facts.priority}`;
  return (
    `Received: from ${from}\r\n\tby ${facts.by} with ${protocolName(facts)}${tls}\r\n` +
    `\tid ${facts.id}${recipient}${priority};\r\n\t${formatDate(facts.at)}\r\n`
  );
}

// Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
// From-domain = "FROM" FWS Extended-Domain
// Extended-Domain = Domain / ( Domain FWS "(" TCP-info ")" ) / ( address-literal FWS "(" TCP-info ")" )
function formatClient(client: NonNullable<ReceivedFacts['client']>): string {
  const literal = client.address.includes(':') ? `[IPv6:${client.address}]` : `[${client.address}]`;
  // What is no name goes into a comment, where nobody takes it for one.
  return client.wellFormed ? `${client.name} (${literal})` : `${literal} (EHLO ${client.name})`;
}

function protocolName(facts: ReceivedFacts): string {
  if (!facts.extended) return 'SMTP';
  const base = facts.local ? 'LMTP' : facts.utf8 ? 'SMTP' : 'ESMTP';
  return `${facts.utf8 ? 'UTF8' : ''}${base}${facts.tls === undefined ? '' : 'S'}${facts.authenticated ? 'A' : ''}`;
}
