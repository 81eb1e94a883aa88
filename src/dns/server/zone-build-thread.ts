// A thread that builds one zone after the other of records that it is sent, so that a transfer of a million of them holds nobody up; the
// zone's image is handed over in shared memory.
import { parentPort } from 'node:worker_threads';
import { decodeRecords } from '../keeper/record-bytes.ts';
import { DomainName } from '../wire/name.ts';
import { ZoneBuilder } from '../zone/zone-builder.ts';

export type BuildRequest =
  /** The zone's name in wire form. */
  | { readonly kind: 'begin'; readonly origin: Uint8Array }
  /** Whole records, as `record-bytes.ts` writes them. */
  | { readonly kind: 'records'; readonly chunk: Uint8Array }
  | { readonly kind: 'finish' };

export type BuildReply =
  | { readonly kind: 'built'; readonly memory: SharedArrayBuffer; readonly entry: number }
  | { readonly kind: 'refused'; readonly faults: readonly string[] };

const port = parentPort;
if (port === null) throw new Error('zone-build-thread.ts is to be run as a worker thread');

let builder: ZoneBuilder | undefined;

port.on('message', (request: BuildRequest) => {
  switch (request.kind) {
    case 'begin':
      builder = new ZoneBuilder(DomainName.unchecked(request.origin));
      break;
    case 'records':
      builder?.add(decodeRecords(request.chunk) ?? []);
      break;
    case 'finish': {
      const built = builder?.finish();
      builder = undefined;
      if (built === undefined) break;
      const reply: BuildReply = built.ok
        ? { kind: 'built', memory: built.value.zone.image.memory, entry: built.value.zone.entry }
        : { kind: 'refused', faults: built.fault.map(({ message }) => message) };
      port.postMessage(reply);
      break;
    }
  }
});
