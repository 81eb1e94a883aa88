// What is wrong in a zone file and where, in a form that shows the place: the line with a caret under it.

/** Where something stands in a zone file. Lines and columns count from 1; a column is a UTF-16 unit. */
export interface ZonePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ZoneFileFault extends ZonePlace {
  /** One sentence for a person, without a place in it. */
  readonly message: string;
  /** The whole line. */
  readonly text: string;
  /** How many characters the caret's underline covers; at least 1. */
  readonly length: number;
}

/** A file that was read. */
export interface ReadFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The place `at` octets into the file, which is on that line. */
export function placeInFile({ name, bytes }: ReadFile, line: number, at: number): ZonePlace {
  const start = startOfLine(bytes, at);
  return { file: name, line, column: decode(bytes.subarray(start, at)).length + 1 };
}

/** What is wrong with `length` octets of the file. */
export function faultInFile(
  file: ReadFile,
  line: number,
  at: number,
  length: number,
  message: string,
): ZoneFileFault {
  const { bytes } = file;
  const end = bytes.indexOf(newline, at);
  const text = decode(bytes.subarray(startOfLine(bytes, at), end === -1 ? bytes.length : end));
  const shown = decode(bytes.subarray(at, at + length));
  return {
    ...placeInFile(file, line, at),
    message,
    text: text.replace(/\r$/, ''),
    length: Math.max(1, shown.length),
  };
}

const newline = 0x0a;
const utf8 = new TextDecoder();

function decode(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

function startOfLine(bytes: Uint8Array, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(newline, at - 1) + 1;
}

/** The longest stretch of a line that is shown; of longer lines the part around the fault. */
const widestLine = 100;

/** `zones/a.zone:3:7: message`, then the line, then carets under the fault. Several lines, no newline at the end. */
export function formatZoneFileFault(fault: ZoneFileFault): string {
  const start = fault.text.length > widestLine ? Math.max(0, fault.column - 1 - widestLine / 2) : 0;
  const end = Math.min(fault.text.length, start + widestLine);
  const before = printable(fault.text.slice(start, fault.column - 1));
  const at = printable(fault.text.slice(fault.column - 1, Math.min(end, fault.column - 1 + fault.length)));
  const after = printable(fault.text.slice(fault.column - 1 + fault.length, end));
  // Tabs are kept below a line, so that the caret stands right whatever the terminal's tab stops are.
  const indent = before.replaceAll(/[^\t]/gu, ' ');
  const carets = at.replaceAll(/./gsu, '^') || '^';
  return `${fault.file}:${fault.line}:${fault.column}: ${printable(fault.message)}\n  ${before}${at}${after}\n  ${indent}${carets}`;
}

/** Control characters could move a terminal's cursor, so they are shown as a middle dot. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '·');
}
