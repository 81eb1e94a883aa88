// The text of a message's bodies, gathered while they are parsed: decoded, HTML stripped, within one budget for the whole message.
import { decodeCharset } from './charset.ts';
import { htmlText } from './html-text.ts';
import type { MimeLimits } from './mime-limits.ts';
import type { ContentFields } from './mime-part.ts';
import { parameterValue } from './parameters.ts';
import { previewOf } from './preview.ts';
import type { OctetSink } from './transfer-decoder.ts';

/** Octets of the first buffer: a usual message fits. */
const firstBuffer = 16 * 1024;
/** One such buffer that nobody uses: messages are mostly read one after the other, and a new one would have to be cleared. */
let spare: Uint8Array<ArrayBuffer> | undefined;

export class BodyText implements OctetSink {
  readonly #limits: MimeLimits;
  #buffer = new Uint8Array(0);
  #filled = 0;
  /** Octets taken in all parts. */
  #taken = 0;
  #cut = false;
  #texts: string[] = [];
  #units = 0;
  #preview = '';

  constructor(limits: MimeLimits) {
    this.#limits = limits;
  }

  /** Whether the text of such a part is gathered. */
  wants(content: ContentFields): boolean {
    return content.type === 'text' && (content.subtype === 'plain' || content.subtype === 'html');
  }

  /** Decoded octets of the part that is being read. */
  write(octets: Uint8Array, from: number, to: number): void {
    const room = this.#limits.textOctets - this.#taken;
    const length = Math.min(to - from, room);
    if (length < to - from) this.#cut = true;
    if (length <= 0) return;
    this.#reserve(this.#filled + length);
    this.#buffer.set(octets.subarray(from, from + length), this.#filled);
    this.#filled += length;
    this.#taken += length;
  }

  /** The part has ended: its octets become text. */
  endPart(content: ContentFields): void {
    const octets = this.#buffer.subarray(0, this.#filled);
    this.#filled = 0;
    if (octets.length === 0) return;
    const source = decodeCharset(octets, parameterValue(content.parameters, 'charset'));
    const text = content.subtype === 'html' ? htmlText(source) : source;
    const room = this.#limits.searchText - this.#units;
    if (room < text.length) this.#cut = true;
    if (room <= 0) return;
    this.#texts.push(text.slice(0, room));
    this.#units += text.length;
    // RFC 8970 §3.1: of what is shown first. An attached file is not, and an empty alternative shows nothing.
    if (content.disposition?.type !== 'attachment') this.#preview ||= previewOf(text);
  }

  /** What was taken of the part is dropped: it was no text after all. */
  dropPart(): void {
    this.#taken -= this.#filled;
    this.#filled = 0;
  }

  /** The message is over; nothing may be written after. */
  result(): { readonly text: string; readonly preview: string; readonly cut: boolean } {
    if (this.#buffer.length === firstBuffer) spare = this.#buffer;
    this.#buffer = new Uint8Array(0);
    return { text: this.#texts.join('\n'), preview: this.#preview, cut: this.#cut };
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const filled = this.#buffer.subarray(0, this.#filled);
    if (length <= firstBuffer) {
      this.#buffer = spare ?? new Uint8Array(firstBuffer);
      spare = undefined;
    } else this.#buffer = new Uint8Array(Math.max(length, this.#buffer.length * 2));
    this.#buffer.set(filled);
  }
}
