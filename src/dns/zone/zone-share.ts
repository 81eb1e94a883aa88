// How zones in shared memory reach other threads: a handle at the thread's start, and a message for each piece of memory that comes or goes
// afterwards. Changes within a piece (updates, a zone's new version) need no message: readers see them in the memory itself.

/** All that a new reader needs. Can be cloned to another thread (workerData, postMessage), which shares the memory and doesn't copy it. */
export interface ZoneShare {
  /** Origins → zones. */
  readonly index: SharedArrayBuffer;
  readonly images: readonly SharedImage[];
}

export interface SharedImage {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
}

export type ZoneShareChange =
  /** Posted before the index points to it. */
  | { readonly kind: 'image'; readonly image: SharedImage }
  /** The index points to it no more: let it go. */
  | { readonly kind: 'drop'; readonly id: number }
  /** In place of the index before. */
  | { readonly kind: 'index'; readonly index: SharedArrayBuffer };
