// What the bench needs of a server, ours or another's.
import { domainName } from '../../src/dns/wire/name.ts';
import type { TsigKey } from '../../src/dns/tsig/tsig-key.ts';
import type { BenchSender } from '../mail-sender.ts';
import type { BenchZone } from '../zone.ts';
import type { Workspace } from '../workspace.ts';

export interface RunningServer {
  /** The process whose tree is measured. */
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export interface RunningMailServer extends RunningServer {
  /** Whom the messages go to. */
  readonly recipient: string;
  /** Whose process trees are measured: the server, and what it hands its mail to. */
  readonly pids: readonly number[];
  /** Watches the delay of the server's event loop from now on; what it gives ends that, with the 99th percentile in milliseconds. */
  readonly watchLoop?: () => Promise<() => Promise<number>>;
  /** Messages in the mailbox now. */
  delivered(): Promise<number>;
}

/** Why a server can't take part, as a sentence. */
export class Unavailable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unavailable';
  }
}

/** Base64, for the bench alone. */
export const updateSecret = 'b25seSBmb3IgdGhlIGJlbmNoLCBubyBzZWNyZXQgYXQgYWxs';

export const updateKey: TsigKey = {
  name: domainName('bench-key'),
  algorithm: 'hmac-sha256',
  secret: Buffer.from(updateSecret, 'base64'),
};

interface PeerBase {
  /** As the table shows it. */
  readonly name: string;
  /** With its version; throws `Unavailable` where it isn't installed. */
  describe(): Promise<string>;
}

export interface AuthorityPeer extends PeerBase {
  /** Serves the zone, and the root zone beside it. */
  startAuthority(workspace: Workspace, zone: BenchZone): Promise<RunningServer>;
}

export interface RunningUpdatedServer extends RunningServer {
  /** Signs what may change any name of the zone. */
  readonly key: TsigKey;
}

export interface UpdatedPeer extends PeerBase {
  /** Serves the zone, takes updates of it, and keeps each of them safe on disk before it acknowledges it. */
  startUpdated(workspace: Workspace, zone: BenchZone): Promise<RunningUpdatedServer>;
}

export interface ResolverPeer extends PeerBase {
  /** Resolves through the authority on `authorityPort`, which has the root zone and bench.test. */
  startResolver(workspace: Workspace, authorityPort: number): Promise<RunningServer>;
}

export interface ColdPeer extends PeerBase {
  /** Resolves from the root server at `root`, port 53, with an empty cache; validates from `anchor` on, a DS record, where it is given. */
  startCold(
    workspace: Workspace,
    world: { readonly root: string; readonly anchor: string | undefined },
  ): Promise<RunningServer>;
}

export interface MailPeer extends PeerBase {
  readonly ours: boolean;
  /** Takes mail for `u@bench.test` and keeps it in a mailbox; `250` only when it is safe on disk. */
  startMail(workspace: Workspace, sender: BenchSender): Promise<RunningMailServer>;
}
