// Real programs that interop tests drive from outside.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's package for each program that a test may need. */
const packages: Readonly<Record<string, string>> = {
  dig: 'bind9-dnsutils',
  delv: 'bind9-dnsutils',
  nsupdate: 'bind9-dnsutils',
  named: 'bind9',
  'named-checkzone': 'bind9-utils',
  nsec3hash: 'bind9-utils',
  'dnssec-keygen': 'bind9-utils',
  'dnssec-signzone': 'bind9-utils',
  'ldns-signzone': 'ldnsutils',
  unbound: 'unbound',
  kdig: 'knot-dnsutils',
  knotd: 'knot',
  kzonecheck: 'knot-dnssecutils',
  keymgr: 'knot',
  kzonesign: 'knot-dnssecutils',
  nsd: 'nsd',
  'nsd-checkzone': 'nsd',
  swaks: 'swaks',
  gsasl: 'gsasl',
  msmtp: 'msmtp',
  haproxy: 'haproxy',
  curl: 'curl',
  fetchmail: 'fetchmail',
  openssl: 'openssl',
  'opendkim-testmsg': 'opendkim-tools',
  python3: 'python3',
  'smtp-sink': 'postfix',
  'smtp-source': 'postfix',
};

/** For `{ skip: missingPrograms('dig') }`: false when all are installed, else why the test is skipped, in plain words. */
export function missingPrograms(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  const names = missing.map((program) => packages[program] ?? program);
  return `needs ${missing.join(' and ')}: apt-get install ${names.join(' ')}`;
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
