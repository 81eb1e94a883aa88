// Fills the messages of a transfer with records, as many as go into each (RFC 5936 §2.2).
import { headerLength } from '../../wire/message-decoder.ts';
import { encodeMessage } from '../../wire/message-encoder.ts';
import type { Message } from '../../wire/message.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { writeRecord } from '../../wire/record-writer.ts';
import { rrType } from '../../wire/rr-type.ts';
import { WireWriter } from '../../wire/writer.ts';

/** Octets: compression pointers reach all of such a message. */
const usualLength = 16_384;
/** RFC 6891 §6.1.2, without options. */
const optLength = 11;

export class MessagePacker {
  readonly #head: Message;
  readonly #limit: number;
  readonly #writer: WireWriter;
  #first = true;
  #records = 0;

  /**
   * `head`: the response without records. Its question and EDNS stand in the first message only (RFC 5936 §2.2.2, §2.2.5). `limit`:
   * octets that a message may have, 512 at least.
   */
  constructor(head: Message, limit: number) {
    this.#head = head;
    this.#limit = limit;
    // RFC 5936 §3.4: names keep the case that they have in the zone.
    this.#writer = new WireWriter(limit, true);
    this.#begin();
  }

  /** How many records the message at hand has. */
  get records(): number {
    return this.#records;
  }

  /** Puts the record into the message at hand; false where that has no more room: then it must be taken first. */
  add(record: ResourceRecord): boolean {
    const writer = this.#writer;
    const mark = writer.length;
    // A record that is longer than a usual message gets one of its own.
    const most = this.#records === 0 ? this.#limit : Math.min(this.#limit, usualLength);
    writer.limit = most - (this.#hasEdns ? optLength : 0);
    writeRecord(writer, record);
    if (writer.overflowed) {
      writer.rewind(mark);
      return false;
    }
    this.#records += 1;
    return true;
  }

  /** The message at hand, and begins the next. */
  take(): Uint8Array {
    const writer = this.#writer;
    writer.limit = this.#limit;
    if (this.#hasEdns) this.#writeOpt();
    writer.patchU16(6, this.#records);
    const message = writer.finish();
    this.#first = false;
    this.#begin();
    return message;
  }

  get #hasEdns(): boolean {
    return this.#first && this.#head.edns !== undefined;
  }

  #begin(): void {
    const writer = this.#writer;
    writer.limit = this.#limit;
    writer.rewind(0);
    this.#records = 0;
    writer.put(encodeMessage({ ...this.#head, questions: [], edns: undefined }).subarray(0, headerLength));
    if (!this.#first) return;
    writer.patchU16(4, this.#head.questions.length);
    for (const question of this.#head.questions) {
      writer.name(question.name, 'compressed');
      writer.u16(question.type);
      writer.u16(question.class);
    }
  }

  #writeOpt(): void {
    const { edns } = this.#head;
    if (edns === undefined) return;
    const writer = this.#writer;
    writer.patchU16(10, 1);
    writer.u8(0);
    writer.u16(rrType.OPT);
    writer.u16(edns.udpSize);
    writer.u16(0);
    writer.u16(edns.dnssecOk ? 0x8000 : 0);
    writer.u16(0);
  }
}
