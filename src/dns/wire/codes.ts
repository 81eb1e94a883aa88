// The numbers of the DNS header and record fields, from IANA's "Domain Name System (DNS) Parameters".

export const rrClass = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

export const opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;

/** RFC 1035 §4.1.1, RFC 2136 §2.2, RFC 6891 §9, RFC 7873 §8, RFC 8945 §3. Values above 15 need EDNS. */
export const rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;

/** The error field of TSIG and TKEY (RFC 8945 §3, RFC 2930 §2.6), where 16 means something else than in a header. */
export const tsigError = {
  NOERROR: 0,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
} as const;

const rcodeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(rcode).map(([name, code]) => [code, name]),
);

/** `NXDOMAIN`, or `RCODE99` where there is no name. */
export function formatRcode(code: number): string {
  return rcodeNames.get(code) ?? `RCODE${code}`;
}

/** `IN`, or `CLASS99` (RFC 3597 §5). */
export function formatClass(code: number): string {
  return Object.entries(rrClass).find(([, value]) => value === code)?.[0] ?? `CLASS${code}`;
}

export function parseClass(text: string): number | undefined {
  if (!/^[A-Za-z0-9]+$/.test(text)) return undefined;
  const upper = text.toUpperCase();
  const known = Object.entries(rrClass).find(([name]) => name === upper)?.[1];
  if (known !== undefined) return known;
  const number = /^CLASS(\d{1,5})$/.exec(upper)?.[1];
  return number !== undefined && Number(number) <= 0xffff ? Number(number) : undefined;
}
