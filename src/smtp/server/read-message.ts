// Reads a message that has come whole, in slices: however large it is, others have their turn in between.
import { Breather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import { MessageParser } from '../../message/message-parser.ts';
import type { ParsedMessage } from '../../message/message-parser.ts';

/** Octets between two looks at the clock: a fraction of a millisecond of work, and a few for content that is nothing but parts. */
const sliceOctets = 16 * 1024;

export async function readMessage(content: readonly Uint8Array[], clock: Clock): Promise<ParsedMessage> {
  const parser = new MessageParser();
  const breather = new Breather(clock);
  for (const chunk of content) {
    for (let at = 0; at < chunk.length; at += sliceOctets) {
      parser.push(chunk.subarray(at, at + sliceOctets));
      if (breather.due) await breather.rest();
    }
  }
  return parser.finish();
}
