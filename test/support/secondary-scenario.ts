// Plays a scenario of a secondary: primaries, zones taken from them, time that passes, and what must come of it, in lines that a person
// reads. The lines are told in test/scenario/secondary/README.md.
import assert from 'node:assert/strict';
import { Secondary } from '../../src/dns/transfer/in/secondary.ts';
import type { Primary } from '../../src/dns/transfer/in/primary.ts';
import type { RefreshOutcome } from '../../src/dns/transfer/in/secondary-zone.ts';
import { parseTsigKey } from '../../src/dns/tsig/tsig-key.ts';
import type { TsigKey } from '../../src/dns/tsig/tsig-key.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { formatRdata } from '../../src/dns/wire/rdata/registry.ts';
import { recordsOf } from '../../src/dns/wire/record.ts';
import { formatType, rrType } from '../../src/dns/wire/rr-type.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import type { ZoneState } from '../../src/dns/zone/zone-store.ts';
import { zonemdCheck } from '../../src/dns/zone/zonemd.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Log } from '../../src/lib/log.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { record } from './dns-messages.ts';
import { MemoryZoneKeeper } from './memory-zone-keeper.ts';
import { primaryBehaviours, SimulatedPrimaries } from './simulated-primaries.ts';
import type { PrimaryBehaviour } from './simulated-primaries.ts';

interface Line {
  readonly number: number;
  readonly words: readonly string[];
  readonly text: string;
  readonly block: readonly string[];
}

/** Rejects, with the line's number, where what happens is not what the scenario says. */
export async function playSecondaryScenario(text: string, seed: number): Promise<void> {
  const player = new Player(seed);
  for (const line of linesOf(text)) {
    try {
      await player.play(line);
    } catch (error) {
      if (error instanceof Error) error.message = `line ${line.number} '${line.text}': ${error.message}`;
      throw error;
    }
  }
  await player.end();
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

class Player {
  readonly #clock = new VirtualClock();
  readonly #primaries = new SimulatedPrimaries(this.#clock);
  readonly #keeper = new MemoryZoneKeeper(new ZoneSet());
  readonly #states = new Map<string, ZoneState>();
  readonly #taken: { readonly origin: DomainName; readonly primaries: readonly Primary[] }[] = [];
  readonly #seed: number;
  #secondary: Secondary;
  #said: string[] = [];
  #outcome: RefreshOutcome | undefined;
  #expectations = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#secondary = this.#start();
  }

  async play(line: Line): Promise<void> {
    const [verb = '', first = '', ...more] = line.words;
    const rest = line.text.slice(verb.length).trim();
    switch (verb) {
      case 'primary': {
        const { does, key } = howOf(rest.slice(first.length));
        this.#primaries.put(first, does, key);
        break;
      }
      case 'publish':
        this.#publish(line);
        break;
      case 'secondary':
        this.#take(rest);
        break;
      case 'wait':
        await this.#clock.advanceAsync(Number(first) * (units[more[0] ?? ''] ?? Number.NaN));
        break;
      case 'notify':
        this.#notify(rest);
        await this.#clock.advanceAsync(0);
        break;
      case 'refresh':
      case 'transfer':
        await this.#byHand(domainName(first), verb === 'transfer');
        break;
      case 'forget':
        this.#secondary.remove(domainName(first));
        break;
      case 'restart':
        await this.#secondary.close();
        this.#secondary = this.#start();
        for (const { origin } of this.#taken) this.#keeper.revive(origin);
        if (first === 'after')
          await this.#clock.advanceAsync(Number(more[0]) * (units[more[1] ?? ''] ?? Number.NaN));
        for (const source of this.#taken) this.#add(source);
        break;
      default:
        this.#expectations += 1;
        this.#expect(line, verb, first, rest);
    }
  }

  async end(): Promise<void> {
    await this.#secondary.close();
    assert.ok(this.#expectations > 0, 'the scenario expects nothing');
  }

  #start(): Secondary {
    return new Secondary({
      keeper: this.#keeper,
      store: {
        saveState: (origin, state) => {
          this.#states.set(origin.key, state);
          return Promise.resolve();
        },
      },
      network: this.#primaries,
      clock: this.#clock,
      random: seededRandom(this.#seed),
      log: this.#log(),
      check: zonemdCheck(this.#clock, this.#log()),
    });
  }

  #publish({ words, block }: Line): void {
    const [, zone = '', , serial = '', , address = '', , ...times] = words;
    const [refresh = '3600', retry = '600', expire = '86400'] = times.filter((word) => /^\d+$/.test(word));
    const origin = absolute(zone);
    const soa = record(
      `${origin} 300 IN SOA ns.${origin} h.${origin} ${serial} ${refresh} ${retry} ${expire} 60`,
    );
    const records = [`@ NS ns.example.net.`, ...block].map((each) => {
      const [, name = '', data = ''] = /^(\S+) (.*)$/.exec(each) ?? [];
      return record(`${name === '@' ? origin : `${name}.${origin}`} 300 IN ${data}`);
    });
    this.#primaries.publish(address, origin, [soa, ...records]);
  }

  /** `example.com from 192.0.2.1, 192.0.2.2 with key k` */
  #take(rest: string): void {
    const [, zone = '', addresses = '', keyName] = /^(\S+) from (.*?)(?: with key (\S+))?$/.exec(rest) ?? [];
    const key = keyName === undefined ? undefined : keyOf(keyName);
    const primaries = addresses
      .split(', ')
      .map((address): Primary => ({ endpoint: { address, port: 53 }, key, tls: undefined }));
    const source = { origin: domainName(absolute(zone)), primaries };
    this.#taken.push(source);
    this.#add(source);
  }

  #add(source: { readonly origin: DomainName; readonly primaries: readonly Primary[] }): void {
    this.#secondary.add({ ...source, state: this.#states.get(source.origin.key) ?? {} });
  }

  /** `example.com serial 7 from 192.0.2.1, 100 times` */
  #notify(rest: string): void {
    const [, zone = '', serial, address = '', times = '1'] =
      /^(\S+)(?: serial (\d+))? from (\S+?)(?:, (\d+) times)?$/.exec(rest) ?? [];
    for (let i = 0; i < Number(times); i++)
      this.#secondary.notified(domainName(zone), serial === undefined ? undefined : Number(serial), {
        address,
        port: 40_000,
      });
  }

  async #byHand(origin: DomainName, whole: boolean): Promise<void> {
    this.#outcome = undefined;
    void this.#secondary.refresh(origin, whole)?.then((outcome) => (this.#outcome = outcome));
    for (let i = 0; i < 200 && this.#outcome === undefined; i++) await this.#clock.advanceAsync(500);
  }

  #expect({ block }: Line, verb: string, first: string, rest: string): void {
    switch (verb) {
      case 'serves':
        this.#serves(domainName(first), rest.slice(first.length).trim(), block);
        break;
      case 'asked': {
        const asked = this.#primaries.asked.splice(0);
        const most = /^at most (\d+) times$/.exec(rest)?.[1];
        if (most !== undefined) assert.ok(asked.length <= Number(most), asked.join('\n'));
        else if (rest === 'something') assert.notEqual(asked.length, 0);
        else assert.deepEqual(asked, rest === 'nobody' ? [] : block);
        break;
      }
      case 'says':
        assert.ok(
          this.#said.some((each) => each.includes(rest)),
          `said:\n${this.#said.join('\n')}`,
        );
        this.#said = [];
        break;
      case 'outcome': {
        const outcome = this.#outcome;
        const text = outcome === undefined ? 'none' : Object.values(outcome).join(' ');
        assert.ok(text.startsWith(rest), text);
        break;
      }
      default:
        assert.fail(`no line of a scenario begins with '${verb}'`);
    }
  }

  #serves(origin: DomainName, what: string, block: readonly string[]): void {
    const view = this.#keeper.view(origin);
    if (what === 'nothing') {
      assert.equal(view?.serial, undefined);
      return;
    }
    assert.equal(`serial ${view?.serial ?? 'none'}`, what);
    if (block.length === 0) return;
    const records = [...(view?.all() ?? [])].flatMap(recordsOf);
    const shown = records
      .filter(({ type }) => type !== rrType.SOA && type !== rrType.NS)
      .map(({ owner, type, rdata }) => {
        const name = owner.toString().slice(0, -origin.toString().length - 1);
        return `${name} ${formatType(type)} ${formatRdata(type, rdata)}`;
      });
    assert.deepEqual(shown.sort(), [...block].sort());
  }

  #log(): Log {
    const say = (event: string, fields?: Readonly<Record<string, unknown>>): void =>
      void this.#said.push(`${event} ${JSON.stringify(fields ?? {})}`);
    const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
    return log;
  }
}

function howOf(text: string): {
  readonly does: readonly PrimaryBehaviour[];
  readonly key: TsigKey | undefined;
} {
  const does: PrimaryBehaviour[] = [];
  let key: TsigKey | undefined;
  for (const part of text.split(',').map((each) => each.trim())) {
    const behaviour = (Object.keys(primaryBehaviours) as PrimaryBehaviour[]).find((each) => each === part);
    const name = /^with key (\S+)$/.exec(part)?.[1];
    if (behaviour !== undefined) does.push(behaviour);
    else if (name !== undefined) key = keyOf(name);
    else assert.equal(part, '', `no primary does '${part}'`);
  }
  return { does, key };
}

/** `name` or `name/secret`: keys of one name may differ in their secret. */
function keyOf(text: string): TsigKey {
  const [name = '', secret = 'usual'] = text.split('/');
  const key = parseTsigKey(name, 'hmac-sha256', Buffer.from(secret.padEnd(32, '.')).toString('base64'));
  return key.ok ? key.value : assert.fail(key.fault);
}

function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

function linesOf(text: string): readonly Line[] {
  const lines: { number: number; words: readonly string[]; text: string; block: string[] }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').trimEnd();
    if (line.trim() === '') continue;
    if (/^\s/.test(line)) lines.at(-1)?.block.push(line.trim());
    else lines.push({ number: index + 1, words: line.split(/\s+/), text: line, block: [] });
  }
  return lines;
}
