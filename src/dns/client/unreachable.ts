// What an error of the system says about a server.
import type { UpstreamEvent } from '../resolver/upstream.ts';

/** What the system says where there is no way to a whole address family; it says EADDRNOTAVAIL to a host without any IPv6 address. */
const familyErrors: ReadonlySet<string> = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** `error`: of a socket, or a fault that has one as its cause. */
export function unreachableBy(error: unknown): UpstreamEvent {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined) ?? '';
  const message = error instanceof Error ? error.message : String(error);
  const reason = code === 'ECONNREFUSED' ? 'nobody listens there' : message;
  return { kind: 'unreachable', scope: familyErrors.has(code) ? 'family' : 'server', reason };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
