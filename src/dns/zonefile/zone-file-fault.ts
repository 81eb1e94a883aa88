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
