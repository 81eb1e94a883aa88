// A fault in the config file: where it stands, what was found, what is allowed.

export interface ConfigFault {
  readonly file: string;
  /** Both from 1; column in characters. */
  readonly line: number;
  readonly column: number;
  /** One sentence that begins with the key: `listeners.smtp: expected …, found …`. */
  readonly message: string;
  /** The whole line in the file, and how many of its characters the fault covers from `column` on (at least 1). */
  readonly source: string;
  readonly length: number;
}

/** Three lines for people: the sentence with its place, the line, and a caret under the fault. */
export function formatConfigFault(fault: ConfigFault): string {
  const number = String(fault.line);
  // A tab before the caret stays one, so that both lines are indented alike wherever they are shown.
  const indent = fault.source.slice(0, fault.column - 1).replaceAll(/[^\t]/g, ' ');
  return [
    `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`,
    `  ${number} | ${fault.source}`,
    `  ${' '.repeat(number.length)} | ${indent}${'^'.repeat(fault.length)}`,
  ].join('\n');
}
