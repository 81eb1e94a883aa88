// Times in zone files: seconds, or with the units that BIND brought (`1w2d3h4m5s`), for TTLs and the SOA's times.

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds, 0 to 2^32 - 1, or `undefined` where the text is no time. Units come in any order and case. */
export function parseDuration(text: string): number | undefined {
  // Nearly all are plain seconds.
  if (/^\d{1,10}$/.test(text)) return Number(text) <= 0xffff_ffff ? Number(text) : undefined;
  // More than any sensible time needs; the expression's repeated group must not be given megabytes.
  if (text.length > 60 || !/^(?:\d{1,10}[smhdw])+$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count = '', unit = 's'] of text.matchAll(/(\d+)([a-z])?/gi)) {
    seconds += Number(count) * (unitSeconds[unit.toLowerCase()] ?? 1);
  }
  return seconds <= 0xffff_ffff ? seconds : undefined;
}
