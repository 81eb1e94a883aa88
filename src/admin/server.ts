// The admin API over HTTP on a Unix socket that only its owner may use.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { fault, ok } from '../lib/result.ts';
import type { Log } from '../lib/log.ts';
import type { Result } from '../lib/result.ts';
import { routes } from './api.ts';
import type { Admin, AdminFault, CallName } from './api.ts';

const maxBodyOctets = 65_536;
/** The shortest limit of a system's socket paths: 104 octets with the final NUL on macOS, 108 on Linux. */
const maxPathOctets = 103;

export interface AdminServer {
  close(): Promise<void>;
}

/** Opens `socketPath`, mode 0600. A stale socket is replaced; throws an Error with a sentence where a server answers on it. */
export async function openAdminServer(socketPath: string, admin: Admin, log: Log): Promise<AdminServer> {
  if (Buffer.byteLength(socketPath) > maxPathOctets) {
    throw new Error(
      `the path ${socketPath} is too long for a socket (${maxPathOctets} octets at most): move the data folder up`,
    );
  }
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
  if (await answers(socketPath)) {
    throw new Error(`another Signpost is running on this data folder: it answers on ${socketPath}`);
  }
  rmSync(socketPath, { force: true });
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    handle(request, response, admin).catch((error: unknown) => {
      log.error('the admin API met an error', { error: String(error), path: request.url });
      if (!response.headersSent)
        send(response, 500, { kind: 'unavailable', message: 'an error of Signpost itself: the log has it' });
    });
  });
  server.maxConnections = 64;
  await listenPrivately(server, socketPath);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Nobody else may connect at any moment: the socket comes into being with mode 0600. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.removeListener('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
    server.once('listening', () => chmodSync(path, 0o600));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function handle(request: IncomingMessage, response: ServerResponse, admin: Admin): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control.invalid');
  const found = findRoute(request.method ?? '', url.pathname);
  if (!found.ok) {
    send(response, found.fault === 'method' ? 405 : 404, {
      kind: 'not-found',
      message: `there is no ${request.method} ${url.pathname}`,
    });
    return;
  }
  const { name, parameters } = found.value;
  const body = await readBody(request, routes[name].bodyOctets ?? maxBodyOctets);
  if (!body.ok) {
    send(response, 400, { kind: 'invalid', message: body.fault });
    return;
  }
  const result = await call(admin, name, {
    ...Object.fromEntries(url.searchParams),
    ...body.value,
    ...parameters,
  });
  if (result.ok) send(response, 200, undefined, result.value);
  else send(response, statusCodes[result.fault.kind], result.fault);
}

const statusCodes: Readonly<Record<AdminFault['kind'], number>> = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
};

async function call(
  admin: Admin,
  name: CallName,
  raw: Readonly<Record<string, unknown>>,
): Promise<Result<unknown, AdminFault>> {
  const input = routes[name].input.safeParse(raw);
  if (!input.success) {
    const [issue] = input.error.issues;
    const message = `${issue?.path.join('.') ?? 'input'}: ${issue?.message ?? 'wrong'}`;
    return fault({ kind: 'invalid', message });
  }
  // The input has just been checked by this call's own schema.
  const run = admin[name] as (input: unknown) => Promise<Result<unknown, AdminFault>>;
  return await run(input.data);
}

interface Found {
  readonly name: CallName;
  readonly parameters: Readonly<Record<string, string>>;
}

const callNames = Object.keys(routes) as CallName[];

function findRoute(method: string, path: string): Result<Found, 'path' | 'method'> {
  let pathKnown = false;
  for (const name of callNames) {
    const parameters = matchPath(routes[name].path, path);
    if (parameters === undefined) continue;
    pathKnown = true;
    if (routes[name].method === method) return ok({ name, parameters });
  }
  return fault(pathKnown ? 'method' : 'path');
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (part.startsWith(':')) {
      const decoded = decode(value);
      if (decoded === undefined || decoded === '') return undefined;
      parameters[part.slice(1)] = decoded;
    } else if (part !== value) {
      return undefined;
    }
  }
  return parameters;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function readBody(
  request: IncomingMessage,
  most: number,
): Promise<Result<Readonly<Record<string, unknown>>>> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > most) return fault(`the body is longer than ${most} octets`);
    chunks.push(chunk);
  }
  if (octets === 0) return ok({});
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? ok(value as Readonly<Record<string, unknown>>)
      : fault('the body must be a JSON object');
  } catch {
    return fault('the body is not JSON');
  }
}

/** `{ "error": … }` or the value itself. */
function send(
  response: ServerResponse,
  status: number,
  error: AdminFault | undefined,
  value?: unknown,
): void {
  const body = JSON.stringify(error === undefined ? value : { error });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
