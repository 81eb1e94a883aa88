// The program of the thread that hears what servers answer: it waits for all flows at once, and hands what came to the main thread, what came
// together in one message. It never gets to its event loop before its end.
import { isMainThread, workerData } from 'node:worker_threads';
import { FlowMemory } from './flow-memory.ts';
import { heardHead } from './heard.ts';
import type { FlowThreadStart, HeardMessage } from './heard.ts';
import { loadNative } from './native.ts';

/** How long it waits before it looks around. */
const waitMs = 250;

if (isMainThread) throw new Error('this is a program for a thread of its own');
const { epoll, memory: shared, port } = workerData as FlowThreadStart;
const native = await loadNative();
if (native === undefined) throw new Error("this system hasn't got the calls for datagrams");
const memory = new FlowMemory(shared);
const sockets = native.makeFlowSockets(epoll);
let octets = new Uint8Array(65_536);
port.postMessage('running', []);
while (!memory.stopping) {
  const ready = sockets.wait(waitMs);
  let count = 0;
  let length = 0;
  for (let index = 0; index < ready; index++) {
    const heard = sockets.receive(index);
    if (heard === undefined) continue;
    const size = typeof heard === 'number' ? 0 : heard.length;
    if (length + heardHead + size > octets.length) octets = grown(octets, length + heardHead + size);
    const view = new DataView(octets.buffer);
    view.setUint32(length, sockets.flowOf(index));
    view.setInt32(length + 4, typeof heard === 'number' ? -heard : size);
    if (typeof heard !== 'number') octets.set(heard, length + heardHead);
    length += heardHead + size;
    count += 1;
  }
  if (count > 0) {
    const message: HeardMessage = { count, octets: octets.slice(0, length) };
    memory.enterQueue(count);
    port.postMessage(message, [message.octets.buffer]);
  }
  for (let fd = memory.takeOver(); fd >= 0; fd = memory.takeOver()) sockets.close(fd);
}
for (let fd = memory.takeOver(); fd >= 0; fd = memory.takeOver()) sockets.close(fd);
port.close();

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
