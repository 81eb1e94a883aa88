// Reads Unbound's file of a trust anchor that is followed by RFC 5011, into ours.
import assert from 'node:assert/strict';
import { followAnchor } from '../../../src/dns/dnssec/followed-anchor.ts';
import type { FollowedAnchor, FollowedKey, KeyState } from '../../../src/dns/dnssec/followed-anchor.ts';
import { parseTrustAnchors } from '../../../src/dns/dnssec/trust-anchor.ts';
import { domainName } from '../../../src/dns/wire/name.ts';

/** By Unbound's numbers; "start" (0) and "removed" (5) are nothing to remember. */
const states: readonly (KeyState | undefined)[] = [
  undefined,
  'add-pending',
  'valid',
  'missing',
  'revoked',
  undefined,
];

const revokeFlag = 0x80;

export function readAnchorFile(zone: string, lines: readonly string[]): FollowedAnchor {
  const keys: FollowedKey[] = [];
  for (const line of lines) {
    const [, state] = /;;state=(\d)/.exec(line) ?? [];
    if (line.startsWith(';') || state === undefined) continue;
    const parsed = parseTrustAnchors([line.replace(/;.*/, '')]);
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.fault);
    const [rdata] = parsed.value[0]?.keys ?? [];
    const known = states[Number(state)];
    const [, since = '0'] = /;;lastchange=(\d+)/.exec(line) ?? [];
    if (rdata === undefined || known === undefined) continue;
    keys.push({
      rdata: rdata.with(1, (rdata[1] ?? 0) & ~revokeFlag),
      state: known,
      since: Number(since) * 1000,
    });
  }
  return { ...followAnchor({ zone: domainName(zone), ds: [], keys: [] }), keys };
}
