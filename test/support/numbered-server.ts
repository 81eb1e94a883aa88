// Servers of ways whose every octet follows from their number, so that parts of two are told apart.
import type { ChosenWay, WayServer } from '../../src/dns/resolver/way-memory.ts';

/** The number, as it is found in the parts, is modulo 256. */
export function numberedServer(number: number): WayServer {
  return {
    number,
    name: new Uint8Array(number % 2 === 0 ? 16 : 28).fill(number),
    timeoutMs: number * 3,
    cookie: new Uint8Array(number % 41).fill(number),
    cookieRequired: number % 3 === 0,
  };
}

/** What of the chosen way is not of its server; '' where all is. */
export function serverAsNumbered(way: ChosenWay): string {
  const { name, timeoutMs, cookie, cookieRequired } = numberedServer(way.server);
  const told = way.cookie.subarray(0, way.cookieLength);
  const wrong: string[] = [];
  if (name.toHex() !== way.name.toHex()) wrong.push(`name ${way.name.toHex()}`);
  if (cookie.toHex() !== told.toHex()) wrong.push(`cookie ${told.toHex()}`);
  if (timeoutMs !== way.timeoutMs) wrong.push(`timeout ${way.timeoutMs}`);
  if (cookieRequired !== way.cookieRequired) wrong.push(`required ${way.cookieRequired}`);
  return wrong.length === 0 ? '' : `of ${way.server}: ${wrong.join(', ')}`;
}
