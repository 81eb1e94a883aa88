// What resolution from an empty cache costs without the system's share, and what of it is validation and what the signatures themselves:
// `node bench/micro/resolver-cold.ts`. The world is that of the cold part of the bench; its servers' answers are kept from the first round.
import { Authority } from '../../src/dns/authority/authority.ts';
import { validationAlgorithms } from '../../src/dns/dnssec/algorithm.ts';
import type { AlgorithmTable } from '../../src/dns/dnssec/algorithm.ts';
import { AnchorSet } from '../../src/dns/dnssec/anchor-set.ts';
import { parseTrustAnchors } from '../../src/dns/dnssec/trust-anchor.ts';
import { KeyRing } from '../../src/dns/dnssec/zone-key.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { ResolverOptions } from '../../src/dns/resolver/resolver-options.ts';
import type { Upstream, UpstreamEvent, UpstreamRequest } from '../../src/dns/resolver/upstream.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { recordText } from '../../test/support/signed-zone.ts';
import { zoneFrom } from '../../test/support/simulated-internet.ts';
import { coldNames, makeColdZones } from '../cold-world.ts';

const rounds = 9;
const underWay = 100;
const [root, top, domains] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

/** Answers once all that can be asked has been asked, so that many questions are under way at one time. */
class KeptAnswers implements Upstream {
  readonly #servers: ReadonlyMap<string, Authority>;
  readonly #answers = new Map<string, Uint8Array>();
  #waiting: { readonly request: UpstreamRequest; readonly heard: (event: UpstreamEvent) => void }[] = [];
  asked = 0;

  constructor(servers: ReadonlyMap<string, Authority>) {
    this.#servers = servers;
  }

  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void {
    this.#waiting.push({ request, heard });
    return () => undefined;
  }

  answerAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.asked += waiting.length;
    for (const { request, heard } of waiting) heard({ kind: 'message', bytes: this.#answerTo(request) });
  }

  /** With the id of the question, and its name in the case that it came in. */
  #answerTo({ to, bytes: query }: UpstreamRequest): Uint8Array {
    let end = 12;
    while (query[end] !== 0) end += (query[end] ?? 0) + 1;
    const question = query.subarray(12, end + 5);
    const id = `${to.address} ${Buffer.from(question).toString('latin1').toLowerCase()}`;
    let answer = this.#answers.get(id);
    if (answer === undefined) {
      const client = { from: { address: '192.0.2.200', port: 5353 }, transport: 'udp' } as const;
      this.#servers.get(to.address)?.respond(query, client, (bytes) => (answer = bytes.slice()));
      if (answer === undefined) throw new Error(`nobody answers at ${to.address}`);
      this.#answers.set(id, answer);
    }
    const copy = answer.slice();
    copy.set(query.subarray(0, 2));
    copy.set(question, 12);
    return copy;
  }
}

const zones = makeColdZones({ root, top, domains });
const authority = (of: ReadonlyMap<string, string>): Authority =>
  new Authority(new ZoneSet([...of].map(([origin, text]) => zoneFrom(origin, text))));
const servers = new Map([
  [root, authority(new Map([['.', zones.root.text]]))],
  [top, authority(zones.tops)],
  [domains, authority(zones.domains)],
]);
const anchors = parseTrustAnchors([recordText(zones.root.ds)]);
if (!anchors.ok) throw new Error(anchors.fault);
const names = coldNames('com').map(domainName);
const upstream = new KeptAnswers(servers);

/** Microseconds of CPU a name. */
function measure(options: Partial<ResolverOptions>): { readonly cpu: number; readonly asked: number } {
  const resolver = new Resolver({
    upstream,
    clock: systemClock,
    random: seededRandom(1),
    rootHints: [{ name: domainName('ns.root'), addresses: [root] }],
    ...options,
  });
  let right = 0;
  const before = upstream.asked;
  const began = process.cpuUsage();
  for (let at = 0; at < names.length; at += underWay) {
    for (const name of names.slice(at, at + underWay))
      resolver.resolve({ name, type: rrType.A }, {}, ({ end }) => {
        if (end.kind === 'records' && (end.security === 'secure') === (options.anchors !== undefined))
          right += 1;
      });
    while (resolver.inFlight > 0) upstream.answerAll();
  }
  const { user, system } = process.cpuUsage(began);
  if (right !== names.length) throw new Error(`${right} of ${names.length} names came out right`);
  return { cpu: (user + system) / names.length, asked: (upstream.asked - before) / names.length };
}

const trusting: AlgorithmTable = new Map(
  [...validationAlgorithms].map(([number, algorithm]) => [number, { ...algorithm, verify: () => true }]),
);
const ways: readonly (readonly [string, () => Partial<ResolverOptions>])[] = [
  ['without validation', () => ({})],
  [
    'all but the signatures',
    () => ({ anchors: new AnchorSet(systemClock, anchors.value), keyRing: new KeyRing(trusting) }),
  ],
  ['validating', () => ({ anchors: new AnchorSet(systemClock, anchors.value) })],
];
const figures = ways.map(([way]): { way: string; asked: number; all: number[] } => ({
  way,
  asked: 0,
  all: [],
}));
for (let round = 0; round < rounds; round++) {
  for (const [index, [, options]] of ways.entries()) {
    const { cpu, asked } = measure(options());
    const figure = figures[index];
    // The first rounds are the compiler's.
    if (figure === undefined || round < 2) continue;
    figure.asked = asked;
    figure.all.push(cpu);
  }
}
for (const { way, asked, all } of figures) {
  const [least = 0, ...more] = all.toSorted((a, b) => a - b);
  const [median = 0, most = 0] = [more[(more.length - 1) >> 1], more.at(-1)];
  const range = `${least.toFixed(1)} – ${most.toFixed(1)}`;
  console.log(
    `${way}: ${median.toFixed(1)} µs of CPU a name (${range}), ${asked.toFixed(2)} questions to servers`,
  );
}
