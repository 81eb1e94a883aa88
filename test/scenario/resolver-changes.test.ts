// What the resolver's clients see when something changes that it answers of itself: a block list, hosts, a zone of this very server. Asked by UDP, where
// the threads answer from packets that they have kept.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminClient } from '../../src/admin/client.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { dataOf } from '../../src/dns/resolver/words.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { silentLog } from '../../src/lib/log.ts';
import { startSignpost } from '../../src/main.ts';
import { query } from '../support/dns-messages.ts';
import { SignpostFolder } from '../support/served-signpost.ts';

const config = `hostname: ns.own.example
listeners: { dns-authority: ["127.0.0.1:0"], dns-resolver: ["127.0.0.1:0"] }
workers: { dns: 1 }
data: ./data
zones: [{ name: own.example, file: own.zone, update: [{ key: dyn }] }]
keys: [{ name: dyn, secret: WmFobGVuIHNpbmQgZ3V0IGbDvHIgVGVzdHMu }]
resolver:
  block: [{ file: list.txt, format: domains }]
  hosts: { files: [hosts.txt] }
`;
const zone =
  '@ 3600 SOA ns h 1 3600 600 86400 3600\n@ 3600 NS ns\nns 3600 A 192.0.2.1\nwww 3600 A 192.0.2.80\n';

/** Files are looked at every few seconds: here, a hundred times as often. */
const hasty: Clock = { ...systemClock, after: (ms, action) => systemClock.after(ms / 100, action) };

class Asker implements Disposable {
  readonly #socket = createSocket('udp4');

  async send(to: Endpoint, message: Message): Promise<Message> {
    const heard = once(this.#socket, 'message');
    this.#socket.send(encodeMessage(message), to.port, to.address);
    const [bytes] = await heard;
    const decoded = decodeMessage(new Uint8Array(bytes));
    return decoded.ok ? decoded.value : assert.fail(decoded.fault.reason);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

test('a changed list, changed hosts and an updated zone are seen at once, whatever was kept', async () => {
  await using folder = await SignpostFolder.make({
    'own.zone': zone,
    'list.txt': 'nothing.example\n',
    'hosts.txt': '192.0.2.7 printer.lan\n',
  });
  const parsed = parseConfig(config, join(folder.path, 'signpost.yaml'));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const running = await startSignpost(parsed.value, { log: silentLog, clock: hasty });
  await using _ = { [Symbol.asyncDispose]: () => running.close(0) };
  using asker = new Asker();
  const at = (name: string): Endpoint =>
    running.listeners.find((each) => each.name === name)?.endpoint ?? assert.fail(name);
  const ask = async (name: string): Promise<string> => {
    const { rcode, answers } = await asker.send(at('dns-resolver'), query(name));
    return `${rcode} ${answers.map((each) => dataOf({ ...each, rdatas: [each.rdata] }).join('')).join(' ')}`.trim();
  };
  const admin = adminClient(join(folder.path, 'data/control.sock'));
  const change = async (
    what: 'addRecords' | 'removeRecords',
    ...records: readonly string[]
  ): Promise<void> => {
    const changed = await admin[what]({ zone: 'own.example', records: [...records] });
    assert.ok(changed.ok, JSON.stringify(changed));
  };
  const until = async (name: string, answer: string): Promise<void> => {
    const end = performance.now() + 10_000;
    for (let got = await ask(name); got !== answer; got = await ask(name)) {
      assert.ok(performance.now() < end, `${name} never was '${answer}', but '${got}'`);
      await new Promise((settle) => setTimeout(settle, 10));
    }
  };

  // Twice: the second time from a packet.
  for (let i = 0; i < 2; i++) {
    assert.equal(await ask('www.own.example'), '0 192.0.2.80');
    assert.equal(await ask('new.own.example'), '3');
    assert.equal(await ask('printer.lan'), '0 192.0.2.7');
  }
  await change('addRecords', 'www 3600 A 192.0.2.81', 'new 3600 A 192.0.2.82');
  assert.equal(await ask('www.own.example'), '0 192.0.2.80 192.0.2.81');
  assert.equal(await ask('new.own.example'), '0 192.0.2.82');
  // Changes that come one after the other are seen a little later.
  await change('addRecords', 'new 3600 A 192.0.2.83');
  await change('removeRecords', 'www 3600 A 192.0.2.80', 'www 3600 A 192.0.2.81');
  await change('addRecords', 'new 3600 A 192.0.2.84');
  await until('www.own.example', '3');
  await until('new.own.example', '0 192.0.2.82 192.0.2.83 192.0.2.84');

  await folder.write('list.txt', 'nothing.example\nnew.own.example\n');
  await until('new.own.example', '3');
  await folder.write('hosts.txt', '192.0.2.8 printer.lan\n');
  await until('printer.lan', '0 192.0.2.8');
  // What can't be read leaves what was there; and what is whole again is taken.
  await folder.write('hosts.txt', '192.0.2.9 printer.lan\n');
  await folder.write('list.txt', '');
  await until('printer.lan', '0 192.0.2.9');
  await until('new.own.example', '0 192.0.2.82 192.0.2.83 192.0.2.84');
});
