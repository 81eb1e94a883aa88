// A zone of `resolver.zones` as the resolver goes by it.
import type { RouteConfig, UpstreamServerConfig } from '../../config/reach-config.ts';
import { domainName } from '../wire/name.ts';
import type { NameServer } from './delegation-cache.ts';
import type { Route } from './routes.ts';
import { serverAddress } from './server-address.ts';

export function routeOf({ name, kind, servers, first }: RouteConfig): Route {
  return {
    delegation: {
      zone: domainName(name),
      servers: servers.map(serverOf),
      expires: Number.POSITIVE_INFINITY,
      ...(kind === 'forward' && { forwards: true }),
    },
    first,
  };
}

function serverOf({ endpoint, tls }: UpstreamServerConfig): NameServer {
  // RFC 8310 §8.1: without a name, the certificate must be valid for the address.
  const certificateName = tls && (tls.name ?? endpoint.address);
  return {
    // It has no name of its own that we know: journeys call it by what the operator wrote.
    name: domainName(`${certificateName ?? endpoint.address}.`),
    addresses: [serverAddress(endpoint, certificateName)],
  };
}
