// The zones that this server has itself, as its resolver sees them: asked from memory, without a packet, whether or not the world delegates
// them to us; and the root zone, where a copy is kept (RFC 8806).
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { Authority } from '../authority/authority.ts';
import type { OwnRoutes, Route } from '../resolver/routes.ts';
import { opcode, rcode, rrClass } from '../wire/codes.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneLoader } from '../zone/zone-loader.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { zonemdCheck } from '../zone/zonemd.ts';

type Ask = (name: DomainName, type: number) => Message | undefined;

export class OwnZones implements OwnRoutes {
  readonly #clock: Clock;
  readonly #log: Log;
  #zones: ZoneSet | undefined;
  #ask: Ask = () => undefined;
  /** `until`: by the monotonic clock. */
  #root: { readonly route: Route; readonly until: number } | undefined;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** From now on these are our own. */
  serve(zones: ZoneSet): void {
    this.#zones = zones;
    this.#ask = asking(zones);
  }

  /** The deepest zone of ours that the name is in; the root is everybody's, and must be proved. One that isn't loaded, or has expired, is as it is to the world. */
  deepest(name: DomainName): Route | undefined {
    const zone = this.#zones?.enclosing(name);
    if (zone !== undefined && zone !== 'withheld')
      return routeTo(zone.origin, this.#ask, { ours: !zone.origin.isRoot });
    return this.#root !== undefined && this.#root.until > this.#clock.monotonic()
      ? this.#root.route
      : undefined;
  }

  /** Whether a zone of ours may be that one or below it. */
  mayLeadWithin(zone: DomainName): boolean {
    return this.#zones?.mayHaveWithin(zone) ?? false;
  }

  /**
   * Reads the root zone's file. The faults are sentences; then the copy from before goes on until it expires, and without one the root's
   * servers are asked (RFC 8806 §2).
   */
  async loadRoot(file: string, loader: ZoneLoader): Promise<readonly string[]> {
    const faults: string[] = [];
    const loaded: ZoneSet[] = [];
    await loader.load([{ name: DomainName.root, file }], (_, outcome) => {
      if (outcome.kind === 'refused') faults.push(...outcome.faults);
      if (outcome.kind === 'loaded') loaded.push(new ZoneSet([outcome.zone]));
    });
    const [zones] = loaded;
    const zone = zones?.get(DomainName.root);
    if (zones === undefined || zone === undefined) return faults.map((text) => `resolver.root-zone: ${text}`);
    const wrong = await zonemdCheck(this.#clock, this.#log)(zone);
    if (wrong.length > 0) {
      loader.forget(DomainName.root);
      return wrong.map((text) => `resolver.root-zone: ${text}`);
    }
    const ask = asking(zones);
    const soa = ask(DomainName.root, rrType.SOA)?.answers.find(({ type }) => type === rrType.SOA)?.rdata;
    // RFC 1035 §3.3.13: the last but one of the numbers.
    const expire =
      soa === undefined ? 0 : new DataView(soa.buffer, soa.byteOffset + soa.length - 8).getUint32(0);
    const route = routeTo(DomainName.root, ask, { ours: false });
    this.#root = { route, until: this.#clock.monotonic() + expire * 1000 };
    return [];
  }
}

function routeTo(zone: DomainName, askOwn: Ask, { ours }: { readonly ours: boolean }): Route {
  return {
    delegation: { zone, servers: [], askOwn, ...(ours && { ours }), expires: Number.POSITIVE_INFINITY },
    first: !ours,
  };
}

/** As a resolver would ask, with DO. */
function asking(zones: ZoneSet): Ask {
  const authority = new Authority(zones);
  return (name, type) => {
    const response = authority.answer(encodeMessage(queryFor(name, type)), 'tcp');
    const decoded = response && decodeMessage(response);
    return decoded?.ok === true ? decoded.value : undefined;
  };
}

function queryFor(name: DomainName, type: number): Message {
  return {
    id: 0,
    response: false,
    opcode: opcode.QUERY,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: rcode.NOERROR,
    questions: [{ name, type, class: rrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpSize: 1232, version: 0, dnssecOk: true, options: [] },
  };
}
