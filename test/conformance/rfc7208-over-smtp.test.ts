// The RFC 7208 test suite from end to end: each case's client speaks SMTP to our server from the case's own address (the connection is a
// scripted one, as loopback has no such addresses), and our own resolver asks our own authority, which serves the case's zone over a
// scripted network. The verdict is read from the message that is stored, explanations from the refusal.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Authority } from '../../src/dns/authority/authority.ts';
import { localZoneOf } from '../../src/dns/policy/local-zones.ts';
import { Policy } from '../../src/dns/policy/policy.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { Upstream, UpstreamEvent, UpstreamRequest } from '../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { soa } from '../../src/dns/wire/rdata/soa.ts';
import { ns } from '../../src/dns/wire/rdata/ns.ts';
import { writeRdata } from '../../src/dns/wire/rdata/record-type.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { buildZone } from '../../src/dns/zone/zone-builder.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { formatMailAddress } from '../../src/lib/mail-address.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { DnsQuestions } from '../../src/mailauth/dns-questions.ts';
import { checkSpf, usualSpfTime } from '../../src/mailauth/spf/check-spf.ts';
import { timeLimit } from '../../src/mailauth/time-limit.ts';
import type { SpfVerdict } from '../../src/mailauth/verdicts.ts';
import { scriptedRdata } from '../support/scripted-lookup.ts';
import type { ScriptedNames } from '../support/scripted-lookup.ts';
import { dialogueOf, SmtpTalk } from '../support/smtp-talk.ts';
import { SmtpWorld } from '../support/smtp-world.ts';
import { spfSuite, spfSuiteMissing } from '../support/spf-suite.ts';
import type { SpfCase } from '../support/spf-suite.ts';

const root = domainName('.');
const server = domainName('a.root.');
const serverAddress = '198.51.100.53';

/** One server that has all names in its root zone, and is silent where the case wants a time-out. */
class CaseNetwork implements Upstream {
  readonly #authority: Authority;
  readonly #silent: ReadonlySet<string>;
  /** Names with types that are answered, whatever else of the name isn't. */
  readonly #spoken = new Set<string>();
  readonly #clock: Clock;

  constructor(names: ScriptedNames, clock: Clock) {
    this.#clock = clock;
    const silent = new Set<string>();
    const records: ResourceRecord[] = [
      record('.', rrType.SOA, writeRdata(soa, soaOfRoot)),
      record('.', rrType.NS, writeRdata(ns, { host: server })),
      record('a.root.', rrType.A, scriptedRdata('A', serverAddress)),
    ];
    for (const [name, lines] of Object.entries(names)) {
      for (const line of lines) {
        const [mnemonic = '', ...rest] = line.split(' ');
        const key = domainName(name).key;
        if (mnemonic === 'FAILURE') silent.add(rest.length === 0 ? key : `${key} ${typeOf(rest[0] ?? '')}`);
        else {
          records.push(record(name, typeOf(mnemonic), scriptedRdata(mnemonic, rest.join(' '))));
          this.#spoken.add(`${key} ${typeOf(mnemonic)}`);
        }
      }
    }
    const zone = buildZone(root, records);
    assert.ok(zone.ok, zone.ok ? '' : zone.fault.map(({ message }) => message).join('; '));
    this.#authority = new Authority(new ZoneSet([zone.value.zone]));
    this.#silent = silent;
  }

  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void {
    const query = decodeMessage(request.bytes);
    assert.ok(query.ok);
    const [question] = query.value.questions;
    const key = question?.name.lowerCase().key ?? '';
    const what = `${key} ${question?.type}`;
    if (this.#silent.has(what) || (this.#silent.has(key) && !this.#spoken.has(what))) return () => undefined;
    const timer = this.#clock.after(1, () => {
      const client = { from: { address: '192.0.2.200', port: 5353 }, transport: request.transport };
      this.#authority.respond(request.bytes, client, (bytes) => heard({ kind: 'message', bytes }));
    });
    return () => timer.cancel();
  }
}

const soaOfRoot = {
  primary: server,
  mailbox: server,
  serial: 1,
  refresh: 3600,
  retry: 600,
  expire: 86_400,
  minimum: 60,
};

function record(owner: string, type: number, rdata: Uint8Array): ResourceRecord {
  return { owner: domainName(owner), type, class: 1, ttl: 60, rdata };
}

function typeOf(mnemonic: string): number {
  const type = Object.entries(rrType).find(([name]) => name === mnemonic)?.[1];
  assert.ok(type !== undefined, mnemonic);
  return type;
}

/** Cases whose names SMTP's own grammar refuses (RFC 5321 §4.1.2): what is then said to which command. Their verdicts are asked for without it. */
const unsayable: Readonly<Record<string, RegExp>> = {
  toolonglabel: /^501 5\.1\.7 The sender's address is wrong: /m,
  emptylabel: /^501 5\.1\.7 The sender's address is wrong: /m,
  nolocalpart: /^501 5\.1\.7 The sender's address is wrong: /m,
  'invalid-domain-long-via-macro': /^501 5\.5\.4 EHLO needs the name of your host/m,
  'invalid-hello-macro': /^501 5\.5\.4 EHLO needs the name of your host/m,
};

/** The suite's clients have addresses of private networks and of examples, whose reverse names a resolver doesn't ask about (RFC 6303). */
const privateReverseZones = [
  '168.192.in-addr.arpa',
  '8.b.d.0.1.0.0.2.ip6.arpa',
  '113.0.203.in-addr.arpa',
].map((name) => {
  const zone = localZoneOf({ name, type: 'world', records: [] });
  assert.ok(zone.ok);
  return zone.value;
});

function resolverFor(names: ScriptedNames, clock: Clock): Resolver {
  return new Resolver({
    upstream: new CaseNetwork(names, clock),
    clock,
    random: seededRandom(7),
    rootHints: [{ name: server, addresses: [serverAddress] }],
    // Names that are silent have others below them that aren't.
    minimise: false,
    policy: new Policy({ zones: privateReverseZones }),
  });
}

async function withoutSmtp(names: ScriptedNames, { helo, host, mailFrom }: SpfCase): Promise<SpfVerdict> {
  const clock = new VirtualClock();
  const questions = new DnsQuestions(resolverFor(names, clock), timeLimit(clock, usualSpfTime));
  const services = { questions, clock, hostname: 'mx.example.com' };
  const verdict = checkSpf({ ip: host, helo, mailFrom }, services);
  await clock.advanceAsync(20_000);
  return verdict;
}

async function play(
  names: ScriptedNames,
  { helo, host, mailFrom }: SpfCase,
  refuses: boolean,
): Promise<{ readonly said: string; readonly stored: string; readonly reason: string }> {
  const clock = new VirtualClock();
  const lookup = resolverFor(names, clock);
  const world = new SmtpWorld({
    clock,
    checks: { lookup, policy: { spfFail: refuses ? 'reject' : 'mark', dmarc: 'mark' } },
  });
  const talk = new SmtpTalk(world, host);
  const from = mailFrom === undefined ? '<>' : `<${formatMailAddress(mailFrom)}>`;
  talk.send(dialogueOf({ helo, from, message: 'From: a@b.invalid\n\nhello\n' }));
  let said = '';
  // SPF has 20 s, DMARC 10 s more.
  for (let seconds = 0; seconds < 60 && !/(?:Message taken|^5\d\d) .*\r\n/m.test(said); seconds++)
    said += await talk.saidAfter(1000);
  talk.connection.feedEnd();
  await talk.running;
  const stored = world.messages.map(({ content }) => Buffer.concat(content).toString('latin1')).join('');
  const reason = world.steps.find(({ step }) => step === 'S2')?.text ?? '';
  return { said, stored, reason };
}

describe('RFC 7208 suite over SMTP', { skip: spfSuiteMissing }, () => {
  for (const { description, names, cases } of spfSuite()) {
    describe(description, () => {
      for (const each of cases) {
        test(each.name, async () => {
          const { said, stored, reason } = await play(names, each, false);
          const refusal = unsayable[each.name];
          if (refusal !== undefined) {
            assert.match(said, refusal);
            const verdict = await withoutSmtp(names, each);
            assert.ok(each.results.includes(verdict.result), `${verdict.result}: ${verdict.reason}`);
            return;
          }
          const [, verdict] = /^\tspf=(\w+)(?:\r\n\t)? smtp\.(?:mailfrom|helo)=/m.exec(stored) ?? [];
          assert.ok(each.results.includes(verdict ?? ''), `${verdict}: ${said} ${reason}`);
          if (each.explanation === undefined) return;
          const refused = await play(names, each, true);
          const [, domain, explained] =
            /^550 5\.7\.23 (\S+) doesn't let \S+ send its mail(?:\.|, and explains: (.*))\r$/m.exec(
              refused.said,
            ) ?? [];
          assert.ok(domain !== undefined, refused.said);
          assert.equal(explained ?? 'DEFAULT', each.explanation);
        });
      }
    });
  }
});
