// A small internet whose zones Debian's tools have signed: a root, com and org, and the domains of zone-cases.ts, some of them broken after
// signing. Served by NSD on three loopback addresses; port 53, as no resolver asks delegated servers on another one.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nsdConfig } from '../dns-peers/nsd-config.ts';
import type { NsdConfig } from '../dns-peers/nsd-config.ts';
import { runProgram } from '../run-program.ts';
import { readSigned, writeSigned } from './signed-line.ts';
import type { SignedLine } from './signed-line.ts';
import { zoneCases } from './zone-cases.ts';
import type { ZoneCase } from './zone-cases.ts';

const soa = 'SOA ns.lab. hostmaster.lab. 1 3600 600 864000 60';

/** Where the lab's three servers are: addresses of 127.0.0.0/8 whose port 53 nobody had taken. */
export interface LabAddresses {
  readonly root: string;
  readonly top: string;
  readonly domains: string;
}

/** Finds them, or says in plain words why port 53 can't be had. */
export async function labAddresses(): Promise<LabAddresses | string> {
  for (let tries = 0; tries < 20; tries++) {
    const net = `127.${2 + Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`;
    const addresses = { root: `${net}.1`, top: `${net}.2`, domains: `${net}.3` };
    const faults = await Promise.all(Object.values(addresses).map(bindFault));
    if (faults.includes('EACCES'))
      return 'needs port 53 of loopback addresses: run it as root, or allow it (sysctl net.ipv4.ip_unprivileged_port_start=53)';
    if (faults.every((fault) => fault === undefined)) return addresses;
  }
  return 'needs port 53 of loopback addresses, and other programs have them all';
}

function bindFault(address: string): Promise<string | undefined> {
  return new Promise((settle) => {
    const socket = createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'unknown'));
    socket.bind(53, address, () => socket.close(() => settle(undefined)));
  });
}

export class SignedLab implements AsyncDisposable {
  readonly folder: string;
  readonly addresses: LabAddresses;
  /** The root's DS record, as a zone file writes it. */
  readonly anchor: string;
  /** The root's DNSKEY record. */
  readonly rootKey: string;
  readonly #servers: readonly ChildProcess[];

  private constructor(
    folder: string,
    addresses: LabAddresses,
    root: { readonly ds: string; readonly key: string },
    servers: readonly ChildProcess[],
  ) {
    this.folder = folder;
    this.addresses = addresses;
    this.anchor = root.ds;
    this.rootKey = root.key;
    this.#servers = servers;
  }

  /** Makes keys, signs, breaks and serves. Some seconds. */
  static async start(addresses: LabAddresses): Promise<SignedLab> {
    const folder = await mkdtemp(join(tmpdir(), 'signpost-signed-'));
    const signer = new Signer(folder);
    const domains = await signer.domains(addresses);
    const tops = await signer.tops(addresses, domains.delegations);
    const root = await signer.root(addresses, tops.delegations);
    const servers = [
      await serve(folder, addresses.root, new Map([['.', root.text]])),
      await serve(folder, addresses.top, tops.zones),
      await serve(folder, addresses.domains, domains.zones),
    ];
    return new SignedLab(folder, addresses, root, servers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#servers.map(async (server) => {
        const ended = new Promise((settle) => server.once('close', settle));
        server.kill('SIGKILL');
        await ended;
      }),
    );
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Made {
  readonly zones: ReadonlyMap<string, string>;
  /** NS and DS records for the parent. */
  readonly delegations: readonly string[];
}

class Signer {
  readonly #folder: string;
  readonly #ds = new Map<string, readonly string[]>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async domains({ domains }: LabAddresses): Promise<Made> {
    const names = zoneCases.map((each) => `${each.name}.${each.parent}.`);
    const keys = await inTurn(zoneCases, (each, i) =>
      each.algorithm === 'none' ? Promise.resolve(undefined) : this.#makeKey(names[i] ?? '', each.algorithm),
    );
    const others = { ds: (label: string): readonly string[] => this.#ds.get(`${label}.com.`) ?? [] };
    const zones = new Map<string, string>();
    const delegations: string[] = [];
    await inTurn(zoneCases, async (each, i) => {
      const [name = '', key] = [names[i], keys[i]];
      const text = zoneText(name, domains, each.records);
      const signed =
        key === undefined ? readPlain(text) : await this.#sign(name, text, key, each.tool, each.options);
      zones.set(name, writeSigned(each.edit(signed, others)));
      zones.set(
        `plain.${name}`,
        `$ORIGIN plain.${name}\n$TTL 300\n@ ${soa}\n@ NS ns.${name}\nwww A 192.0.2.9\n`,
      );
      delegations.push(`${name} NS ns.${name}`, `ns.${name} A ${domains}`);
      for (const ds of each.ds(this.#ds.get(name) ?? [], others)) delegations.push(`${name} ${ds}`);
    });
    return { zones, delegations };
  }

  /** com has NSEC3 with opt-out, as the real one; org has NSEC. */
  async tops({ top }: LabAddresses, delegations: readonly string[]): Promise<Made> {
    const zones = new Map<string, string>();
    const up: string[] = [];
    for (const [name, options] of [
      ['com.', ['-3', '-', '-H', '0', '-A']],
      ['org.', []],
    ] as const) {
      const own = delegations.filter((line) => new RegExp(`^\\S+\\.${name} `).test(line));
      const text = `$ORIGIN ${name}\n$TTL 300\n@ ${soa}\n@ NS ns.${name}\nns A ${top}\n${own.join('\n')}\n`;
      const key = await this.#makeKey(name, 'ECDSAP256SHA256');
      const signed = await this.#sign(name, text, key, 'dnssec-signzone', options);
      zones.set(name, writeSigned(name === 'com.' ? await breakParent(signed) : signed));
      up.push(`${name} NS ns.${name}`, `ns.${name} A ${top}`);
      for (const ds of this.#ds.get(name) ?? []) up.push(`${name} ${ds}`);
    }
    return { zones, delegations: up };
  }

  async root(
    { root }: LabAddresses,
    delegations: readonly string[],
  ): Promise<{ readonly text: string; readonly ds: string; readonly key: string }> {
    const text = `$ORIGIN .\n$TTL 300\n@ ${soa}\n@ NS ns.lab.\nns.lab. A ${root}\n${delegations.join('\n')}\n`;
    const key = await this.#makeKey('.', 'RSASHA256');
    const signed = await this.#sign('.', text, key, 'dnssec-signzone', []);
    const dnskey = signed.find(({ type }) => type === 'DNSKEY')?.rdata ?? '';
    return {
      text: writeSigned(signed),
      ds: `. IN ${this.#ds.get('.')?.[0] ?? ''}`,
      key: `. IN DNSKEY ${dnskey}`,
    };
  }

  /** One key that signs everything, and its DS record. Gives the key file's name without its ending. */
  async #makeKey(zone: string, algorithm: string): Promise<string> {
    const folder = join(this.#folder, 'keys', zone === '.' ? 'root' : zone);
    await mkdir(folder, { recursive: true });
    const size = algorithm.startsWith('RSA') ? ['-b', '2048'] : [];
    const made = await tool('dnssec-keygen', [
      '-q',
      '-K',
      folder,
      '-a',
      algorithm,
      ...size,
      '-f',
      'KSK',
      zone,
    ]);
    const base = join(folder, made.trim());
    const ds = await tool('dnssec-dsfromkey', ['-2', `${base}.key`]);
    this.#ds.set(zone, [ds.trim().replace(/^\S+ IN /, '')]);
    return base;
  }

  async #sign(
    zone: string,
    text: string,
    key: string,
    program: ZoneCase['tool'],
    options: readonly string[],
  ): Promise<readonly SignedLine[]> {
    const file = join(this.#folder, `${zone === '.' ? 'root' : zone}zone`);
    await writeFile(file, text);
    const out = `${file}.signed`;
    if (program === 'ldns-signzone') await tool(program, [...options, '-o', zone, '-f', out, file, key]);
    else {
      const fixed = ['-P', '-q', '-z', '-O', 'full', '-N', 'keep', '-d', join(key, '..')];
      await tool(program, [...fixed, ...options, '-o', zone, '-f', out, '-S', '-K', join(key, '..'), file]);
    }
    return readSigned(await readFile(out, 'utf8'));
  }
}

function zoneText(name: string, address: string, records: readonly string[]): string {
  return `$ORIGIN ${name}
$TTL 300
@ ${soa}
@ NS ns
ns A ${address}
www A 192.0.2.1
*.wild A 192.0.2.2
alias CNAME www
moved DNAME wild
a.ent TXT "x"
plain NS ns
${records.join('\n')}
`;
}

/** A zone that isn't signed, as the lines of one. */
function readPlain(text: string): readonly SignedLine[] {
  const origin = /^\$ORIGIN (\S+)/.exec(text)?.[1] ?? '.';
  return text.split('\n').flatMap((line) => {
    const match = /^([^\s$]\S*) (\S+) (.*)$/.exec(line);
    if (match === null) return [];
    const [, name = '', type = '', rdata = ''] = match;
    const absolute = (short: string): string => (short.endsWith('.') ? short : `${short}.${origin}`);
    const owner = name === '@' ? origin : absolute(name);
    const named = ['NS', 'CNAME', 'DNAME'].includes(type);
    return [{ owner, ttl: '300', type, rdata: named ? absolute(rdata) : rdata, covered: undefined }];
  });
}

/** What is wrong in com: see the cases `dstaken`, `dsunsigned` and `optoutabuse`. */
async function breakParent(lines: readonly SignedLine[]): Promise<readonly SignedLine[]> {
  const hashed = await tool('nsec3hash', ['-', '1', '0', 'optoutabuse.com.']);
  const hash = `${(/^\S+/.exec(hashed)?.[0] ?? '').toUpperCase()}.com.`;
  if (!lines.some(({ owner }) => owner.toUpperCase() === hash.toUpperCase()))
    throw new Error('optoutabuse.com has no NSEC3 record to take out');
  return lines.filter(({ owner, type, covered }) => {
    const isDs = type === 'DS' || covered === 'DS';
    if (owner === 'dstaken.com.' && isDs) return false;
    if (owner === 'dsunsigned.com.' && covered === 'DS') return false;
    if (owner === 'optoutabuse.com.' && isDs) return false;
    return owner.toUpperCase() !== hash.toUpperCase();
  });
}

async function serve(
  folder: string,
  address: string,
  zones: ReadonlyMap<string, string>,
): Promise<ChildProcess> {
  const own = join(folder, address);
  await mkdir(own);
  const files: NsdConfig['zones'][number][] = [];
  for (const [name, text] of zones) {
    const file = join(own, `${name === '.' ? 'root' : name}zone`);
    await writeFile(file, text);
    files.push({ name, file });
  }
  const config = join(own, 'nsd.conf');
  await writeFile(config, nsdConfig({ folder: own, at: `${address}@53`, zones: files }));
  return spawn('/usr/sbin/nsd', ['-d', '-c', config], { stdio: 'ignore' });
}

async function tool(program: string, args: readonly string[]): Promise<string> {
  const done = await runProgram(program, args);
  if (done.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.toString();
}

async function inTurn<Item, Value>(
  items: readonly Item[],
  work: (item: Item, i: number) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for (const [i, item] of items.entries()) values.push(await work(item, i));
  return values;
}
