// The part of a replay before CONFIG_END: options in the form of unbound.conf, as words. What they mean to our resolver is `replay-resolver.ts`'s
// to say.
import assert from 'node:assert/strict';

/** A `stub-zone:` or `forward-zone:`. */
export interface ReplayZone {
  readonly name: string;
  readonly addresses: readonly string[];
  /** Servers that are given by name. */
  readonly hosts: readonly string[];
  /** Further options: `stub-prime`, `forward-first`. */
  readonly options: Readonly<Record<string, string>>;
}

export interface ReplayConfig {
  /** The values of each option of the `server:` part, in order. */
  readonly server: ReadonlyMap<string, readonly string[]>;
  readonly stubs: readonly ReplayZone[];
  readonly forwards: readonly ReplayZone[];
  /** A file of trust anchors that are kept by RFC 5011, as its lines. */
  readonly anchorFile: { readonly zone: string; readonly lines: readonly string[] } | undefined;
}

interface OpenZone {
  name: string;
  readonly addresses: string[];
  readonly hosts: string[];
  readonly options: Record<string, string>;
}

export function readReplayConfig(text: string): ReplayConfig {
  const server = new Map<string, string[]>();
  const stubs: OpenZone[] = [];
  const forwards: OpenZone[] = [];
  let anchorFile: { zone: string; lines: string[] } | undefined;
  let inFile = false;
  let open: OpenZone | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line.startsWith('AUTOTRUST_FILE')) {
      anchorFile = { zone: line.split(/\s+/)[1] ?? '', lines: [] };
      inFile = true;
    } else if (line.startsWith('AUTOTRUST_END')) inFile = false;
    else if (inFile) anchorFile?.lines.push(raw);
    else if (line !== '' && !line.startsWith('#') && !line.startsWith(';')) {
      const { key, value } = optionIn(line);
      if (key === 'server') open = undefined;
      else if (key === 'stub-zone' || key === 'forward-zone') {
        open = { name: '', addresses: [], hosts: [], options: {} };
        (key === 'stub-zone' ? stubs : forwards).push(open);
      } else if (open === undefined) server.set(key, [...(server.get(key) ?? []), value]);
      else if (key === 'name') open.name = value;
      else if (key.endsWith('-addr')) open.addresses.push(value);
      else if (key.endsWith('-host')) open.hosts.push(value);
      else open.options[key] = value;
    }
  }
  return { server, stubs, forwards, anchorFile };
}

/** `key: value`, with the value in quotes of either kind or up to a comment. */
function optionIn(line: string): { readonly key: string; readonly value: string } {
  const parts = /^([\w-]+):\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:#.*)?$/.exec(line);
  assert.ok(parts?.[1] !== undefined, `no option in '${line}'`);
  return { key: parts[1], value: parts[2] ?? parts[3] ?? parts[4] ?? '' };
}
