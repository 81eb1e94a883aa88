// The arguments of XCLIENT, by which a proxy says whose connection it is (Postfix's XCLIENT_README: no RFC has it).
import { parseAddress } from '../../lib/endpoint.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseClientName } from './client-name.ts';
import type { ClientName } from './client-name.ts';
import { decodeXtext } from '../../lib/xtext.ts';

/** What the proxy says; what it leaves out, or doesn't know, stays as it was. */
export interface ClientClaims {
  readonly address?: string;
  readonly port?: number;
  readonly ourAddress?: string;
  readonly ourPort?: number;
  readonly name?: ClientName;
  /** By EHLO. */
  readonly extended?: boolean;
  /** Whom the proxy has let in. */
  readonly login?: string;
}

/** For the reply to EHLO. */
export const xclientAttributes = 'NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT';

const readers: Readonly<Record<string, (value: string) => ClientClaims | undefined>> = {
  // The name of the address is looked up here, not believed.
  NAME: () => ({}),
  ADDR: (value) => {
    const address = readAddress(value);
    return address === undefined ? undefined : { address };
  },
  PORT: (value) => {
    const port = readPort(value);
    return port === undefined ? undefined : { port };
  },
  PROTO: (value) => (/^E?SMTP$/i.test(value) ? { extended: /^E/i.test(value) } : undefined),
  HELO: (value) => {
    const name = parseClientName(value);
    return name === undefined ? undefined : { name };
  },
  LOGIN: (value) => ({ login: value }),
  DESTADDR: (value) => {
    const ourAddress = readAddress(value);
    return ourAddress === undefined ? undefined : { ourAddress };
  },
  DESTPORT: (value) => {
    const ourPort = readPort(value);
    return ourPort === undefined ? undefined : { ourPort };
  },
};

// xclient-command = "XCLIENT" 1*( SP attribute-name "=" attribute-value )
// attribute-value = xtext / "[UNAVAILABLE]" / "[TEMPUNAVAIL]"
/** The fault is a sentence. */
export function parseXclient(text: string): Result<ClientClaims> {
  const words = text.split(/[ \t]+/, 21).filter((word) => word !== '');
  if (words.length === 0 || words.length > 20)
    return fault('The command is written XCLIENT attribute=value, with 1 to 20 of them.');
  let claims: ClientClaims = {};
  for (const word of words) {
    const [, name = '', written = ''] = /^([A-Za-z]+)=(.*)$/.exec(word) ?? [];
    const read = Object.hasOwn(readers, name.toUpperCase()) ? readers[name.toUpperCase()] : undefined;
    if (read === undefined) return fault(`XCLIENT knows these attributes: ${xclientAttributes}.`);
    if (/^\[(?:UNAVAILABLE|TEMPUNAVAIL)\]$/i.test(written)) continue;
    const value = decodeXtext(written);
    const claim = value === undefined || value === '' ? undefined : read(value);
    if (claim === undefined) return fault(`The value of ${name.toUpperCase()} is none that it may have.`);
    claims = { ...claims, ...claim };
  }
  return ok(claims);
}

function readAddress(value: string): string | undefined {
  const v6 = /^IPV6:(.*)$/i.exec(value)?.[1];
  const address = parseAddress(v6 ?? value);
  return v6 !== undefined && !v6.includes(':') ? undefined : address;
}

function readPort(value: string): number | undefined {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : undefined;
  return port === undefined || port > 65_535 ? undefined : port;
}
