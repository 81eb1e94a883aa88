// Verifies a zone by the digest that it carries (RFC 8976 §4). Without DNSSEC validation this shows that the zone came whole
// and unharmed, not who made it.
import { equalBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { unreachable } from '../../lib/result.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { zonemd as zonemdType } from '../wire/rdata/zonemd.ts';
import type { ZonemdData } from '../wire/rdata/zonemd.ts';
import { rrType } from '../wire/rr-type.ts';
import { computeZonemd, zoneDigests } from './zonemd-digest.ts';
import type { ZonemdHash } from './zonemd-digest.ts';
import type { ZoneView } from './zone-view.ts';

export type ZonemdVerdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'right'; readonly hash: ZonemdHash }
  /** The zone has digests, but none that we can compute. `reason`: a sentence. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly reason: string };

/** RFC 8976 §5.2 and §5.3 */
const simpleScheme = 1;
const hashes: Readonly<Record<number, ZonemdHash>> = { 1: 'sha384', 2: 'sha512' };

/** One digest that is right is enough (RFC 8976 §4). `clock` times the slices of work; a zone without a digest costs nothing. */
export async function verifyZonemd(view: ZoneView, clock: Clock): Promise<ZonemdVerdict> {
  const chosen = chooseDigests(view);
  if (chosen.kind !== 'verify') return chosen;
  return judge(chosen, await zoneDigests(view, chosen.hashes, clock));
}

/** As `verifyZonemd`, in one go: for threads that load zones. */
export function verifyZonemdAtOnce(view: ZoneView): ZonemdVerdict {
  const chosen = chooseDigests(view);
  if (chosen.kind !== 'verify') return chosen;
  return judge(
    chosen,
    chosen.hashes.map((hash) => computeZonemd(view, hash)),
  );
}

interface ChosenDigests {
  readonly kind: 'verify';
  readonly hashes: readonly ZonemdHash[];
  readonly usable: readonly { readonly record: ZonemdData; readonly hash: ZonemdHash }[];
}

function chooseDigests(view: ZoneView): ChosenDigests | ZonemdVerdict {
  const rrset = view.rrset(view.origin, rrType.ZONEMD);
  if (rrset === undefined) return { kind: 'absent' };
  const records = rrset.rdatas.flatMap((rdata) => readRdata(zonemdType, rdata) ?? []);
  const known = records.flatMap((record) => {
    const hash = record.scheme === simpleScheme ? hashes[record.hashAlgorithm] : undefined;
    return hash === undefined ? [] : [{ record, hash }];
  });
  if (known.length === 0)
    return { kind: 'unsupported', reason: 'its digest (ZONEMD) is of a scheme or hash that is unknown here' };
  const usable = known.filter(({ record }) => isUsable(record, records, view.serial));
  if (usable.length === 0)
    return {
      kind: 'wrong',
      reason: "its digest (ZONEMD) is of another serial than the zone's, or ambiguous",
    };
  return { kind: 'verify', hashes: [...new Set(usable.map(({ hash }) => hash))], usable };
}

/** `digests`: what the zone comes to by each of the hashes. */
function judge({ hashes: wanted, usable }: ChosenDigests, digests: readonly Uint8Array[]): ZonemdVerdict {
  for (const [index, hash] of wanted.entries()) {
    const digest = digests[index];
    if (digest === undefined) continue;
    if (usable.some((each) => each.hash === hash && equalBytes(each.record.digest, digest)))
      return { kind: 'right', hash };
  }
  return { kind: 'wrong', reason: 'its content is not what its digest (ZONEMD) was made of' };
}

/**
 * The check that refuses a zone whose digest is wrong, in words; of digests that can't be computed it only tells. For whoever
 * loads or transfers zones.
 */
export function zonemdCheck(clock: Clock, log: Log): (content: ZoneView) => Promise<readonly string[]> {
  return async (content) => {
    const verdict = await verifyZonemd(content, clock);
    switch (verdict.kind) {
      case 'wrong':
        return [`${content.origin.toString()} at serial ${content.serial}: ${verdict.reason}`];
      case 'unsupported':
        log.warn("a zone's digest is not verified", {
          zone: content.origin.toString(),
          reason: verdict.reason,
        });
        return [];
      case 'right':
      case 'absent':
        return [];
      default:
        return unreachable(verdict);
    }
  };
}

/** RFC 8976 §4: the serial must be the zone's, and no two digests may be of one scheme and hash. */
function isUsable(record: ZonemdData, all: readonly ZonemdData[], serial: number): boolean {
  if (record.serial !== serial) return false;
  const alike = all.filter(
    (each) => each.scheme === record.scheme && each.hashAlgorithm === record.hashAlgorithm,
  );
  return alike.length === 1;
}
