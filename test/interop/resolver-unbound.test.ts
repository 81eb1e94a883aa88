// Ours and a real Unbound, one forwarding to the other: over UDP, TCP and TLS, with validation on either side, both, or none. Both see the same signed
// root, with a zone that is signed rightly, one that isn't signed, and one whose keys are not what the root says.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Authority } from '../../src/dns/authority/authority.ts';
import { NetworkUpstream } from '../../src/dns/client/network-upstream.ts';
import { AnchorSet } from '../../src/dns/dnssec/anchor-set.ts';
import { parseTrustAnchors } from '../../src/dns/dnssec/trust-anchor.ts';
import { routeOf } from '../../src/dns/resolver/configured-route.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { DnsResponder } from '../../src/dns/responder.ts';
import { dnsDatagramHandler } from '../../src/dns/server/datagram.ts';
import { dnsStreamHandler } from '../../src/dns/server/stream.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { parseType } from '../../src/dns/wire/rr-type.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createNetwork } from '../../src/net/network.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { listenTcp } from '../../src/net/tcp-listener.ts';
import { listenUdp } from '../../src/net/udp-listener.ts';
import { UnboundResolver } from '../support/dns-peers/unbound.ts';
import { missingPrograms } from '../support/programs.ts';
import { frontWithPackets } from '../support/resolver-front.ts';
import { runProgram } from '../support/run-program.ts';
import { recordText, signZone } from '../support/signed-zone.ts';
import { zoneFrom } from '../support/simulated-internet.ts';

/** `validated`: as whoever validates sees it; `plain`: as nobody does. */
const questions = [
  { ask: 'www.signed A', validated: 'records secure', plain: 'records insecure' },
  { ask: 'alias.signed A', validated: 'records secure', plain: 'records insecure' },
  { ask: 'a.wild.signed A', validated: 'records secure', plain: 'records insecure' },
  { ask: 'www.signed MX', validated: 'nodata secure', plain: 'nodata insecure' },
  { ask: 'nowhere.signed A', validated: 'nxdomain secure', plain: 'nxdomain insecure' },
  // By TCP, as it doesn't fit.
  { ask: 'large.signed TXT', validated: 'records secure', plain: 'records insecure' },
  { ask: 'www.hashed A', validated: 'records secure', plain: 'records insecure' },
  { ask: 'a.wild.hashed A', validated: 'records secure', plain: 'records insecure' },
  { ask: 'nowhere.hashed A', validated: 'nxdomain secure', plain: 'nxdomain insecure' },
  { ask: 'www.unsigned A', validated: 'records insecure', plain: 'records insecure' },
  { ask: 'nowhere.unsigned A', validated: 'nxdomain insecure', plain: 'nxdomain insecure' },
  { ask: 'www.broken A', validated: 'failure insecure', plain: 'records insecure' },
] as const;

/** The root's DS record, and all zones as one server has them. */
function makeWorld(): { readonly anchor: string; readonly zones: ZoneSet } {
  const now = Math.floor(Date.now() / 1000);
  const times = { inception: now - 3600, expiration: now + 86_400 };
  const start = '@ 300 SOA ns. h. 1 3600 600 86400 300\n@ 300 NS ns.\n';
  const long = Array.from(
    { length: 12 },
    (_, i) => `large 300 TXT "${String(i % 10).repeat(199 + i)}"\n`,
  ).join('');
  const content = `${start}www 300 A 192.0.2.1\nalias 300 CNAME www\n*.wild 300 A 192.0.2.2\n${long}`;
  const signed = signZone('signed.', content, times);
  const hashed = signZone('hashed.', content, {
    ...times,
    denial: { iterations: 0, salt: '', optOut: false },
  });
  const [broken, other] = [signZone('broken.', content, times), signZone('broken.', content, times)];
  const delegations = [
    ...['signed', 'hashed', 'unsigned', 'broken'].map((name) => `${name}. 300 NS ns.`),
    ...[signed.ds, hashed.ds, other.ds].map(recordText),
  ];
  const root = signZone('.', `${start}ns. 300 A 127.0.0.1\n${delegations.join('\n')}\n`, times);
  const texts = { '.': root, 'signed.': signed, 'hashed.': hashed, 'broken.': broken };
  const zones = Object.entries(texts).map(([origin, { text }]) => zoneFrom(origin, text));
  return { anchor: recordText(root.ds), zones: new ZoneSet([...zones, zoneFrom('unsigned.', content)]) };
}

function who(theyValidate: boolean, weValidate: boolean): string {
  return `it ${theyValidate ? 'validates' : 'believes all'}, we ${weValidate ? 'validate' : 'believe all'}`;
}

describe('Unbound', { skip: missingPrograms('unbound', 'dig') }, () => {
  const stack = new AsyncDisposableStack();
  const { anchor, zones } = makeWorld();
  const peers = new Map<boolean, UnboundResolver>();
  let root: Endpoint;

  /** UDP and TCP. */
  const listen = async (responder: DnsResponder): Promise<Endpoint> => {
    const tcp = await listenTcp({ address: '127.0.0.1', port: 0 }, dnsStreamHandler(responder));
    const udp = await listenUdp(tcp.endpoint, dnsDatagramHandler(responder));
    stack.defer(async () => void (await Promise.all([tcp.close(), udp.close()])));
    return tcp.endpoint;
  };
  const ours = (
    kind: 'forward' | 'stub',
    endpoint: Endpoint,
    validates: boolean,
    overTls: boolean,
  ): Resolver => {
    const anchors = parseTrustAnchors(validates ? [anchor] : []);
    assert.ok(anchors.ok);
    const tls = overTls ? { name: 'localhost' } : undefined;
    return new Resolver({
      upstream: stack.use(new NetworkUpstream(createNetwork(), systemClock)),
      clock: systemClock,
      random: systemRandom,
      rootHints: [],
      anchors: new AnchorSet(systemClock, anchors.value),
      routes: [routeOf({ name: '.', kind, servers: [{ endpoint, tls }], first: false })],
    });
  };

  before(async () => {
    const certificate = await makeSelfSigned(['localhost', '127.0.0.1'], Date.now());
    setDefaultCACertificates([...getCACertificates(), certificate.cert]);
    root = await listen(new Authority(zones));
    for (const validates of [true, false]) {
      const source = { kind: 'stub', endpoint: root } as const;
      const options = { source, anchor: validates ? anchor : undefined, certificate };
      peers.set(validates, stack.use(await UnboundResolver.start(options)));
    }
  });
  after(() => stack.disposeAsync());

  for (const overTls of [false, true])
    for (const theyValidate of [true, false])
      for (const weValidate of [true, false]) {
        test(`is forwarded to ${overTls ? 'over TLS' : 'over UDP and TCP'}; ${who(theyValidate, weValidate)}`, async () => {
          const peer = peers.get(theyValidate);
          assert.ok(peer);
          const resolver = ours('forward', overTls ? peer.overTls : peer.endpoint, weValidate, overTls);
          for (const { ask, validated, plain } of questions) {
            const [name = '', type = ''] = ask.split(' ');
            const sought = { name: domainName(name), type: parseType(type) ?? 0 };
            const { end, security } = await new Promise<Parameters<Parameters<Resolver['resolve']>[2]>[0]>(
              (done) => resolver.resolve(sought, {}, done),
            );
            // What they find bogus doesn't reach us, unless we ask to judge it ourselves (CD).
            const refused = theyValidate && validated.startsWith('failure');
            const expected = weValidate ? validated : refused ? validated : plain;
            assert.equal(`${end.kind} ${security}`, expected, ask);
          }
        });
      }

  for (const weValidate of [true, false])
    for (const theyValidate of [true, false])
      test(`forwards to us; ${who(theyValidate, weValidate)}`, async () => {
        const endpoint = await listen(
          frontWithPackets(ours('stub', root, weValidate, false), ['127.0.0.0/8']),
        );
        const options = {
          source: { kind: 'forward', endpoint },
          anchor: theyValidate ? anchor : undefined,
        } as const;
        await using peer = await UnboundResolver.start(options);
        const args = [
          `@${peer.endpoint.address}`,
          '-p',
          String(peer.endpoint.port),
          '+dnssec',
          '+time=10',
          '+tries=1',
        ];
        const asked = questions.flatMap(({ ask }) => ask.split(' '));
        const { stdout } = await runProgram('dig', [...args, '+noall', '+comments', ...asked]);
        const said = stdout.toString().split(';; Got answer:').slice(1);
        for (const [i, { ask, validated, plain }] of questions.entries()) {
          const text = said[i] ?? '';
          const status = /status: (\w+)/.exec(text)?.[1];
          const has = !text.includes('ANSWER: 0');
          const kind =
            { NOERROR: has ? 'records' : 'nodata', NXDOMAIN: 'nxdomain' }[status ?? ''] ?? 'failure';
          const isSecure = / ad[ ;]/.test(/flags:[^;]*;/.exec(text)?.[0] ?? '');
          const refused = weValidate && validated.startsWith('failure');
          const expected = theyValidate ? validated : refused ? validated : plain;
          assert.equal(`${kind} ${isSecure ? 'secure' : 'insecure'}`, expected, ask);
        }
      });
});
