// What a name server serves, as real clients see it: the serial by a question, the content by dig's AXFR.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import { query } from './dns-messages.ts';
import { transferKey } from './dns-peers/peer.ts';
import { runProgram } from './run-program.ts';
import type { ProgramResult } from './run-program.ts';

const patienceMs = 30_000;
const pollMs = 20;

/** The serial that a server answers with, authoritatively; `undefined` where it has none to tell now. */
export async function serialAt(server: Endpoint, zone: string): Promise<number | undefined> {
  const asked = query(zone, rrType.SOA, { id: randomInt(0x10000), recursionDesired: false });
  const socket = createSocket('udp4');
  const timer = new AbortController();
  try {
    const answer = await new Promise<Uint8Array | undefined>((settle) => {
      socket.on('message', settle);
      socket.on('error', () => settle(undefined));
      socket.connect(server.port, server.address, () => socket.send(encodeMessage(asked)));
      wait(1000, undefined, { signal: timer.signal }).then(settle, () => undefined);
    });
    const message = answer && decodeMessage(answer);
    if (message === undefined || !message.ok || !message.value.authoritative) return undefined;
    const soa = message.value.answers.find(({ type }) => type === rrType.SOA);
    return soa && new DataView(soa.rdata.buffer, soa.rdata.byteOffset).getUint32(soa.rdata.length - 20);
  } finally {
    timer.abort();
    socket.close();
  }
}

/** Waits until the server serves the zone with that serial, or any where none is said. Throws with `whatWasSaid` where it never does. */
export async function untilSerial(
  server: Endpoint,
  zone: string,
  wanted?: number,
  whatWasSaid: () => string = () => '',
): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const serial = await serialAt(server, zone);
    if (wanted === undefined ? serial !== undefined : serial === wanted) return;
    if (performance.now() > end) {
      const place = `${zone} at ${formatEndpoint(server)}`;
      throw new Error(`${place} has serial ${serial}, not ${wanted}\n${whatWasSaid().slice(-4000)}`);
    }
    await wait(pollMs);
  }
}

/** Waits until the server has no answer for the zone any more. */
export async function untilGone(server: Endpoint, zone: string, whatWasSaid: () => string): Promise<void> {
  const end = performance.now() + patienceMs;
  while ((await serialAt(server, zone)) !== undefined) {
    if (performance.now() > end) throw new Error(`${zone} is still served\n${whatWasSaid().slice(-4000)}`);
    await wait(pollMs);
  }
}

/** The zone's records by AXFR with the key, normalised: one line each, sorted, without the SOA's repetition. */
export async function contentAt(server: Endpoint, zone: string): Promise<readonly string[]> {
  const { stdout, stderr } = await dig(server, [zone, 'AXFR', '+noall', '+answer']);
  const records = stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';') && !/\sTSIG\s/.test(line))
    .map((line) => line.replaceAll(/\s+/g, ' ').toLowerCase());
  if (records.length === 0) throw new Error(`no transfer of ${zone}: ${stdout.toString()}${stderr}`);
  return [...new Set(records)].toSorted();
}

/** The serials of the SOA records in the order of an IXFR response (RFC 1995 §4), by dig, signed with the key. */
export async function serialsSince(server: Endpoint, zone: string, from: number): Promise<readonly number[]> {
  const { stdout } = await dig(server, [zone, `IXFR=${from}`, '+noall', '+answer']);
  return Array.from(stdout.toString().matchAll(/\sSOA\s+\S+\s+\S+\s+(\d+)/g), ([, serial]) => Number(serial));
}

function dig(server: Endpoint, args: readonly string[]): Promise<ProgramResult> {
  const { name, algorithm, secret } = transferKey;
  const at = [`@${server.address}`, '-p', `${server.port}`, '-y', `${algorithm}:${name}:${secret}`];
  return runProgram('dig', [...at, '+time=5', '+tries=1', ...args]);
}
