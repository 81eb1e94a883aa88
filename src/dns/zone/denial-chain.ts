// The owners of a zone's NSEC records (RFC 4034 §4), or of its NSEC3 records (RFC 5155 §3), in canonical order, in its image: what is asked for
// and not there is proved by the one before it. It stands in the apex's directory, so each version has its own; in pieces, so that a change
// copies one of them and the list of all.
//
//   chain   number of pieces, then their references
//   piece   number of nodes, then their references
import { lowerOctets } from '../wire/lower-octets.ts';
import { directoryKey } from './image-layout.ts';
import type { ImageWriter } from './image-writer.ts';
import { NameProbe } from './name-probe.ts';
import type { ZoneImage } from './zone-image.ts';

export const chainKeys: { readonly nsec: number; readonly nsec3: number } = {
  nsec: directoryKey(0, 1),
  nsec3: directoryKey(0, 2),
};

const usualPiece = 256;
const largestPiece = 512;

const other = new NameProbe();

/** Lays a chain out; gives where it is. The nodes may come in any order, and there is one at least. */
export function putChain(writer: ImageWriter, nodes: readonly number[]): number {
  const { image } = writer;
  const sorted = [...nodes].sort((a, b) => compareNodes(image, a, b));
  const pieces: number[] = [];
  for (let from = 0; from < sorted.length; from += usualPiece)
    pieces.push(putList(writer, sorted.slice(from, from + usualPiece)));
  return putList(writer, pieces);
}

/** A chain with other members; 0 where none is left. `chain` is 0 where there was none. */
export function changeChain(
  writer: ImageWriter,
  chain: number,
  added: readonly number[],
  removed: readonly number[],
): number {
  if (chain === 0) return added.length === 0 ? 0 : putChain(writer, added);
  const { image } = writer;
  const pieces = listAt(image, chain);
  const changed = new Map<number, number[]>();
  const pieceFor = (node: number): { readonly index: number; readonly nodes: number[] } => {
    readNode(image, node);
    const index = Math.max(
      0,
      lastAtOrBefore(image, pieces, other, (piece) => image.words[piece + 1] ?? 0),
    );
    const known = changed.get(index) ?? listAt(image, pieces[index] ?? 0);
    changed.set(index, known);
    return { index, nodes: known };
  };
  for (const node of removed) {
    const { index, nodes } = pieceFor(node);
    changed.set(
      index,
      nodes.filter((each) => each !== node),
    );
  }
  for (const node of added) {
    const { nodes } = pieceFor(node);
    nodes.push(node);
  }
  const result: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    const nodes = changed.get(index);
    if (nodes === undefined) {
      result.push(piece);
      continue;
    }
    nodes.sort((a, b) => compareNodes(image, a, b));
    const size = nodes.length > largestPiece ? usualPiece : Math.max(1, nodes.length);
    for (let from = 0; from < nodes.length; from += size)
      result.push(putList(writer, nodes.slice(from, from + size)));
  }
  return result.length === 0 ? 0 : putList(writer, result);
}

/** The member at that name or the last one before it; the last of all where none is before it, because the chain is a ring. */
export function findInChain(image: ZoneImage, chain: number, name: NameProbe): number {
  const { words } = image;
  const pieces = words[chain] ?? 0;
  const piece = lastOf(image, chain + 1, pieces, name, true);
  if (piece < 0) {
    const last = words[chain + pieces] ?? 0;
    return words[last + (words[last] ?? 0)] ?? 0;
  }
  const at = words[chain + 1 + piece] ?? 0;
  return words[at + 1 + Math.max(0, lastOf(image, at + 1, words[at] ?? 0, name, false))] ?? 0;
}

/** All members, in order. */
export function membersOf(image: ZoneImage, chain: number): readonly number[] {
  return listAt(image, chain).flatMap((piece) => listAt(image, piece));
}

/** The last of so many words from `from` whose node (of pieces, whose first node) is at or before the name; -1 for none. */
function lastOf(image: ZoneImage, from: number, count: number, name: NameProbe, arePieces: boolean): number {
  const { words } = image;
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const word = words[from + middle] ?? 0;
    const node = arePieces ? (words[word + 1] ?? 0) : word;
    readNode(image, node);
    if (compareNames(other, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function lastAtOrBefore(
  image: ZoneImage,
  list: readonly number[],
  name: NameProbe,
  nodeOf: (word: number) => number,
): number {
  const wanted = new NameProbe();
  wanted.read(name.bytes, name.at, name.at + name.length);
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    readNode(image, nodeOf(list[middle] ?? 0));
    if (compareNames(other, wanted) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const left = new NameProbe();

function compareNodes(image: ZoneImage, a: number, b: number): number {
  left.read(image.bytes, image.nameAt(a), image.nameAt(a) + image.nameLength(a));
  readNode(image, b);
  return compareNames(left, other);
}

function readNode(image: ZoneImage, node: number): void {
  other.read(image.bytes, image.nameAt(node), image.nameAt(node) + image.nameLength(node));
}

/** Canonical order (RFC 4034 §6.1). */
export function compareNames(a: NameProbe, b: NameProbe): number {
  const shared = Math.min(a.labels, b.labels);
  for (let label = 1; label <= shared; label++) {
    const [at, bt] = [a.at + (a.starts[label] ?? 0), b.at + (b.starts[label] ?? 0)];
    const [length, otherLength] = [a.bytes[at] ?? 0, b.bytes[bt] ?? 0];
    const least = Math.min(length, otherLength);
    for (let i = 1; i <= least; i++) {
      const difference = (lowerOctets[a.bytes[at + i] ?? 0] ?? 0) - (lowerOctets[b.bytes[bt + i] ?? 0] ?? 0);
      if (difference !== 0) return difference;
    }
    if (length !== otherLength) return length - otherLength;
  }
  return a.labels - b.labels;
}

function listAt(image: ZoneImage, at: number): number[] {
  const count = image.words[at] ?? 0;
  return [...image.words.subarray(at + 1, at + 1 + count)];
}

function putList(writer: ImageWriter, list: readonly number[]): number {
  const at = writer.allocate(1 + list.length);
  const { words } = writer.image;
  words[at] = list.length;
  words.set(list, at + 1);
  return at;
}
