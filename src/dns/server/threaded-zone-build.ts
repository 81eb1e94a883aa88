// Builds zones of records that arrive little by little: small ones where the call is made, large ones in a thread, to which the records go
// in chunks of octets as they come, so that they stand nowhere twice.
import { Worker } from 'node:worker_threads';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { recordLength, writeRecord } from '../keeper/record-bytes.ts';
import type { NewZoneBuild, ZoneBuild } from '../keeper/zone-build.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { buildZone } from '../zone/zone-builder.ts';
import { ZoneImage } from '../zone/zone-image.ts';
import { openZone } from '../zone/zone.ts';
import type { Zone } from '../zone/zone.ts';
import type { BuildReply, BuildRequest } from './zone-build-thread.ts';

/** Records that are built of at once: some milliseconds, where a thread would take longer to start. */
const fewRecords = 3_000;
/** Larger than any record. */
const chunkOctets = 256 * 1024;

/** For the keeper. */
export const threadedZoneBuild: NewZoneBuild = (origin) => new ThreadedBuild(origin);

class ThreadedBuild implements ZoneBuild {
  readonly #origin: DomainName;
  #few: ResourceRecord[] = [];
  #thread: BuildThread | undefined;

  constructor(origin: DomainName) {
    this.#origin = origin;
  }

  add(records: Iterable<ResourceRecord>): void {
    if (this.#thread !== undefined) {
      this.#thread.add(records);
      return;
    }
    for (const record of records) this.#few.push(record);
    if (this.#few.length <= fewRecords) return;
    this.#thread = new BuildThread(this.#origin);
    this.#thread.add(this.#few);
    this.#few = [];
  }

  async finish(): Promise<Result<Zone, readonly string[]>> {
    if (this.#thread !== undefined) return await this.#thread.finish();
    const built = buildZone(this.#origin, this.#few);
    return built.ok ? ok(built.value.zone) : fault(built.fault.map(({ message }) => message));
  }

  [Symbol.dispose](): void {
    this.#thread?.close();
  }
}

/** One build in a thread of its own. */
class BuildThread {
  readonly #worker: Worker;
  readonly #reply = Promise.withResolvers<BuildReply>();
  #chunk = new Uint8Array(chunkOctets);
  #length = 0;

  constructor(origin: DomainName) {
    this.#worker = new Worker(new URL('./zone-build-thread.ts', import.meta.url));
    const fail = (why: string): void =>
      this.#reply.resolve({ kind: 'refused', faults: [`the thread that builds zones failed: ${why}`] });
    this.#worker.on('message', (reply: BuildReply) => this.#reply.resolve(reply));
    this.#worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => fail(`it ended with code ${code}`));
    this.#tell({ kind: 'begin', origin: origin.wire.slice() });
  }

  add(records: Iterable<ResourceRecord>): void {
    for (const record of records) {
      if (this.#length + recordLength(record) > chunkOctets) this.#flush();
      this.#length = writeRecord(this.#chunk, this.#length, record);
    }
  }

  async finish(): Promise<Result<Zone, readonly string[]>> {
    this.#flush();
    this.#tell({ kind: 'finish' });
    const reply = await this.#reply.promise;
    this.close();
    if (reply.kind === 'refused') return fault(reply.faults);
    const zone = openZone(new ZoneImage(reply.memory), reply.entry);
    return zone === undefined ? fault(['the thread that builds zones gave none']) : ok(zone);
  }

  close(): void {
    void this.#worker.terminate();
  }

  #flush(): void {
    const chunk = this.#chunk.subarray(0, this.#length);
    this.#chunk = new Uint8Array(chunkOctets);
    this.#length = 0;
    this.#tell({ kind: 'records', chunk }, [chunk.buffer]);
  }

  #tell(request: BuildRequest, transferred: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, [...transferred]);
  }
}
