// Who sends the bench's mail: a domain with SPF, a DKIM key (RSA-2048) and DMARC, and one message of 10 KiB that it has signed. All servers
// get the same octets, whether they check them or not.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latin1ToBytes } from '../src/lib/bytes.ts';
import { signDkim } from '../src/mailauth/dkim/sign-dkim.ts';
import type { Workspace } from './workspace.ts';

export interface BenchSender {
  readonly domain: string;
  readonly zoneFile: string;
  readonly messageFile: string;
}

/** Octets of the message. */
export const messageOctets = 10_240;
const domain = 'example.org';

export function makeBenchSender(workspace: Workspace): BenchSender {
  const folder = workspace.makeFolder('sender');
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const record = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const zoneFile = join(folder, 'zone');
  writeFileSync(
    zoneFile,
    `$ORIGIN ${domain}.
$TTL 3600
@ IN SOA ns.${domain}. hostmaster.${domain}. 1 7200 3600 1209600 300
@ IN NS ns
ns IN A 192.0.2.1
@ IN TXT "v=spf1 ip4:127.0.0.1 -all"
s1._domainkey IN TXT "v=DKIM1; k=rsa; p=${record.slice(0, 200)}" "${record.slice(200)}"
_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:reports@${domain}"
`,
  );
  const messageFile = join(folder, 'message');
  const text = unsigned();
  const signed = signDkim([latin1ToBytes(text)], [{ domain, selector: 's1', key: privateKey }], Date.now());
  // With LF: smtp-source makes lines of SMTP of it.
  writeFileSync(messageFile, `${signed}${text}`.replaceAll('\r\n', '\n'), 'latin1');
  return { domain, zoneFile, messageFile };
}

function unsigned(): string {
  const header = [
    `From: A sender <sender@${domain}>`,
    'To: u@bench.test',
    'Subject: What ten kibibytes look like',
    'Date: Tue, 24 Nov 2026 04:00:00 +0000',
    `Message-ID: <1@${domain}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
  ].join('\r\n');
  const line = 'The quick brown fox jumps over the lazy dog, and nobody has asked it why.\r\n';
  const room = messageOctets - header.length - 4;
  return `${header}\r\n\r\n${line.repeat(Math.floor(room / line.length))}`;
}
