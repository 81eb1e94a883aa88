// The config of a real Signpost that transfers zones with the peers of the interop tests, all of it signed by one key.
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import { transferKey } from './dns-peers/peer.ts';
import { ServedSignpost, SignpostFolder } from './served-signpost.ts';

/** `zones`: items of the config, in YAML. */
export function transferConfig(port: number, zones: readonly string[]): string {
  const { name, algorithm, secret } = transferKey;
  return `hostname: ns.example
listeners: { dns-authority: ["127.0.0.1:${port}"] }
workers: { dns: 1 }
zones:
${zones.map((zone) => `  - ${zone}\n`).join('')}keys: [{ name: ${name}, algorithm: ${algorithm}, secret: "${secret}" }]
`;
}

/** In YAML: a server that is asked or told with the key. */
export function keyedServer(server: Endpoint): string {
  return `{ address: "${formatEndpoint(server)}", key: ${transferKey.name} }`;
}

/** Starts `signpost serve` in a folder with these files; both are gone at the end. */
export async function serveFiles(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { readonly served: ServedSignpost; readonly folder: SignpostFolder }> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await SignpostFolder.make(files));
  const served = stack.use(await ServedSignpost.start(folder));
  const kept = stack.move();
  return { served, folder, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
