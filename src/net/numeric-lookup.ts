// Sockets here are only ever given IP addresses; this stands where Node would ask its own name look-up.

/** A `lookup` of node:dgram for addresses in number form: no thread, no delay. */
export function numericLookup(
  address: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, address, address.includes(':') ? 6 : 4);
}
