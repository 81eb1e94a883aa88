// Finds where in the file the faults stand: `at` gives the place of a value, `atKey` that of its key.
import { isMap, isScalar } from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';
import type { ConfigFault } from './config-fault.ts';

export class Places {
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document;

  constructor(text: string, file: string, lines: LineCounter, document: Document) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  fault(from: number, to: number, message: string): ConfigFault {
    const { line, col } = this.#lines.linePos(Math.min(from, Math.max(0, this.#text.length - 1)));
    // Cut out, not split: a file of 100,000 zones may have as many faults.
    const column = Math.max(col, 1);
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const end = this.#text.indexOf('\n', start);
    const source = this.#text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
    const length = Math.max(1, Math.min(to - from, source.length - column + 1));
    return { file: this.#file, line: Math.max(line, 1), column, message, source, length };
  }

  at(path: readonly PropertyKey[], message: string): ConfigFault {
    const steps = [...path];
    for (;;) {
      const node = steps.length === 0 ? this.#document.contents : this.#document.getIn(steps, true);
      const range = nodeRange(node);
      if (range !== undefined) return this.fault(range[0], range[1], message);
      // `key:` with nothing after it has no node of its own.
      if (steps.length === 0) return this.fault(0, 1, message);
      steps.pop();
    }
  }

  atKey(path: readonly PropertyKey[], key: string, message: string): ConfigFault {
    const parent = path.length === 0 ? this.#document.contents : this.#document.getIn([...path], true);
    if (isMap(parent)) {
      for (const pair of parent.items) {
        if (!isScalar(pair.key) || String(pair.key.value) !== key) continue;
        const range = nodeRange(pair.key);
        if (range !== undefined) return this.fault(range[0], range[1], message);
      }
    }
    return this.at(path, message);
  }
}

function nodeRange(node: unknown): readonly [number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const range = (node as Node).range;
  return range === undefined || range === null ? undefined : [range[0], Math.max(range[1], range[0] + 1)];
}

/** `zones[0].file` */
export function keyText(path: readonly PropertyKey[]): string {
  return (
    path
      .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
      .join('') || 'the file'
  );
}
