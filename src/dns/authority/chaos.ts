// Who and what answers here, asked for in class CHAOS (RFC 4892): told only where the config says so, because it also tells an
// attacker which of many servers, and of what kind, he has before him.
import type { DomainName } from '../wire/name.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ProtocolSettings } from '../protocol/answer-protocol.ts';

const identityNames = [domainName('id.server'), domainName('hostname.bind')];
const versionNames = [domainName('version.server'), domainName('version.bind')];

/** The text that answers a question of class CHAOS, or `undefined`, where it is none of ours. */
export function chaosText(name: DomainName, type: number, settings: ProtocolSettings): string | undefined {
  if (type !== rrType.TXT && type !== rrType.ANY) return undefined;
  if (identityNames.some((each) => each.equals(name))) return settings.identity;
  if (versionNames.some((each) => each.equals(name))) return settings.version;
  return undefined;
}
