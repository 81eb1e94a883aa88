// The answer to CAPA (RFC 2449 §5, §6).
import type { Surroundings } from './phase.ts';

/** One capability a line. The same before and after the login, but for STLS (RFC 2449 §5). */
export function capabilities(surroundings: Surroundings, loggedIn: boolean): readonly string[] {
  const list = [
    'TOP',
    'UIDL',
    'RESP-CODES',
    // RFC 3206 §6
    'AUTH-RESP-CODE',
    'PIPELINING',
    // RFC 2449 §6.7: nothing is removed but by its owner.
    'EXPIRE NEVER',
    // RFC 6856 §2: USER and PASS take UTF-8.
    'UTF8 USER',
  ];
  if (surroundings.loginDelay > 0) list.push(`LOGIN-DELAY ${surroundings.loginDelay}`);
  if (surroundings.tlsOffered && !surroundings.tls && !loggedIn) list.push('STLS');
  // RFC 2595 §2.1: what is refused in clear isn't announced in clear.
  if (surroundings.passwordsAllowed) {
    list.push('USER', `SASL ${surroundings.mechanisms.map(({ name }) => name).join(' ')}`);
  }
  // No version: it would tell strangers more than users (RFC 2449 §6.9, §13).
  list.push('IMPLEMENTATION Signpost');
  return list;
}
