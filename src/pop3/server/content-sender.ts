// Streams a message's content from the store to the client, for RETR and TOP, no faster than the client takes it.
import { utf8ToBytes } from '../../lib/bytes.ts';
import { StoreFault } from '../../mailbox/message.ts';
import { ContentEncoder } from '../wire/content-encoder.ts';
import { formatReply } from '../wire/reply.ts';
import type { Reply } from '../wire/reply.ts';
import { TopCutter } from '../wire/top-cutter.ts';
import type { BatchedWriter } from './batched-writer.ts';

export type Sent =
  | { readonly kind: 'sent'; readonly octets: number }
  /** Nothing was sent: the client can be told. */
  | { readonly kind: 'unavailable'; readonly fault: StoreFault }
  /** Broke off in the middle: the one way to tell the client is to close without the final dot. */
  | { readonly kind: 'broken'; readonly fault: StoreFault };

/** `bodyLines`: as TOP asks; absent for all. Throws `ConnectionFault`. */
export async function sendContent(
  writer: BatchedWriter,
  reply: Reply,
  content: AsyncIterable<Uint8Array>,
  bodyLines: number | undefined,
): Promise<Sent> {
  const encoder = new ContentEncoder();
  const cutter = bodyLines === undefined ? undefined : new TopCutter(bodyLines);
  let begun = false;
  let octets = 0;
  // The reply waits for the first chunk: until then a fault of the store can still be a reply of its own.
  const begin = (): void => {
    if (!begun) writer.put(utf8ToBytes(formatReply(reply)));
    begun = true;
  };
  try {
    for await (const chunk of content) {
      begin();
      octets += chunk.length;
      await writer.add(encoder.encode(cutter === undefined ? chunk : cutter.cut(chunk)));
      if (cutter?.done === true) break;
    }
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    return { kind: begun ? 'broken' : 'unavailable', fault: error };
  }
  begin();
  await writer.add(encoder.finish());
  return { kind: 'sent', octets };
}
