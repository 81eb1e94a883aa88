// Octets that live as long as a zone, packed together. A few octets in an array of their own take some 300 more (the array, its buffer and
// what V8 keeps of that), and a zone holds two for each record.

const leastChunk = 1024;
const mostChunk = 64 * 1024;

export class OctetPool {
  #chunk = new Uint8Array(leastChunk);
  #used = 0;

  /** A copy that lasts. The octets before and after it belong to others: use no more than the view. */
  keep(octets: Uint8Array): Uint8Array {
    const { length } = octets;
    if (length > this.#chunk.length - this.#used) {
      this.#chunk = new Uint8Array(Math.max(length, Math.min(2 * this.#chunk.length, mostChunk)));
      this.#used = 0;
    }
    const kept = this.#chunk.subarray(this.#used, this.#used + length);
    kept.set(octets);
    this.#used += length;
    return kept;
  }
}
