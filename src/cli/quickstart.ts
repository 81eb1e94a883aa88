// `signpost quickstart ADDRESS`: writes a config, a zone and an account for someone's own domain, and says what to do next.
// Asks nobody on the network.
import { constants, existsSync } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseAddress } from '../lib/endpoint.ts';
import { systemRandom } from '../lib/random.ts';
import { parseMailAddress } from '../smtp/wire/path.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { isPublicAddress } from './public-address.ts';
import { quickstartConfig, quickstartZone } from './quickstart-files.ts';

interface QuickstartOptions extends ConfigOption {
  readonly ip?: readonly string[];
}

export function quickstartCommand(): Command {
  return new Command('quickstart')
    .description(
      'Writes a config file, a zone file with the records that mail needs, and an account with a new password, ' +
        'and says what is left to do. Overwrites nothing and asks nobody on the network.',
    )
    .argument('<address>', 'your mail address: its domain becomes the first domain')
    .addOption(configOption())
    .option('--ip <address>', 'a public IP address of this machine; may be given again', collectAddress)
    .action(async (text: string, options: QuickstartOptions) => {
      const parsed = parseMailAddress(text);
      if (!parsed.ok || parsed.value.domain.startsWith('[')) {
        throw new CommandFault(`'${text}' is not a mail address like you@example.com`, 2);
      }
      const { domain } = parsed.value;
      const configFile = resolve(options.config);
      const folder = dirname(configFile);
      const zoneFile = join(folder, 'zones', `${domain}.zone`);
      for (const file of [configFile, zoneFile]) await refuseExisting(file);

      const addresses = options.ip ?? machineAddresses();
      await mkdir(join(folder, 'zones'), { recursive: true });
      await writeFile(zoneFile, quickstartZone(domain, addresses, zoneSerial(new Date())), { flag: 'wx' });
      await writeFile(configFile, quickstartConfig(domain, hasIpv6()), { flag: 'wx' });

      const config = await readConfig(configFile);
      const password = newPassword();
      await withAdmin(config, async (admin) => {
        // Both may be there from an earlier set-up of the same data folder.
        const known = expectDone(await admin.listDomains({})).some(({ name }) => name === domain);
        if (!known) expectDone(await admin.addDomain({ name: domain }));
        expectDone(await admin.addAccount({ address: text, password }));
      });
      const doubtful = options.ip === undefined && !addresses.some(isPublicAddress);
      process.stdout.write(whatToDo({ text, domain, configFile, zoneFile, password, addresses, doubtful }));
    });
}

interface Done {
  readonly text: string;
  readonly domain: string;
  readonly configFile: string;
  readonly zoneFile: string;
  readonly password: string;
  readonly addresses: readonly string[];
  /** Nobody said that these are public, and they don't look so. */
  readonly doubtful: boolean;
}

function whatToDo({ text, domain, configFile, zoneFile, password, addresses, doubtful }: Done): string {
  const [main = '(your public IP address)'] = addresses;
  const signpost = commandName();
  const doubts = doubtful
    ? `
  This machine has no public address of its own${addresses.length === 0 ? '' : ` (only ${addresses.join(', ')})`}. Put the one that the
  internet reaches it by into ${zoneFile}, or run this again with --ip.
`
    : '';
  return `Written:
  ${configFile}
  ${zoneFile}
  the account ${text}, password: ${password}
  (it is shown this once; '${signpost} account password ${text} -c ${configFile}' changes it)
${doubts}
What to do:
  1. At your registrar, set the name server of ${domain} to ns1.${domain}, with the address ${main}
     (a "glue record" or "host record"). Many want two name servers: give ns2.${domain} the same address.
  2. Ask your provider for a reverse name (PTR) of ${main}: mx.${domain}. Without it many refuse your mail.
     Ask as well whether port 25 is open; many close it until they are asked.
  3. Let 53 (UDP and TCP), 25, 465, 587 and 995 (TCP) through your firewall.
  4. Start it, as root or with the right CAP_NET_BIND_SERVICE:
       ${signpost} serve -c ${configFile}
  5. Look whether it answers:
       ${signpost} query ${domain} MX @${main}

Your mail program: user name ${text}, server mx.${domain}; incoming POP3 port 995 (TLS), outgoing SMTP port 465 (TLS).
The certificate is self-signed until you set 'tls' in the config file, so mail programs will ask once.
Not yet in this version: DKIM and DMARC records, DNSSEC, certificates from a public authority, IMAP.
`;
}

/** What a shell finds Signpost by: its name where it is on the PATH, else the launcher's place. */
function commandName(): string {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, 'signpost')));
  return onPath ? 'signpost' : resolve(import.meta.dirname, '../../bin/signpost');
}

function collectAddress(text: string, before: readonly string[] | undefined): readonly string[] {
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidArgumentError('expected an IP address.');
  return [...(before ?? []), address];
}

async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new CommandFault(
      `${file} is there already, and nothing is overwritten: move it away, or name another with -c`,
    );
  }
}

/** The addresses that others may reach this machine by, public ones first; none where it only has loopback. */
function machineAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal && !/^fe80:/i.test(each.address))
    .map((each) => parseAddress(each.address) ?? each.address);
  const known = all.filter(isPublicAddress);
  return known.length > 0 ? known : all;
}

/** False where the kernel speaks no IPv6: a listener on `[::]` would be refused. */
function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some(
    (each) => each?.some(({ family }) => family === 'IPv6') ?? false,
  );
}

/** 20 characters out of 32 that can't be mistaken for each other: 100 bits. In groups, to be typed. */
function newPassword(): string {
  const alphabet = '23456789abcdefghijkmnpqrstuvwxyz';
  const groups = Array.from({ length: 4 }, () =>
    Array.from({ length: 5 }, () => alphabet[systemRandom.below(alphabet.length)] ?? '').join(''),
  );
  return groups.join('-');
}

/** RFC 1912 §2.2: the date and a number, `2026112301`. */
function zoneSerial(now: Date): number {
  return Number(`${now.toISOString().slice(0, 10).replaceAll('-', '')}01`);
}
