// The records of a signed zone, a line each, and what may be done to them.

export interface SignedLine {
  /** Absolute, as written. */
  readonly owner: string;
  readonly ttl: string;
  readonly type: string;
  readonly rdata: string;
  /** Of an RRSIG: the type that it covers. */
  readonly covered: string | undefined;
}

/** Reads what `dnssec-signzone -O full` and `ldns-signzone` write: one record a line. */
export function readSigned(text: string): readonly SignedLine[] {
  const lines: SignedLine[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+([^;]*?)\s*(?:;.*)?$/.exec(line);
    if (match === null) continue;
    const [, owner = '', ttl = '', type = '', rdata = ''] = match;
    lines.push({ owner, ttl, type, rdata, covered: type === 'RRSIG' ? rdata.split(' ')[0] : undefined });
  }
  return lines;
}

export function writeSigned(lines: readonly SignedLine[]): string {
  return lines.map(({ owner, ttl, type, rdata }) => `${owner} ${ttl} IN ${type} ${rdata}\n`).join('');
}

type Edit = (lines: readonly SignedLine[]) => readonly SignedLine[];

/** The zone's own name is the owner of its SOA. */
function absolute(lines: readonly SignedLine[], name: string): string {
  const apex = lines.find(({ type }) => type === 'SOA')?.owner ?? '.';
  return name === '' ? apex : `${name}.${apex}`;
}

function change(
  lines: readonly SignedLine[],
  isMeant: (line: SignedLine) => boolean,
  how: (line: SignedLine) => readonly SignedLine[],
): readonly SignedLine[] {
  if (!lines.some(isMeant)) throw new Error('there is nothing to change in the signed zone');
  return lines.flatMap((line) => (isMeant(line) ? how(line) : [line]));
}

/** Takes out the signatures of a type at a name. */
export function without(name: string, type: string): Edit {
  return (lines) => {
    const owner = absolute(lines, name);
    return change(
      lines,
      (line) => line.owner === owner && line.covered === type,
      () => [],
    );
  };
}

/** Takes out all records of a type, and their signatures. */
export function byType(type: string): Edit {
  return (lines) =>
    change(
      lines,
      (line) => line.type === type || line.covered === type,
      () => [],
    );
}

export function changeRdata(name: string, type: string, to: (rdata: string) => string): Edit {
  return (lines) => {
    const owner = absolute(lines, name);
    return change(
      lines,
      (line) => line.owner === owner && line.type === type,
      (line) => [{ ...line, rdata: to(line.rdata) }],
    );
  };
}

/** Writes another value into a field of a signature: 0 is the type covered, 1 the algorithm, and so on (RFC 4034 §3.2). */
export function changeSignature(name: string, type: string, field: number, value: string): Edit {
  return (lines) => {
    const owner = absolute(lines, name);
    return change(
      lines,
      (line) => line.owner === owner && line.covered === type,
      (line) => [{ ...line, rdata: line.rdata.split(' ').with(field, value).join(' ') }],
    );
  };
}

/** Puts the signature of a type at one name in the place of that at another. */
export function moveSignature(from: string, to: string, type: string): Edit {
  return (lines) => {
    const [source, owner] = [absolute(lines, from), absolute(lines, to)];
    const borrowed = lines.find((line) => line.owner === source && line.covered === type);
    if (borrowed === undefined) throw new Error(`${source} has no signature for ${type}`);
    return change(
      lines,
      (line) => line.owner === owner && line.covered === type,
      (line) => [{ ...line, rdata: borrowed.rdata }],
    );
  };
}
