// Dovecot behind Postfix: takes mail by LMTP and keeps it in a Maildir.
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../workspace.ts';
import type { Workspace } from '../workspace.ts';
import { findProgram, greetsSmtp, whenReady } from './launch.ts';
import type { RunningServer } from './peer.ts';

/** `uid` and `gid` own the mail. */
export async function startDovecot(
  workspace: Workspace,
  uid: number,
  gid: number,
): Promise<RunningServer & { readonly maildir: string }> {
  const port = await freePort();
  const folder = workspace.makeFolder('dovecot');
  const mail = join(folder, 'mail');
  mkdirSync(mail);
  chownSync(mail, uid, gid);
  const config = join(folder, 'dovecot.conf');
  writeFileSync(
    config,
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
protocols = lmtp
ssl = no
mail_location = maildir:${mail}
first_valid_uid = 1
passdb {
  driver = static
  args = nopassword
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${mail} allow_all_users=yes
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${port}
  }
}
`,
  );
  const child = workspace.start('dovecot', findProgram('dovecot', 'dovecot-lmtpd'), ['-F', '-c', config]);
  const running = await whenReady(workspace, 'dovecot', child, port, () => greetsSmtp(port));
  return { ...running, maildir: mail };
}
