// Plays a dialogue in plain text against a POP3 server and says where it departs from it. The form:
//
//     # a comment                          given tls               the connection begins under TLS (else in clear, from afar)
//     > a line of the message that the     given this host         the client is on this host
//     > `given message` above began        given plaintext login   … and may log in in clear
//     C: what the client sends             given no tls            STLS isn't offered
//     C~ the same, without CRLF;           given login delay 60
//        \r \n \0 \xff are octets          given message
//     S: what the server must send;        then …                  something happens: see `events`
//        `…` at the end: whatever follows;
//        `␠`: a space at the end
//     S. the server has closed
//
// Consecutive C lines are sent together, so that each run of them is a pipeline.
import assert from 'node:assert/strict';
import { concatBytes, bytesToLatin1, latin1ToBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import type { Faults } from './pop3-world.ts';
import { pop3Account, Pop3World } from './pop3-world.ts';
import { ScriptedConnection } from './scripted-connection.ts';

interface Line {
  readonly number: number;
  readonly text: string;
}

/** `split`: the client's octets come one by one. */
export async function playPop3(text: string, split: boolean): Promise<void> {
  const lines = text
    .split('\n')
    .map((line, index): Line => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'));
  const begin = lines.findIndex((line) => !/^(given|>)/.test(line.text));
  const { world, connection } = setUp(lines.slice(0, begin));
  const player = new Player(world, connection, split);
  for (const line of lines.slice(begin)) await player.play(line);
  await player.end();
}

function setUp(givens: readonly Line[]): { world: Pop3World; connection: ScriptedConnection } {
  const messages: string[] = [];
  const facts = new Set<string>();
  let loginDelay = 0;
  for (const { text } of givens) {
    const delay = /^given login delay (\d+)$/.exec(text);
    if (text === 'given message') messages.push('');
    else if (text.startsWith('>'))
      messages.push(`${messages.pop() ?? ''}${text.slice(1).replace(' ', '')}\r\n`);
    else if (delay !== null) loginDelay = Number(delay[1]);
    else facts.add(text.slice('given '.length));
  }
  const known = ['tls', 'this host', 'plaintext login', 'no tls'];
  assert.deepEqual(
    [...facts].filter((fact) => !known.includes(fact)),
    [],
    'unknown given',
  );
  return {
    world: new Pop3World({
      messages: messages.map(utf8ToBytes),
      tlsOffered: !facts.has('no tls'),
      plaintextLogin: facts.has('plaintext login'),
      loginDelay,
      chunk: 7,
    }),
    connection: new ScriptedConnection(
      facts.has('this host') ? '127.0.0.1' : '198.51.100.9',
      facts.has('tls'),
    ),
  };
}

const events: Readonly<Record<string, (world: Pop3World) => void>> = {
  'then the mailbox is in use elsewhere': (world) => void world.locks.tryLock(world.mailbox.id),
  'then the account has logged in elsewhere': (world) => void world.loginDelays.tryLogin(pop3Account.id),
  'then the account has no mailbox': ({ faults }) => void Object.assign(faults, { open: 'missing' }),
  'then the store cannot open mailboxes': ({ faults }) => void Object.assign(faults, { open: 'broken' }),
  'then the store cannot remove': ({ faults }) => void Object.assign(faults, { expunge: 'full' }),
  'then the store cannot read': ({ faults }) => void Object.assign(faults, { readAfter: 0 }),
  'then reading breaks off': ({ faults }) => void Object.assign(faults, { readAfter: 14 }),
  'then the store works': ({ faults }) => {
    for (const key of ['open', 'expunge', 'readAfter'] satisfies (keyof Faults)[]) delete faults[key];
  },
  'then logins are throttled': ({ faults }) => {
    faults.login = { kind: 'throttled', retryAfterMs: 2500 };
  },
  'then logins cannot be checked': ({ faults }) => {
    faults.login = { kind: 'unavailable', reason: 'the store is closed' };
  },
};

class Player {
  readonly #world: Pop3World;
  readonly #connection: ScriptedConnection;
  readonly #split: boolean;
  readonly #stop = new AbortController();
  #running: Promise<void>;
  #pipeline: Uint8Array[] = [];
  #received = '';

  constructor(world: Pop3World, connection: ScriptedConnection, split: boolean) {
    this.#world = world;
    this.#connection = connection;
    this.#split = split;
    this.#running = world.handler(connection, this.#stop.signal);
  }

  async play(line: Line): Promise<void> {
    const { text } = line;
    if (text.startsWith('C: ') || text === 'C:') {
      this.#pipeline.push(concatBytes([utf8ToBytes(text.slice(3)), utf8ToBytes('\r\n')]));
      return;
    }
    if (text.startsWith('C~ ')) {
      this.#pipeline.push(unescapeOctets(text.slice(3)));
      return;
    }
    await this.#send();
    if (text.startsWith('S: ') || text === 'S:') this.#expect(line);
    else if (text === 'S.') await this.#expectClosed(line);
    else if (text.startsWith('then ')) await this.#happen(line);
    else assert.fail(`line ${line.number}: what is '${text}'?`);
  }

  /** Nothing more may have come, and the handler ends when the client goes. */
  async end(): Promise<void> {
    await this.#send();
    assert.equal(this.#received, '', 'the server sent more than the dialogue has');
    this.#connection.feedEnd();
    await this.#running;
    assert.ok(this.#connection.closed);
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
    this.#received += bytesToLatin1(this.#connection.takeSent());
  }

  #expect(line: Line): void {
    const end = this.#received.indexOf('\r\n');
    const got = end === -1 ? this.#received : this.#received.slice(0, end);
    this.#received = end === -1 ? '' : this.#received.slice(end + 2);
    const wanted = bytesToLatin1(utf8ToBytes(line.text.slice(3).replace('␠', ' ')));
    const open = bytesToLatin1(utf8ToBytes('…'));
    if (wanted.endsWith(open)) {
      const prefix = wanted.slice(0, -open.length);
      assert.ok(got.startsWith(prefix), `line ${line.number}: '${got}' doesn't begin with '${prefix}'`);
    } else {
      assert.equal(got, wanted, `line ${line.number}`);
    }
  }

  async #expectClosed(line: Line): Promise<void> {
    assert.equal(this.#received, '', `line ${line.number}: the server sent more before it closed`);
    assert.ok(this.#connection.closed, `line ${line.number}: the server hasn't closed`);
    await this.#running;
  }

  async #happen(line: Line): Promise<void> {
    const seconds = /^then (\d+) seconds pass$/.exec(line.text);
    const left = /^then the mailbox holds (.*)$/.exec(line.text);
    const retrieved = /^then the retrieved uids are (.*)$/.exec(line.text);
    const event = events[line.text];
    if (seconds !== null) {
      await this.#world.clock.advanceAsync(Number(seconds[1]) * 1000);
      this.#received += bytesToLatin1(this.#connection.takeSent());
    } else if (left !== null)
      assert.equal(this.#world.uids.join(' ') || 'nothing', left[1], `line ${line.number}`);
    else if (retrieved !== null) {
      assert.equal(this.#world.retrievals.map((each) => each.uid).join(' ') || 'none', retrieved[1]);
    } else if (line.text === 'then TLS begins') assert.equal(this.#connection.handshakes, 1);
    else if (line.text === 'then the client is silent too long') {
      this.#connection.fail('timeout');
      await this.#running;
    } else if (line.text === 'then the server stops') {
      this.#stop.abort();
      await this.#world.clock.advanceAsync(0);
      this.#received += bytesToLatin1(this.#connection.takeSent());
    } else if (event !== undefined) event(this.#world);
    else assert.fail(`line ${line.number}: what is '${line.text}'?`);
  }
}

function unescapeOctets(text: string): Uint8Array {
  const plain = text.replaceAll(
    /\\(?:x([0-9a-f]{2})|([rn0]))/g,
    (_, hex: string | undefined, letter: string) =>
      hex === undefined
        ? letter === 'r'
          ? '\r'
          : letter === 'n'
            ? '\n'
            : '\0'
        : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return latin1ToBytes(plain);
}
