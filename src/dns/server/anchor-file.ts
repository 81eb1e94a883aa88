// Keeps what is known of trust anchors (RFC 5011) and of negative ones set by command (RFC 7646) in two files that people can read.
import { z } from 'zod';
import type { Log } from '../../lib/log.ts';
import type { AnchorStore, StoredAnchor } from '../dnssec/anchor-keeper.ts';
import type { NegativeAnchor } from '../dnssec/anchor-set.ts';
import type { KeyState } from '../dnssec/followed-anchor.ts';
import { parseTrustAnchors } from '../dnssec/trust-anchor.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { readWholeFile, writeWholeFile } from './whole-file.ts';

const states: readonly KeyState[] = ['add-pending', 'valid', 'missing', 'revoked'];
const time = z.iso.datetime();

const anchorsSchema = z.array(
  z.object({
    zone: z.string(),
    configured: z.object({ ds: z.array(z.string()), keys: z.array(z.string()) }),
    ds: z.array(z.string()),
    keys: z.array(z.object({ key: z.string(), state: z.enum(states), since: time })),
    lastSuccess: time,
    nextProbe: time,
    retrySeconds: z.number(),
  }),
);

const negativesSchema = z.array(z.object({ zone: z.string(), until: time }));

/** A file that can't be read or written is told to the log: the anchors of the config serve then. */
export class AnchorFile implements AnchorStore {
  readonly #file: string;
  readonly #log: Log;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  read(): readonly StoredAnchor[] {
    const stored = readJson(this.#file, anchorsSchema, this.#log);
    return (stored ?? []).flatMap((each) => {
      const zone = parseName(each.zone);
      const keys = each.keys.map(({ key }) => key);
      const configured = zone.ok ? recordsOf(zone.value, each.configured) : undefined;
      const followed = zone.ok ? recordsOf(zone.value, { ds: each.ds, keys }) : undefined;
      if (!zone.ok || configured === undefined || followed === undefined) {
        this.#log.warn('what was kept of a trust anchor is damaged, and not used', { zone: each.zone });
        return [];
      }
      const anchor = {
        ...followed,
        keys: followed.keys.map((rdata, i) => ({
          rdata,
          state: each.keys[i]?.state ?? 'revoked',
          since: Date.parse(each.keys[i]?.since ?? ''),
        })),
        lastSuccess: Date.parse(each.lastSuccess),
        nextProbe: Date.parse(each.nextProbe),
        retry: each.retrySeconds * 1000,
      };
      return [{ configured, followed: anchor }];
    });
  }

  write(anchors: readonly StoredAnchor[]): void {
    const values: z.input<typeof anchorsSchema> = anchors.map(({ configured, followed }) => ({
      zone: followed.zone.toString(),
      configured: { ds: configured.ds.map(dsInWords), keys: configured.keys.map(keyInWords) },
      ds: followed.ds.map(dsInWords),
      keys: followed.keys.map(({ rdata, state, since }) => ({
        key: keyInWords(rdata),
        state,
        since: timeInWords(since),
      })),
      lastSuccess: timeInWords(followed.lastSuccess),
      nextProbe: timeInWords(followed.nextProbe),
      retrySeconds: followed.retry / 1000,
    }));
    writeJson(this.#file, values, this.#log);
  }
}

/** Negative anchors that commands set: those of the config are not among them. */
export class NegativeAnchorFile {
  readonly #file: string;
  readonly #log: Log;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  read(): readonly NegativeAnchor[] {
    return (readJson(this.#file, negativesSchema, this.#log) ?? []).flatMap(({ zone, until }) => {
      const name = parseName(zone);
      return name.ok ? [{ zone: name.value, until: Date.parse(until) }] : [];
    });
  }

  write(negatives: readonly NegativeAnchor[]): void {
    const values: z.input<typeof negativesSchema> = negatives.map(({ zone, until }) => ({
      zone: zone.toString(),
      until: timeInWords(until),
    }));
    writeJson(this.#file, values, this.#log);
  }
}

function readJson<Value>(file: string, schema: z.ZodType<Value>, log: Log): Value | undefined {
  try {
    const text = readWholeFile(file);
    return text === undefined ? undefined : schema.parse(JSON.parse(text));
  } catch (error) {
    log.warn('what was kept of trust anchors can not be read, and is not used', {
      file,
      error: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}

function writeJson(file: string, value: unknown, log: Log): void {
  try {
    writeWholeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
  } catch (error) {
    log.error('trust anchors can not be kept on disk', { file, error: String(error) });
  }
}

/** Data of DS and DNSKEY records in zone-file form. */
function recordsOf(
  zone: DomainName,
  { ds, keys }: { readonly ds: readonly string[]; readonly keys: readonly string[] },
):
  | { readonly zone: DomainName; readonly ds: readonly Uint8Array[]; readonly keys: readonly Uint8Array[] }
  | undefined {
  const owner = zone.toString();
  const parsed = parseTrustAnchors([
    ...ds.map((text) => `${owner} IN DS ${text}`),
    ...keys.map((text) => `${owner} IN DNSKEY ${text}`),
  ]);
  if (!parsed.ok) return undefined;
  const [anchor = { zone, ds: [], keys: [] }] = parsed.value;
  return anchor.ds.length === ds.length && anchor.keys.length === keys.length ? anchor : undefined;
}

function dsInWords(rdata: Uint8Array): string {
  return formatRdata(rrType.DS, rdata);
}

function keyInWords(rdata: Uint8Array): string {
  return formatRdata(rrType.DNSKEY, rdata);
}

function timeInWords(ms: number): string {
  return new Date(ms).toISOString();
}
