// Reads the files that say what the resolver answers or withholds of its own accord, at the start and at each reload.
import { readFile } from 'node:fs/promises';
import type { ResolverConfig } from '../../config/config.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { Hosts } from '../policy/hosts.ts';
import { hostsEntries } from '../policy/hosts-file.ts';
import { ipv4OnlyZones } from '../policy/default-zones.ts';
import { localZoneOf } from '../policy/local-zones.ts';
import type { LocalZone } from '../policy/local-zones.ts';
import { Policy } from '../policy/policy.ts';
import { loadBlockLists } from './load-block-lists.ts';

/** The faults are sentences, all of them in one go. */
export async function loadPolicy(
  config: ResolverConfig,
  means: { readonly random: Random; readonly log: Log },
): Promise<Result<Policy, readonly string[]>> {
  const blocked = await loadBlockLists(config.block, means);
  const faults = [...blocked.faults];
  const hosts = new Hosts();
  // What is written in the config itself comes first: the first name of an address is what the address is called.
  for (const { name, addresses } of config.hosts.names)
    for (const address of addresses) hosts.add(name, address);
  for (const file of config.hosts.files) {
    const text = await textOf(file);
    if (!text.ok) faults.push(`resolver.hosts: ${text.fault}`);
    else
      for (const { address, names } of hostsEntries(text.value))
        for (const name of names) hosts.add(name, address);
  }
  const zones: LocalZone[] = [];
  // RFC 8880 §7.2: whoever translates answers this name itself, and the operator may say otherwise.
  if (config.dns64 !== undefined) zones.push(...ipv4OnlyZones());
  for (const zoneConfig of config.localZones) {
    const zone = localZoneOf(zoneConfig);
    if (zone.ok) zones.push(zone.value);
    else faults.push(`resolver.local-zones: ${zone.fault}`);
  }
  return faults.length > 0 ? fault(faults) : ok(new Policy({ hosts, zones, filters: blocked.lists }));
}

async function textOf(file: string): Promise<Result<string>> {
  try {
    return ok(await readFile(file, 'utf8'));
  } catch (error) {
    return fault(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
