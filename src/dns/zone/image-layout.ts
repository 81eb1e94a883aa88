// The layout of a zone image: one piece of shared memory that holds one zone or many small ones. Everything is counted in 32-bit words, and
// a reference is the index of a word; 0 means none.
//
// One thread writes. It only appends, and then stores a reference to what it appended, so that readers need no locks: a reader loads a
// zone's version once for each query and passes over states that are newer (multi-version concurrency). What was answered or transferred from an
// older version goes on undisturbed.
//
//   header   see `header`
//   table    words[0] = slots - 1; then two words a slot: hash of the name, node (open addressing, linear probing)
//   zone     see `zoneEntry`
//   node     see `nodeEntry`: one name of one zone; never moves, never goes
//   state    see `nodeState`: what a node has from one version on
//   RRset    see `rrsetEntry`: the records as they stand in an answer

export const header = {
  /** The next free word; for the writer alone. */
  used: 0,
  table: 1,
  /** Nodes in the table. */
  nodes: 2,
  /** The first of a list of zones. */
  firstZone: 3,
  words: 8,
} as const;

export const zoneEntry = {
  /** The version that is answered from. Stored after all that belongs to it. */
  version: 0,
  apex: 1,
  /** The next zone of this image. */
  nextZone: 2,
  /** Mixed into the hashes of names, because a name can stand in several zones of one image. */
  salt: 3,
  /** The first and the last of a list of nodes. */
  firstNode: 4,
  lastNode: 7,
  /** Sorted owners of NSEC records, or of NSEC3 records, for denial proofs. */
  chain: 5,
  /** Labels of the origin. */
  labels: 6,
  words: 8,
} as const;

export const nodeEntry = {
  hash: 0,
  zone: 1,
  /** The newest state; 0 where it never had one. */
  state: 2,
  /** The next node of the same zone. */
  next: 3,
  /** Octets of the name; whether its first label is `*`. */
  meta: 4,
  /** The name's octets in the case they were written in, up to a whole word. */
  name: 5,
} as const;

export const nodeMeta = { lengthMask: 0xff, wildcard: 0x100 } as const;

export const nodeState = {
  version: 0,
  older: 1,
  /** RRsets in the low 16 bits, flags above. */
  meta: 2,
  /** The node `*.name`, where one was ever made. */
  wildcard: 3,
  /** Child nodes that exist. */
  children: 4,
  /** Pairs of key and RRset, in ascending order of keys. */
  directory: 5,
} as const;

export const stateFlag = {
  /** NS records below the apex: delegated away. */
  cut: 0x1_0000,
  dname: 0x2_0000,
  cname: 0x4_0000,
  /** Nothing but NSEC3 records and their signatures: no name that anybody can ask for (RFC 5155 §7.2.8). */
  hashed: 0x8_0000,
} as const;

/**
 * The key of an RRset in a node's directory: its type; signatures are told apart by what they cover (RFC 4034 §3.1.1), so that those
 * of one RRset are found at once. The SOA of negative answers (RFC 2308 §3) stands beside the SOA.
 */
export function directoryKey(type: number, covered = 0): number {
  return type * 0x1_0000 + covered;
}

export const negativeSoaKey: number = directoryKey(6, 1);

export function typeOfKey(key: number): number {
  return key >>> 16;
}

export const rrsetEntry = {
  /** Octets in the low 16 bits, records above. */
  size: 0,
  /** Pointers to set right in the low 16 bits, names in the data to give more about above. */
  lists: 1,
  octets: 2,
} as const;

/**
 * After the octets: one word for each pointer that isn't right wherever the RRset may stand, its position in the low 16 bits. The octets
 * are right in an answer where they come first behind a question for exactly their owner. The first record's owner is not listed.
 */
export const fixKind = {
  /** The owner of a record: the name asked for, or what leads to it. */
  owner: 0,
  /** A name of which the rest is the rest of the owner. */
  suffix: 1,
  /** A name of which the rest stands in the same RRset. */
  within: 2,
} as const;

/** After those: two words for each target: position of its name with flags above, and its node. */
export const targetFlag = {
  /** Glue that is below the cut itself: without it the referral leads nowhere (RFC 9471 §3.1). */
  inDomain: 0x1_0000,
  /** X25 and ISDN too (RFC 1183 §3.3). */
  route: 0x2_0000,
  /** The same type too: an alias of a service binding (RFC 9460 §4.1). */
  alias: 0x4_0000,
  /** The owner itself: there is no name in the data to point to. */
  owner: 0x8_0000,
} as const;

/** Where the first record stands behind a question with an owner of so many octets. */
export function answerStart(ownerLength: number): number {
  return 12 + ownerLength + 4;
}

/** The rest of octets up to a whole word. */
export function wordsFor(octets: number): number {
  return (octets + 3) >>> 2;
}
