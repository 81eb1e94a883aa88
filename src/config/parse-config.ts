// Reads `signpost.yaml` (YAML 1.2) into a `Config`, and tells every fault with its place.
import { dirname, isAbsolute, join } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { z } from 'zod';
import { formatEndpoint, parseEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import { listenerNames } from './config.ts';
import type { Config } from './config.ts';
import type { ConfigFault } from './config-fault.ts';
import { nearest } from './did-you-mean.ts';
import { configSchema, keysAt, laterListeners } from './schema.ts';
import type { ConfigValues } from './schema.ts';

/** An alias may be used this often: enough for people, too little for a bomb. */
const maxAliases = 100;

/**
 * `fileName` is for messages, and relative paths in the file are relative to its folder.
 * All faults are told in one go, in the file's order.
 */
export function parseConfig(text: string, fileName: string): Result<Config, readonly ConfigFault[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const places = new Places(text, fileName, lines, document);
  if (document.errors.length > 0) {
    return fault(
      document.errors.map((error) =>
        places.fault(error.pos[0], error.pos[1], yamlSentence(error.code, error.message)),
      ),
    );
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: maxAliases });
  } catch {
    return fault([places.fault(0, 1, `an alias (*name) is used more than ${maxAliases} times`)]);
  }
  if (raw === null || raw === undefined) {
    return fault([places.fault(0, 1, "the file is empty; it needs at least 'hostname'")]);
  }
  const checked = configSchema.safeParse(raw);
  const faults = checked.success
    ? contradictions(checked.data, places)
    : faultsOf(checked.error, raw, places);
  if (!checked.success || faults.length > 0) {
    return fault(faults.toSorted((a, b) => a.line - b.line || a.column - b.column));
  }
  return ok(freeze(configOf(checked.data, fileName)));
}

/** Finds where the faults stand: `at` gives the place of a value, `atKey` that of its key. */
class Places {
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
    const source = (this.#text.split('\n')[Math.max(line, 1) - 1] ?? '').replace(/\r$/, '');
    const column = Math.max(col, 1);
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

function faultsOf(error: z.ZodError, raw: unknown, places: Places): ConfigFault[] {
  return error.issues.flatMap((issue): ConfigFault[] => {
    const key = keyText(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((unknown) => places.atKey(issue.path, unknown, unknownKey(issue.path, unknown)));
    }
    if (issue.code === 'custom') return [places.at(issue.path, `${key}: ${issue.message}`)];
    const found = valueAt(raw, issue.path);
    if (found !== undefined) {
      return [places.at(issue.path, `${key}: expected ${issue.message}, found ${describe(found)}`)];
    }
    const group = issue.path.slice(0, -1);
    const missing = `'${String(issue.path.at(-1))}' is missing: it must be ${issue.message}`;
    return [places.at(group, group.length === 0 ? missing : `${keyText(group)}: ${missing}`)];
  });
}

function unknownKey(path: readonly PropertyKey[], unknown: string): string {
  const group = path.length === 0 ? '' : `${keyText(path)}: `;
  if (group === 'listeners: ' && laterListeners.includes(unknown)) {
    return `${group}'${unknown}' is not served yet by this version; take it out for now`;
  }
  const allowed = keysAt(path);
  const meant = nearest(unknown, allowed);
  return meant === undefined
    ? `${group}there is no key '${unknown}' here; allowed are ${allowed.join(', ')}`
    : `${group}there is no key '${unknown}' here; did you mean '${meant}'?`;
}

/** `zones[0].file` */
function keyText(path: readonly PropertyKey[]): string {
  return (
    path
      .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
      .join('') || 'the file'
  );
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return value;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value} (a truth value; in quotes it would be a word)`;
  return 'a group of keys';
}

/** What is right key by key and can't be together. */
function contradictions(values: ConfigValues, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const listening = new Map<string, string>();
  for (const name of listenerNames) {
    for (const [i, endpoint] of values.listeners[name].entries()) {
      const text = formatEndpoint(endpoint);
      const other = listening.get(text);
      if (other !== undefined && endpoint.port !== 0) {
        const message = `listeners.${name}: ${text} is already taken by listeners.${other}`;
        faults.push(places.at(['listeners', name, i], message));
      }
      listening.set(text, name);
    }
  }
  const zones = new Set<string>();
  for (const [i, { name }] of values.zones.entries()) {
    if (zones.has(name)) faults.push(places.at(['zones', i, 'name'], `zones: '${name}' stands here twice`));
    zones.add(name);
  }
  for (const from of Object.keys(values.network.map)) {
    const parsed = parseEndpoint(from);
    if (!parsed.ok) faults.push(places.atKey(['network', 'map'], from, `network.map: ${parsed.fault}`));
  }
  return faults;
}

function configOf(values: ConfigValues, fileName: string): Config {
  const folder = dirname(fileName);
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const map = new Map<string, Endpoint>();
  for (const [from, to] of Object.entries(values.network.map)) {
    const parsed = parseEndpoint(from);
    if (parsed.ok) map.set(formatEndpoint(parsed.value), to);
  }
  return {
    file: fileName,
    hostname: values.hostname,
    data: absolute(values.data),
    tls: values.tls && { cert: absolute(values.tls.cert), key: absolute(values.tls.key) },
    listeners: values.listeners,
    zones: values.zones.map(({ name, file }) => ({
      name,
      file: absolute(file),
      primaries: [],
      transferTo: [],
      notify: [],
      notifyFrom: [],
      update: [],
      catalog: 'none',
      memberOf: undefined,
      journalSize: 16 * 2 ** 20,
    })),
    keys: [],
    authority: {
      udpSize: 1232,
      minimalResponses: true,
      identity: undefined,
      version: undefined,
      cookies: { enabled: true, secrets: [] },
      rateLimit: { perSecond: 0, slip: 2, exempt: [] },
      tcp: { maxConnections: 1000, maxConnectionsPerAddress: 50, idle: 10 },
    },
    resolver: {
      rootHints: values.resolver['root-hints'],
      trustAnchors: values.resolver['trust-anchors'],
      allow: values.resolver.allow,
      forward: values.resolver.forward,
    },
    smtp: {
      maxMessageSize: values.smtp['max-message-size'],
      maxRecipients: values.smtp['max-recipients'],
      maxConnections: values.smtp['max-connections'],
      maxConnectionsPerAddress: values.smtp['max-connections-per-address'],
    },
    pop3: {
      maxConnections: values.pop3['max-connections'],
      maxConnectionsPerAddress: values.pop3['max-connections-per-address'],
    },
    workers: { dns: values.workers.dns },
    network: { map },
  };
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

/** The YAML library's words, made ours where people meet them most. */
function yamlSentence(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key stands twice in its group; keep one of them';
    case 'TAB_AS_INDENT':
      return 'the line is indented with a tab; YAML wants spaces';
    case 'BAD_INDENT':
      return 'the line is indented differently from its neighbours';
    default:
      return `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  }
}
