// A thread for tests that looks for the same way over and over while another says it anew, and tells of each that it took whether all of it belongs together
// (`numberedServer`).
import { parentPort, workerData } from 'node:worker_threads';
import { ChosenWay, WayMemory } from '../../src/dns/resolver/way-memory.ts';
import { serverAsNumbered } from './numbered-server.ts';

export interface WayReading {
  readonly ways: SharedArrayBuffer;
  readonly name: Uint8Array;
  /** One word: not 0 when it is to end. */
  readonly stop: SharedArrayBuffer;
}

export interface WaysRead {
  readonly found: number;
  readonly torn: string;
}

const { ways, name, stop } = workerData as WayReading;
const stopping = new Int32Array(stop);
const memory = new WayMemory(ways);
const way = new ChosenWay();
let found = 0;
let torn = '';
parentPort?.postMessage('running', []);
while (Atomics.load(stopping, 0) === 0 && torn === '') {
  for (let pick = 0; pick < 1000 && torn === ''; pick++) {
    if (!memory.choose(name, 0, name.length, 0, pick, way)) continue;
    found += 1;
    torn = serverAsNumbered(way);
  }
}
parentPort?.postMessage({ found, torn } satisfies WaysRead, []);
