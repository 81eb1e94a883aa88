// Postfix that takes mail for bench.test and puts it into a Maildir by its virtual(8) agent, or hands it to Dovecot by LMTP. It has
// folders of its own and needs root, as Postfix always does.
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../workspace.ts';
import { ask, findProgram, greetsSmtp, whenReady } from './launch.ts';
import { startDovecot } from './dovecot.ts';
import { Unavailable } from './peer.ts';
import type { MailPeer, RunningMailServer } from './peer.ts';
import type { Workspace } from '../workspace.ts';

const daemons = '/usr/lib/postfix/sbin';

export const postfix: MailPeer = {
  name: 'Postfix',
  ours: false,
  describe: describePostfix,
  async startMail(workspace) {
    const [uid, gid] = await postfixIds();
    const folder = makeFolder(workspace, uid, gid);
    const maildir = join(folder, 'mail', 'box');
    const running = await start(workspace, 'postfix', folder, [
      `virtual_mailbox_base = ${folder}/mail`,
      'virtual_mailbox_maps = static:box/',
      `virtual_uid_maps = static:${uid}`,
      `virtual_gid_maps = static:${gid}`,
      'virtual_minimum_uid = 1',
    ]);
    return { ...running, delivered: () => countMaildir(maildir) };
  },
};

/** What most who run Postfix with mailboxes do. */
export const postfixWithDovecot: MailPeer = {
  name: 'Postfix, Dovecot',
  ours: false,
  async describe() {
    const dovecot = await ask(findProgram('dovecot', 'dovecot-lmtpd'), ['--version']);
    return `${await describePostfix()}, Dovecot ${/^\S+/.exec(dovecot)?.[0] ?? '?'}`;
  },
  async startMail(workspace) {
    const [uid, gid] = await postfixIds();
    const dovecot = await startDovecot(workspace, uid, gid);
    const folder = makeFolder(workspace, uid, gid);
    const running = await start(workspace, 'postfix-dovecot', folder, [
      `virtual_transport = lmtp:inet:127.0.0.1:${dovecot.port}`,
      'virtual_mailbox_maps = static:box/',
    ]);
    return {
      ...running,
      pids: [...running.pids, dovecot.pid],
      delivered: () => countMaildir(dovecot.maildir),
      stop: async () => {
        await running.stop();
        await dovecot.stop();
      },
    };
  },
};

async function describePostfix(): Promise<string> {
  const said = await ask(findProgram('postconf', 'postfix'), ['-d', 'mail_version']);
  if (!existsSync(join(daemons, 'master'))) throw new Unavailable(`${daemons}/master is not there`);
  if (process.getuid?.() !== 0) throw new Unavailable('Postfix can be started by root only');
  return `Postfix ${/= (\S+)/.exec(said)?.[1] ?? '?'}`;
}

function makeFolder(workspace: Workspace, uid: number, gid: number): string {
  // Its agents run as `postfix`, and must be able to come through to their folders.
  chmodSync(workspace.folder, 0o755);
  const folder = workspace.makeFolder('postfix');
  for (const name of ['queue', 'data', 'mail']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['data', 'mail']) chownSync(join(folder, name), uid, gid);
  return folder;
}

async function start(
  workspace: Workspace,
  name: string,
  folder: string,
  delivery: readonly string[],
): Promise<Omit<RunningMailServer, 'delivered'>> {
  const port = await freePort();
  writeFileSync(join(folder, 'main.cf'), mainConfig(folder, delivery));
  writeFileSync(join(folder, 'master.cf'), masterConfig(port));
  const child = workspace.start(name, findProgram('postfix', 'postfix'), ['-c', folder, 'start-fg']);
  const running = await whenReady(workspace, name, child, port, () => greetsSmtp(port));
  return { ...running, pids: [running.pid], recipient: 'u@bench.test' };
}

/** Its owner hasn't looked yet, so that all is new. */
function countMaildir(maildir: string): Promise<number> {
  const fresh = join(maildir, 'new');
  return Promise.resolve(existsSync(fresh) ? readdirSync(fresh).length : 0);
}

async function postfixIds(): Promise<readonly [number, number]> {
  const said = await ask('id', ['postfix']);
  const found = /uid=(\d+).*?gid=(\d+)/.exec(said);
  if (found === null) throw new Unavailable("there is no user 'postfix'");
  return [Number(found[1]), Number(found[2])];
}

function mainConfig(folder: string, delivery: readonly string[]): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = ${daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
myhostname = mx.bench.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks =
local_recipient_maps =
alias_maps =
alias_database =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
virtual_mailbox_domains = bench.test
# Without these, Postfix slows its own clients down when mail comes faster than it goes.
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
${delivery.join('\n')}
`;
}

function masterConfig(port: number): string {
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'proxywrite unix - - n - 1 proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'local unix - n n - - local',
    'virtual unix - n n - - virtual',
    'lmtp unix - - n - - lmtp',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return `${services.join('\n')}\n`;
}
