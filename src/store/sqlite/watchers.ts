// Who wants to hear of commits.

export class Watchers<Key> {
  readonly #watchers = new Map<Key, Set<() => void>>();

  /** Returns how to stop. */
  add(key: Key, changed: () => void): () => void {
    // One function may watch twice, and stop once.
    const own = (): void => changed();
    const set = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, set.add(own));
    return () => {
      set.delete(own);
      if (set.size === 0 && this.#watchers.get(key) === set) this.#watchers.delete(key);
    };
  }

  /** Each is called in a microtask of its own: one that throws harms neither the others nor the store. */
  notify(key: Key): void {
    for (const changed of this.#watchers.get(key) ?? []) queueMicrotask(changed);
  }
}
