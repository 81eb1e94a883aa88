// A world to be resolved from nothing: root, com and org with 500 domains of 10 names each, every zone signed by one ECDSA key; three servers
// on loopback addresses, each answering after a delay, and each question counted. The names of org are for warming up.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nsdConfig } from '../test/support/dns-peers/nsd-config.ts';
import type { NsdConfig } from '../test/support/dns-peers/nsd-config.ts';
import { recordText, signZone } from '../test/support/signed-zone.ts';
import type { SignedZone } from '../test/support/signed-zone.ts';
import { makeSigningKey } from '../test/support/dnssec-signer.ts';
import { findProgram, answersDns, whenReady } from './peers/launch.ts';
import { Unavailable } from './peers/peer.ts';
import type { RunningServer } from './peers/peer.ts';
import { freePort } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export const coldDomains = 500;
const hostsOfEach = 10;
/** Milliseconds from a server's answer to its arrival. */
export const upstreamDelay = 2;

export interface ColdWorld {
  /** The address of the root server, whose port is 53. */
  readonly root: string;
  /** The root's DS record, as a zone file writes it. */
  readonly anchor: string;
  /** For dnsperf: each name of com once. */
  readonly queryFile: string;
  /** The same for org. */
  readonly warmUpFile: string;
  readonly names: number;
  /** Questions that the three servers have got. */
  readonly asked: () => number;
  stop(): Promise<void>;
}

/** Throws `Unavailable` where port 53 can't be had or NSD isn't installed. */
export async function startColdWorld(workspace: Workspace): Promise<ColdWorld> {
  const folder = workspace.makeFolder('cold');
  const net = await freeNet();
  const [root, top, domains] = [`${net}.1`, `${net}.2`, `${net}.3`];
  const zones = makeColdZones({ root, top, domains });
  const stops: (() => Promise<void>)[] = [];
  let asked = 0;
  for (const [address, served] of [
    [root, new Map([['.', zones.root.text]])],
    [top, zones.tops],
    [domains, zones.domains],
  ] as const) {
    const server = await startNsd(workspace, served);
    const relay = await startRelay(address, server.port, () => (asked += 1));
    stops.push(() => server.stop(), relay);
  }
  const queryFile = join(folder, 'com.txt');
  const warmUpFile = join(folder, 'org.txt');
  writeFileSync(queryFile, queriesIn('com'));
  writeFileSync(warmUpFile, queriesIn('org'));
  return {
    root,
    anchor: recordText(zones.root.ds),
    queryFile,
    warmUpFile,
    names: coldDomains * hostsOfEach,
    asked: () => asked,
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
}

function queriesIn(top: 'com' | 'org'): string {
  return coldNames(top)
    .map((name) => `${name} A\n`)
    .join('');
}

/** Each has one A record. */
export function coldNames(top: 'com' | 'org'): readonly string[] {
  const names: string[] = [];
  for (let host = 0; host < hostsOfEach; host++)
    for (let domain = 0; domain < coldDomains; domain++) names.push(`h${host}.d${domain}.${top}`);
  return names;
}

/** At the addresses of the servers of the root, of com and org, and of the domains. */
export function makeColdZones(at: {
  readonly root: string;
  readonly top: string;
  readonly domains: string;
}): {
  readonly root: SignedZone;
  readonly tops: ReadonlyMap<string, string>;
  readonly domains: ReadonlyMap<string, string>;
} {
  const now = Math.floor(Date.now() / 1000);
  const options = { inception: now - 3600, expiration: now + 86_400 };
  const sign = (origin: string, text: string): SignedZone =>
    signZone(origin, text, { ...options, zsk: makeSigningKey('ECDSAP256SHA256', 257) });
  const soa = '@ 3600 SOA ns1.com. host.com. 1 3600 900 604800 300';
  const tops = new Map<string, string>();
  const domains = new Map<string, string>();
  const below: string[] = [];
  for (const top of ['com.', 'org.']) {
    const delegations: string[] = [];
    for (let i = 0; i < coldDomains; i++) {
      const name = `d${i}.${top}`;
      const lines = [soa, `@ 3600 NS ns1.${name}`, `ns1 3600 A ${at.domains}`];
      for (let host = 0; host < hostsOfEach; host++) lines.push(`h${host} 3600 A 192.0.2.${host + 1}`);
      const zone = sign(name, lines.join('\n'));
      domains.set(name, zone.text);
      delegations.push(
        `${name} 3600 NS ns1.${name}`,
        `ns1.${name} 3600 A ${at.domains}`,
        recordText(zone.ds),
      );
    }
    const zone = sign(top, [soa, `@ 3600 NS ns1.${top}`, `ns1 3600 A ${at.top}`, ...delegations].join('\n'));
    tops.set(top, zone.text);
    below.push(`${top} 3600 NS ns1.${top}`, `ns1.${top} 3600 A ${at.top}`, recordText(zone.ds));
  }
  const root = sign('.', [soa, '@ 3600 NS ns.root.', `ns.root. 3600 A ${at.root}`, ...below].join('\n'));
  return { root, tops, domains };
}

async function startNsd(workspace: Workspace, zones: ReadonlyMap<string, string>): Promise<RunningServer> {
  const [port, folder] = [await freePort(), workspace.makeFolder('nsd-cold')];
  const files: NsdConfig['zones'][number][] = [];
  for (const [name, text] of zones) {
    const file = join(folder, `${name === '.' ? 'root' : name}zone`);
    writeFileSync(file, `${text}\n`);
    files.push({ name, file });
  }
  const config = join(folder, 'nsd.conf');
  writeFileSync(config, nsdConfig({ folder, at: `127.0.0.1@${port}`, zones: files }));
  const child = workspace.start('nsd-cold', findProgram('nsd', 'nsd'), ['-d', '-c', config]);
  const [first = '.'] = zones.keys();
  const known = first === '.' ? 'ns.root' : first === 'com.' ? 'ns1.com' : 'h0.d0.com';
  return whenReady(workspace, 'nsd-cold', child, port, () => answersDns(port, known));
}

/** Stands on port 53 before a server, and holds each answer back for `upstreamDelay`. */
async function startRelay(address: string, port: number, count: () => void): Promise<() => Promise<void>> {
  const [outside, inside] = [createSocket('udp4'), createSocket('udp4')];
  /** By the id that the question has inside: who asked, and with which id. */
  const asked = new Map<number, { readonly port: number; readonly address: string; readonly id: number }>();
  let next = 0;
  outside.on('message', (bytes, from) => {
    count();
    const id = (next = (next + 1) & 0xffff);
    asked.set(id, { port: from.port, address: from.address, id: bytes.readUInt16BE(0) });
    bytes.writeUInt16BE(id, 0);
    inside.send(bytes);
  });
  inside.on('message', (bytes) => {
    const client = asked.get(bytes.readUInt16BE(0));
    if (client === undefined) return;
    asked.delete(bytes.readUInt16BE(0));
    bytes.writeUInt16BE(client.id, 0);
    setTimeout(() => outside.send(bytes, client.port, client.address), upstreamDelay);
  });
  await bound(outside, address, 53);
  inside.connect(port, '127.0.0.1');
  await once(inside, 'connect');
  return async () => {
    for (const socket of [outside, inside]) await new Promise<void>((settle) => socket.close(() => settle()));
  };
}

async function bound(socket: Socket, address: string, port: number): Promise<void> {
  socket.bind(port, address);
  await once(socket, 'listening');
}

/** Three addresses of 127.0.0.0/8 whose port 53 is free. */
async function freeNet(): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const net = `127.${2 + Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`;
    const socket = createSocket('udp4');
    try {
      await bound(socket, `${net}.1`, 53);
      return net;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EACCES')
        throw new Unavailable('port 53 of loopback addresses is for root alone');
    } finally {
      socket.close();
    }
  }
  throw new Unavailable('port 53 of loopback addresses is taken');
}
