// A gateway or relay that a number before it tells the kind of: nothing, an address or a name (RFC 4025 §2.5, RFC 8777 §4.2).
import { unreachable } from '../../../lib/result.ts';
import type { DomainName } from '../name.ts';
import type { WireReader } from '../reader.ts';
import type { WireWriter } from '../writer.ts';
import { ipv4, ipv6 } from './fields/address.ts';
import type { TokenReader } from './token-reader.ts';

export type Gateway =
  | { readonly kind: 'none' }
  | { readonly kind: 'ipv4' | 'ipv6'; readonly address: string }
  | { readonly kind: 'name'; readonly name: DomainName };

const kinds = ['none', 'ipv4', 'ipv6', 'name'] as const;

export function gatewayNumber(gateway: Gateway): number {
  return kinds.indexOf(gateway.kind);
}

export function readGateway(reader: WireReader, number: number): Gateway {
  const kind = kinds[number];
  switch (kind) {
    case 'none':
      return { kind };
    case 'ipv4':
      return { kind, address: ipv4.read(reader) };
    case 'ipv6':
      return { kind, address: ipv6.read(reader) };
    case 'name':
      return { kind, name: reader.name() };
    case undefined:
      reader.fail(`an unknown kind of gateway, ${number}`);
      return { kind: 'none' };
    default:
      return unreachable(kind);
  }
}

export function writeGateway(writer: WireWriter, gateway: Gateway): void {
  switch (gateway.kind) {
    case 'none':
      return;
    case 'ipv4':
      return ipv4.write(writer, gateway.address);
    case 'ipv6':
      return ipv6.write(writer, gateway.address);
    case 'name':
      return writer.name(gateway.name, 'plain');
    default:
      return unreachable(gateway);
  }
}

/** A missing gateway is written as `.`. */
export function parseGateway(tokens: TokenReader, number: number): Gateway {
  const kind = kinds[number];
  switch (kind) {
    case 'none':
      if (tokens.word('gateway') !== '.') tokens.fail("the gateway must be '.' where its type is 0");
      return { kind };
    case 'ipv4':
      return { kind, address: ipv4.parse(tokens, 'gateway') };
    case 'ipv6':
      return { kind, address: ipv6.parse(tokens, 'gateway') };
    case 'name':
      return { kind, name: tokens.name('gateway') };
    case undefined:
      tokens.fail(`the type of gateway must be 0 to 3, not ${number}`);
      return { kind: 'none' };
    default:
      return unreachable(kind);
  }
}

export function formatGateway(gateway: Gateway): string {
  switch (gateway.kind) {
    case 'none':
      return '.';
    case 'ipv4':
    case 'ipv6':
      return gateway.address;
    case 'name':
      return gateway.name.toString();
    default:
      return unreachable(gateway);
  }
}
