// The shape of `proxies`: who may say that a connection is somebody else's.
import { z } from 'zod';
import { addressBlock, section } from './values.ts';

export interface ProxiesConfig {
  /** CIDR blocks whose connections to the listeners of mail begin with a PROXY header. */
  readonly proxyProtocol: readonly string[];
  /** CIDR blocks of clients that may use XCLIENT. */
  readonly xclient: readonly string[];
}

/** These keys, under the file's own names. */
export interface ProxiesValues {
  readonly 'proxy-protocol': readonly string[];
  readonly xclient: readonly string[];
}

// Nobody by default: whoever may name another's address may be anybody.
const blocks = z
  .array(addressBlock, { error: 'a list of address blocks, like ["192.0.2.7", "2001:db8::/64"]' })
  .default([]);

export const proxiesSchema: z.ZodType<ProxiesValues> = z.strictObject(
  { 'proxy-protocol': blocks, xclient: blocks },
  { error: section },
);

export function proxiesOf(values: ProxiesValues): ProxiesConfig {
  return { proxyProtocol: values['proxy-protocol'], xclient: values.xclient };
}
