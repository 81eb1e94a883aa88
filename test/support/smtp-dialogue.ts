// Plays a dialogue in plain text against an SMTP server for example.com (alice, bob, jörg, "odd name") and says where it departs
// from it. The form:
//
//     # a comment                           given submission        the listener is for our own users (else for other servers)
//                                           given proxy             the client may use XCLIENT
//                                           given lmtp              the listener is for a mail system before us
//     C: what the client sends              given tls               the connection begins under TLS
//     C~ the same, without CRLF;            given no tls            STARTTLS isn't offered
//        \r \n \0 \xff are octets           given size 1000         the limit of a message, in octets
//     S: what the server must send;         given recipients 2      … of its recipients
//        `…` at the end: whatever follows;  given errors 3          … of errors, and so on for `commands`
//        `␠`: a space at the end            then …                  something happens, or is so: see `happen`
//     S* 250   a reply of that code, however many lines it has
//     given alias sales@example.com: bob@example.com, x@elsewhere.example
//     given group team@example.com: …       given members-only group team@example.com: …
//     given domain example.net = example.com
//     given messages 2                      … that an account may send in a minute
//     given tell                            Received tells from where our users send
//     given catch-all bob@example.com       of example.com
//     S. the server has closed              > a line of the last message as it is stored, from its first on; `…` as above
//
// Consecutive C lines are sent together, so that each run of them is a pipeline. S lines are in UTF-8.
import assert from 'node:assert/strict';
import { bytesToLatin1, bytesToUtf8, concatBytes, latin1ToBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import type { UsualLimits } from '../../src/domains/sending-limits.ts';
import { formatMailAddress } from '../../src/lib/mail-address.ts';
import type { AcceptedMessage } from '../../src/mailbox/message.ts';
import type { MemoryPeople } from './memory-people.ts';
import { ScriptedConnection } from './scripted-connection.ts';
import type { SmtpFaults } from './smtp-world.ts';
import { SmtpWorld, usualPeople } from './smtp-world.ts';

interface Line {
  readonly number: number;
  readonly text: string;
}

/** `split`: the client's octets come one by one. */
export async function playSmtp(text: string, split: boolean): Promise<void> {
  const lines = text
    .split('\n')
    .map((line, index): Line => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'));
  const begin = lines.findIndex((line) => !line.text.startsWith('given '));
  const player = new Player(readGivens(lines.slice(0, begin)), split);
  for (const line of lines.slice(begin)) await player.play(line);
  await player.end();
}

interface Givens {
  readonly flags: ReadonlySet<string>;
  readonly numbers: ReadonlyMap<string, number>;
  readonly people: MemoryPeople;
}

const knownFlags = ['submission', 'lmtp', 'proxy', 'tls', 'no tls', 'tell'];
const knownNumbers = ['size', 'recipients', 'errors', 'commands', 'messages'];

function readGivens(lines: readonly Line[]): Givens {
  const flags = new Set<string>();
  const numbers = new Map<string, number>();
  const catchAll = lines
    .map(({ text }) => /^given catch-all (\S+)$/.exec(text)?.[1])
    .find((each) => each !== undefined);
  const people = usualPeople(catchAll);
  for (const { text, number } of lines) {
    if (text.startsWith('given catch-all ') || addPeople(people, text)) continue;
    const match = /^given (\w+) (\d+)$/.exec(text);
    if (match?.[1] === undefined) flags.add(text.slice('given '.length));
    else numbers.set(match[1], Number(match[2]));
    const known = [...flags].every((flag) => knownFlags.includes(flag));
    assert.ok(
      known && [...numbers.keys()].every((key) => knownNumbers.includes(key)),
      `line ${number}: unknown given`,
    );
  }
  return { flags, numbers, people };
}

/** Whether it was a line about lists or domains. */
function addPeople(people: MemoryPeople, text: string): boolean {
  const domain = /^given domain (\S+) = (\S+)$/.exec(text);
  if (domain?.[1] !== undefined && domain[2] !== undefined) people.domain(domain[1], { aliasOf: domain[2] });
  const list = /^given (alias|group|members-only group) (\S+): (.+)$/.exec(text);
  const [, kind, address, targets = ''] = list ?? [];
  if (address === undefined) return domain !== null;
  if (kind === 'alias') people.alias(address, ...targets.split(', '));
  else people.group(address, targets.split(', '), kind === 'group' ? {} : { posting: 'members' });
  return true;
}

const faults: Readonly<Record<string, SmtpFaults>> = {
  'then the disk is full': { accept: 'full' },
  'then the store has failed': { accept: 'broken', route: 'broken' },
  'then there is a bug': { bug: true },
  'then logins are throttled': { login: { kind: 'throttled', retryAfterMs: 90_500 } },
  'then logins cannot be checked': { login: { kind: 'unavailable', reason: 'the store is closed' } },
};

function perMinute(messages: number): UsualLimits {
  return {
    messages: { minute: messages, hour: 0, day: 0 },
    recipients: { minute: 0, hour: 0, day: 0 },
  };
}

class Player {
  readonly #world: SmtpWorld;
  readonly #connection: ScriptedConnection;
  readonly #split: boolean;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #pipeline: Uint8Array[] = [];
  #received = '';
  /** Lines of the last message that are not yet compared. */
  #stored: string[] | undefined;

  constructor({ flags, numbers, people }: Givens, split: boolean) {
    const maxMessageSize = numbers.get('size');
    const maxRecipients = numbers.get('recipients');
    const messages = numbers.get('messages');
    const maxErrors = numbers.get('errors');
    const maxCommands = numbers.get('commands');
    this.#world = new SmtpWorld({
      role: flags.has('lmtp') ? 'lmtp' : flags.has('submission') ? 'submission' : 'mx',
      proxy: flags.has('proxy'),
      tlsOffered: !flags.has('no tls'),
      people,
      tellClient: flags.has('tell'),
      ...(messages === undefined ? {} : { sendingLimits: perMinute(messages) }),
      ...(maxMessageSize === undefined ? {} : { maxMessageSize }),
      ...(maxRecipients === undefined ? {} : { maxRecipients }),
      limits: {
        ...(maxErrors === undefined ? {} : { maxErrors }),
        ...(maxCommands === undefined ? {} : { maxCommands }),
      },
    });
    this.#split = split;
    this.#connection = new ScriptedConnection('198.51.100.9', flags.has('tls'));
    this.#running = this.#world.handler(this.#connection, this.#stop.signal);
  }

  async play(line: Line): Promise<void> {
    const { text } = line;
    if (text.startsWith('C: ') || text === 'C:')
      return void this.#pipeline.push(utf8ToBytes(`${text.slice(3)}\r\n`));
    if (text.startsWith('C~ ')) return void this.#pipeline.push(unescapeOctets(text.slice(3)));
    await this.#send();
    if (text.startsWith('S: ')) this.#expect(line);
    else if (text.startsWith('S* ')) this.#expectAny(line);
    else if (text === 'S.') await this.#expectClosed(line);
    else if (text.startsWith('>')) this.#expectStored(line);
    else if (text.startsWith('then ')) await this.#happen(line);
    else assert.fail(`line ${line.number}: what is '${text}'?`);
  }

  /** Nothing more may have come, no memory may be held, and the handler ends when the client goes. */
  async end(): Promise<void> {
    await this.#send();
    assert.equal(this.#received, '', 'the server sent more than the dialogue has');
    this.#connection.feedEnd();
    await this.#running;
    assert.ok(this.#connection.closed);
    assert.equal(this.#world.memory.used, 0, 'memory of content is still reserved');
  }

  async #send(): Promise<void> {
    const bytes = concatBytes(this.#pipeline);
    this.#pipeline = [];
    if (this.#split) {
      for (let at = 0; at < bytes.length; at++) this.#connection.feed(bytes.subarray(at, at + 1));
    } else if (bytes.length > 0) {
      this.#connection.feed(bytes);
    }
    await this.#connection.idle();
    this.#received += bytesToUtf8(this.#connection.takeSent());
  }

  #expect(line: Line): void {
    const end = this.#received.indexOf('\r\n');
    const got = end === -1 ? this.#received : this.#received.slice(0, end);
    this.#received = end === -1 ? '' : this.#received.slice(end + 2);
    compare(got, line.text.slice(3), line.number);
  }

  #expectAny(line: Line): void {
    const code = line.text.slice(3);
    let got: string;
    do {
      const end = this.#received.indexOf('\r\n');
      got = end === -1 ? this.#received : this.#received.slice(0, end);
      this.#received = end === -1 ? '' : this.#received.slice(end + 2);
      assert.ok(got.startsWith(code), `line ${line.number}: '${got}' isn't ${code}`);
    } while (got.startsWith(`${code}-`));
  }

  #expectStored(line: Line): void {
    this.#stored ??= contentOf(this.#last(line)).split('\r\n');
    compare(this.#stored.shift() ?? '(the end)', line.text.slice(1).replace(' ', ''), line.number);
  }

  async #expectClosed(line: Line): Promise<void> {
    assert.equal(this.#received, '', `line ${line.number}: the server sent more before it closed`);
    assert.ok(this.#connection.closed, `line ${line.number}: the server hasn't closed`);
    await this.#running;
  }

  #last(line: Line): AcceptedMessage {
    const last = this.#world.messages.at(-1);
    assert.ok(last, `line ${line.number}: no message is stored`);
    return last;
  }

  async #happen(line: Line): Promise<void> {
    const { text } = line;
    const seconds = /^then (\d+) seconds pass$/.exec(text);
    const counted = /^then (\d+) messages? (?:is|are) stored$/.exec(text);
    const reported = /^then (\d+) reports? (?:is|are) made$/.exec(text);
    const says = /^then the report has (.+)$/.exec(text);
    const goes = /^then it goes (.+)$/.exec(text);
    const told = /^then the journey has (.+)$/.exec(text);
    if (seconds !== null) {
      await this.#world.clock.advanceAsync(Number(seconds[1]) * 1000);
      this.#received += bytesToUtf8(this.#connection.takeSent());
    } else if (counted !== null) {
      assert.equal(this.#world.messages.length, Number(counted[1]), `line ${line.number}`);
      this.#stored = undefined;
    } else if (reported !== null) {
      assert.equal(this.#world.notices.length, Number(reported[1]), `line ${line.number}`);
    } else if (says !== null) {
      const report = this.#world.notices.at(-1);
      assert.ok(report, `line ${line.number}: there is no report`);
      const whole = `${describe(report)}\r\n${contentOf(report)}`;
      assert.ok(whole.includes(says[1] ?? ''), `line ${line.number}: the report is\n${whole}`);
    } else if (goes !== null) {
      assert.equal(describe(this.#last(line)), goes[1], `line ${line.number}`);
      this.#stored = undefined;
    } else if (told !== null) {
      const steps = this.#world.steps.map((step) => `${step.step}${step.ok ? '' : '!'}`).join(' ');
      assert.equal(steps === '' ? 'nothing' : steps, told[1], `line ${line.number}`);
    } else if (text === 'then TLS begins') assert.equal(this.#connection.handshakes, 1);
    else if (text === 'then the client is gone') {
      this.#connection.fail('reset');
      await this.#running;
    } else if (text === 'then the server stops') {
      this.#stop.abort();
      await this.#world.clock.advanceAsync(0);
      this.#received += bytesToUtf8(this.#connection.takeSent());
    } else if (text === 'then all works again') {
      for (const key of ['accept', 'route', 'login', 'bug'] satisfies (keyof SmtpFaults)[])
        delete this.#world.faults[key];
    } else if (faults[text] !== undefined) Object.assign(this.#world.faults, faults[text]);
    else assert.fail(`line ${line.number}: what is '${text}'?`);
  }
}

/** `from a@b to c@d (Inbox), e@f (relay, report nothing), g@h (relay, by owner@i), 8-bit, UTF-8, held for 60 s`. */
function describe({ envelope, destinations, receivedAt }: AcceptedMessage): string {
  const { reversePath, eightBit, utf8, binary, terms = {} } = envelope;
  const from = reversePath === undefined ? '<>' : formatMailAddress(reversePath);
  const to = destinations.map((destination) => {
    const { recipient, report = {} } = destination;
    const { notify, originalRecipient } = report;
    const notes = [
      destination.kind === 'mailbox' ? destination.mailbox : 'relay',
      notify && `report ${notify === 'none' ? 'nothing' : notify.join(' and ')}`,
      originalRecipient && `first ${originalRecipient.address}`,
      destination.kind === 'relay' && destination.owner && `by ${formatMailAddress(destination.owner)}`,
    ];
    return `${formatMailAddress(recipient)} (${listed(notes)})`;
  });
  const { deliverBy, releaseAt } = terms;
  const seconds = (at: number): string => `${Math.round((at - receivedAt) / 1000)} s`;
  return `from ${from} to ${listed([
    ...to,
    binary === true ? 'binary' : eightBit && '8-bit',
    utf8 && 'UTF-8',
    terms.returns,
    terms.envelopeId && `id ${terms.envelopeId}`,
    terms.requireTls && 'TLS required',
    terms.tlsOptional && 'TLS optional',
    deliverBy && `by ${seconds(deliverBy.at)} or ${deliverBy.mode}${deliverBy.trace ? ', traced' : ''}`,
    terms.priority && `priority ${terms.priority}`,
    releaseAt && `held for ${seconds(releaseAt)}`,
  ])}`;
}

function listed(notes: readonly (string | number | false | undefined)[]): string {
  return notes.filter((note) => typeof note === 'string').join(', ');
}

function contentOf(message: AcceptedMessage): string {
  return bytesToUtf8(concatBytes(message.content));
}

function compare(got: string, wanted: string, number: number): void {
  const exact = wanted.replace('␠', ' ').replace('→', '\t');
  if (exact.endsWith('…')) {
    const prefix = exact.slice(0, -1);
    assert.ok(got.startsWith(prefix), `line ${number}: '${got}' doesn't begin with '${prefix}'`);
  } else {
    assert.equal(got, exact, `line ${number}`);
  }
}

function unescapeOctets(text: string): Uint8Array {
  const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', 0: '\0' };
  const octets = bytesToLatin1(utf8ToBytes(text));
  return latin1ToBytes(
    octets.replaceAll(
      /\\(?:x([0-9a-f]{2})|([rn0]))/g,
      (_, hex: string | undefined, letter: string) =>
        (hex === undefined ? named[letter] : String.fromCharCode(Number.parseInt(hex, 16))) ?? '',
    ),
  );
}
