// A root zone that is kept here by transfer (RFC 8806): a secondary of the root beside the resolver. Three real servers: the primary, ours, and one
// of the root's that is asked only where there is no copy.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/parse-config.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { bytesToLatin1 } from '../../src/lib/bytes.ts';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import { startSignpost } from '../../src/main.ts';
import type { RunningSignpost } from '../../src/main.ts';
import { SignpostFolder } from '../support/served-signpost.ts';

/** Refreshed each second, and good for two. */
const rootZone = (serial: number, what: string): string =>
  `. 60 SOA ns. h. ${serial} 1 1 2 60\n. 60 NS ns.\nns. 60 A 192.0.2.1\n*.example. 60 TXT "${what}"\n`;

class Server implements AsyncDisposable {
  readonly #running: RunningSignpost;
  readonly #folder: SignpostFolder;
  #asked = 0;

  private constructor(running: RunningSignpost, folder: SignpostFolder) {
    this.#running = running;
    this.#folder = folder;
  }

  static async start(config: string, files: Readonly<Record<string, string>>): Promise<Server> {
    const folder = await SignpostFolder.make(files);
    const text = `hostname: ns\ndata: ./data\nworkers: { dns: 1 }\nlisteners: { dns-authority: ["127.0.0.1:0"] }\n${config}`;
    const parsed = parseConfig(text, join(folder.path, 'signpost.yaml'));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return new Server(await startSignpost(parsed.value, { log: silentLog }), folder);
  }

  get address(): string {
    const [listener] = this.#running.listeners;
    return listener === undefined ? assert.fail('it listens nowhere') : formatEndpoint(listener.endpoint);
  }

  /** What it makes of a name that nobody has asked for yet, and how many questions that took. */
  async find(): Promise<readonly [found: string, steps: number]> {
    const name = `n${this.#asked++}.example.`;
    const found = await this.#running.lookup.lookup(domainName(name), rrType.TXT);
    const packets = found.journey.filter(({ server }) => server?.address === '192.0.2.1:53').length;
    const [record] = found.kind === 'records' ? found.records : [];
    return [record === undefined ? found.kind : bytesToLatin1(record.rdata.subarray(1)), packets];
  }

  async until(what: string): Promise<number> {
    for (const end = performance.now() + 15_000; ;) {
      const [found, packets] = await this.find();
      if (found === what) return packets;
      assert.ok(performance.now() < end, `'${what}' never came, but '${found}'`);
      await new Promise((settle) => setTimeout(settle, 50));
    }
  }

  async replace(file: string, text: string): Promise<void> {
    await this.#folder.write(file, text);
    assert.deepEqual(await this.#running.reload(), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.close(0);
    await this.#folder[Symbol.asyncDispose]();
  }
}

test('the root is answered for from a copy that follows its primary, and by its servers when that has expired', async () => {
  const zones = 'zones: [{ name: ., file: root.zone, transfer-to: [127.0.0.0/8] }]\n';
  await using theRoot = await Server.start(zones, { 'root.zone': rootZone(9, 'of the root itself') });
  const primary = await Server.start(zones, { 'root.zone': rootZone(1, 'copied') });
  await using _ = primary;
  await using ours = await Server.start(
    `zones: [{ name: ., primaries: ["${primary.address}"] }]
resolver:
  trust-anchors: []
  root-hints: [{ name: ns, addresses: [192.0.2.1] }]
network: { map: { "192.0.2.1:53": "${theRoot.address}" } }
`,
    {},
  );
  assert.equal(await ours.until('copied'), 0, 'nobody is asked');
  await primary.replace('root.zone', rootZone(2, 'copied again'));
  assert.equal(await ours.until('copied again'), 0, 'nobody is asked');
  await primary[Symbol.asyncDispose]();
  assert.ok((await ours.until('of the root itself')) > 0, 'the root is asked');
});
