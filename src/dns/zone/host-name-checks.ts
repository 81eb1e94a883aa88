// Owners of addresses and mail exchanges are hosts, and a host's name is made of letters, digits and hyphens (RFC 952, RFC 1123
// §2.1, RFC 2181 §11). DNS itself takes any octets, so this is only a warning.
import { formatType } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { nodeState } from './image-layout.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import type { ZoneSurvey } from './zone-survey.ts';

/** 1 for letters and digits, 2 for the hyphen. */
const hostOctets = new Uint8Array(256);
for (const [first, last] of ['09', 'az', 'AZ'].map((range) => [range.charCodeAt(0), range.charCodeAt(1)])) {
  hostOctets.fill(1, first, (last ?? 0) + 1);
}
hostOctets[0x2d] = 2;

const hostTypes: ReadonlySet<number> = new Set([rrType.A, rrType.AAAA, rrType.MX]);

/** Whether the octets of a label are those of a host's name; a hyphen stands neither first nor last. */
export function isHostLabel(bytes: Uint8Array, from: number, to: number): boolean {
  if (hostOctets[bytes[from] ?? 0] !== 1 || hostOctets[bytes[to - 1] ?? 0] !== 1) return false;
  for (let at = from; at < to; at++) if (hostOctets[bytes[at] ?? 0] === 0) return false;
  return true;
}

export function checkHostNames(survey: ZoneSurvey, node: number, faults: ZoneFaultList): void {
  const { bytes, words } = survey.image;
  const start = survey.image.nameAt(node);
  const end = start + survey.image.nameLength(node) - survey.origin.wire.length;
  let at = survey.image.isWildcard(node) ? start + 2 : start;
  while (at < end) {
    const length = bytes[at] ?? 0;
    if (!isHostLabel(bytes, at + 1, at + 1 + length)) break;
    at += length + 1;
  }
  if (at >= end) return;
  const state = survey.state(node);
  const count = (words[state + nodeState.meta] ?? 0) & 0xffff;
  for (let i = 0; i < count; i++) {
    const type = (words[state + nodeState.directory + i * 2] ?? 0) >>> 16;
    if (!hostTypes.has(type)) continue;
    const owner = survey.name(node);
    const what = `${owner.toString()} has ${formatType(type)} records, but is no host name`;
    faults.add('warning', `${what}: letters, digits and hyphens make one`, { owner, type });
    return;
  }
}
