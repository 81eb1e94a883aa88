// The admin API from a command's side: finds out whether a server runs, and calls it over its socket.
import { request } from 'node:http';
import { connect } from 'node:net';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { routes } from './api.ts';
import type { Admin, AdminCalls, AdminFault, CallName } from './api.ts';

const timeoutMs = 30_000;

export type ServerSought =
  | { readonly kind: 'running' }
  /** No socket, or one that a dead server left behind. */
  | { readonly kind: 'none' }
  /** `reason` is a sentence. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Whether a server listens on the socket. */
export function findServer(socketPath: string): Promise<ServerSought> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve({ kind: 'running' });
    });
    socket.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR' || code === 'ENOTSOCK') {
        resolve({ kind: 'none' });
      } else if (code === 'EACCES' || code === 'EPERM') {
        resolve({
          kind: 'unreachable',
          reason: `no permission for ${socketPath}: run this as the user that the server runs as`,
        });
      } else {
        resolve({ kind: 'unreachable', reason: `${socketPath} can't be reached: ${error.message}` });
      }
    });
  });
}

/** Every call goes to the server behind the socket. What the transport does is an `unavailable` fault. */
export function adminClient(socketPath: string): Admin {
  const caller =
    <Name extends CallName>(name: Name) =>
    (input: AdminCalls[Name]['input']): Promise<Result<AdminCalls[Name]['output'], AdminFault>> =>
      call(socketPath, name, input);
  return {
    status: caller('status'),
    reload: caller('reload'),
    listDomains: caller('listDomains'),
    showDomain: caller('showDomain'),
    addDomain: caller('addDomain'),
    removeDomain: caller('removeDomain'),
    listAccounts: caller('listAccounts'),
    addAccount: caller('addAccount'),
    setPassword: caller('setPassword'),
    removeAccount: caller('removeAccount'),
    setCatchAll: caller('setCatchAll'),
    showAccount: caller('showAccount'),
    setAccount: caller('setAccount'),
    listLists: caller('listLists'),
    showList: caller('showList'),
    addTargets: caller('addTargets'),
    removeTargets: caller('removeTargets'),
    setGroup: caller('setGroup'),
    removeList: caller('removeList'),
    listQueue: caller('listQueue'),
    showQueue: caller('showQueue'),
    retryQueue: caller('retryQueue'),
    cancelQueue: caller('cancelQueue'),
    listJourneys: caller('listJourneys'),
    showJourney: caller('showJourney'),
    resolveName: caller('resolveName'),
    showResolver: caller('showResolver'),
    listQueries: caller('listQueries'),
    listUpstreams: caller('listUpstreams'),
    dumpCache: caller('dumpCache'),
    flushCache: caller('flushCache'),
    listNegativeAnchors: caller('listNegativeAnchors'),
    addNegativeAnchor: caller('addNegativeAnchor'),
    removeNegativeAnchor: caller('removeNegativeAnchor'),
    refreshZone: caller('refreshZone'),
    listSecondaries: caller('listSecondaries'),
    addRecords: caller('addRecords'),
    removeRecords: caller('removeRecords'),
    diffZone: caller('diffZone'),
    rollbackZone: caller('rollbackZone'),
    listZones: caller('listZones'),
    readZone: caller('readZone'),
    importZone: caller('importZone'),
  };
}

function call<Name extends CallName>(
  socketPath: string,
  name: Name,
  input: AdminCalls[Name]['input'],
): Promise<Result<AdminCalls[Name]['output'], AdminFault>> {
  const { method, path } = routes[name];
  const rest = new Map<string, unknown>(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replaceAll(/:(\w+)/g, (_, key: string) => {
    const value = rest.get(key);
    rest.delete(key);
    return encodeURIComponent(String(value));
  });
  const inQuery = method === 'GET' || method === 'DELETE';
  const query =
    inQuery && rest.size > 0
      ? `?${new URLSearchParams([...rest].map(([k, v]) => [k, String(v)])).toString()}`
      : '';
  const body = inQuery || rest.size === 0 ? '' : JSON.stringify(Object.fromEntries(rest));
  return new Promise((resolve) => {
    const unavailable = (message: string): void => resolve(fault({ kind: 'unavailable', message }));
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(
      { socketPath, method, path: filled + query, headers, timeout: timeoutMs },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => unavailable(`the server broke off its answer: ${error.message}`));
        response.on('end', () => {
          const answer = parseAnswer(Buffer.concat(chunks).toString('utf8'));
          if (answer === undefined)
            unavailable('the server gave no readable answer: is it of another version?');
          else if ('error' in answer) resolve(fault(answer.error));
          // The table of routes is the contract of both sides; commands and servers of one version share it.
          else resolve(ok(answer.value as AdminCalls[Name]['output']));
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    outgoing.on('error', (error) => unavailable(`the running server didn't answer: ${error.message}`));
    outgoing.end(body);
  });
}

function parseAnswer(text: string): { readonly error: AdminFault } | { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const error: unknown =
      typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined;
    return error === undefined ? { value } : { error: error as AdminFault };
  } catch {
    return undefined;
  }
}
