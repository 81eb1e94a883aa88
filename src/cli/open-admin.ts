// A command's way to what is kept: the running server's admin API, or the store itself where no server runs.
import type { Admin, AdminFault } from '../admin/api.ts';
import { adminClient, findServer } from '../admin/client.ts';
import { controlSocket } from '../admin/socket-path.ts';
import type { Config } from '../config/config.ts';
import { systemRandom } from '../lib/random.ts';
import type { Result } from '../lib/result.ts';
import { CommandFault } from './exit.ts';
import { openLog } from './log.ts';

/** Runs `use` with the admin API, wherever that is, and closes what was opened for it. */
export async function withAdmin<Value>(
  config: Config,
  use: (admin: Admin) => Promise<Value>,
): Promise<Value> {
  const socket = controlSocket(config);
  const server = await findServer(socket);
  if (server.kind === 'unreachable') throw new CommandFault(server.reason);
  if (server.kind === 'running') {
    const admin = adminClient(socket);
    // A server without a mail role has no store open, so a command may open it beside it.
    if (expectDone(await admin.status({})).mail) return await use(admin);
  }
  // Loaded only where needed: it is most of the program.
  const [{ openStores }, { adminHandlers }] = await Promise.all([
    import('../main.ts'),
    import('../admin/handlers.ts'),
  ]);
  await using stores = await openStores(config);
  const ports = {
    stores,
    random: systemRandom,
    separator: config.addresses.separator,
    resolve: undefined,
    zones: undefined,
    server: undefined,
  };
  return await use(adminHandlers(ports));
}

/** As `withAdmin`, for calls about zones: a running server keeps them, whatever else it does. */
export async function withZoneAdmin<Value>(
  config: Config,
  use: (admin: Admin) => Promise<Value>,
): Promise<Value> {
  const socket = controlSocket(config);
  const server = await findServer(socket);
  if (server.kind === 'unreachable') throw new CommandFault(server.reason);
  if (server.kind === 'running') return await use(adminClient(socket));
  const [{ openZones }, { adminHandlers }] = await Promise.all([
    import('../main.ts'),
    import('../admin/handlers.ts'),
  ]);
  await using zones = await openZones(config, openLog('warn', process.stderr.isTTY, false));
  const ports = {
    stores: undefined,
    random: systemRandom,
    separator: undefined,
    resolve: undefined,
    zones,
    server: undefined,
  };
  return await use(adminHandlers(ports));
}

/** The value, or the end of the command with the fault's sentence. `invalid`: the exit code where words can't be read as what they should be. */
export function expectDone<Value>(result: Result<Value, AdminFault>, invalid: 1 | 2 = 2): Value {
  if (result.ok) return result.value;
  throw new CommandFault(result.fault.message, result.fault.kind === 'invalid' ? invalid : 1);
}
