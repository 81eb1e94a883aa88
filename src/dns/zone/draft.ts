// The nodes and RRsets of a zone while it is built; the zone sees them read-only.
import type { ZoneAdditional, ZoneNode, ZoneRRset } from './zone.ts';

export interface DraftRRset extends ZoneRRset {
  ttl: number;
  rdatas: Uint8Array[];
  additional: readonly ZoneAdditional[];
}

export interface DraftNode extends ZoneNode {
  rrsets: DraftRRset[];
  cut: DraftNode | undefined;
  wildcard: DraftNode | undefined;
}
