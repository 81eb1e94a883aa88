// The way to the running server's resolver, for the commands that need one.
import type { Admin } from '../admin/api.ts';
import { adminClient, findServer } from '../admin/client.ts';
import { controlSocket } from '../admin/socket-path.ts';
import type { Config } from '../config/config.ts';
import { CommandFault } from './exit.ts';

/** The running server: what a resolver knows, it knows in memory. */
export async function resolverAdmin(config: Config): Promise<Admin> {
  const socket = controlSocket(config);
  const server = await findServer(socket);
  if (server.kind === 'running') return adminClient(socket);
  throw new CommandFault(
    server.kind === 'unreachable'
      ? server.reason
      : 'no server is running, so there is no resolver to ask about',
  );
}
