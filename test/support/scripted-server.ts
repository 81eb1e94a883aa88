// A network on which each connection follows a script of lines, as a person reads it:
//
//     S: 220 mx.example.org ESMTP      the server says this
//     C: EHLO mx.example.com           the client must say exactly this
//     TLS ok | TLS proven | TLS fails  the handshake; proven: with a certificate that is verified though nobody asks
//     CLOSE | SILENCE | REFUSED        the server closes; says nothing more; there is no connection at all
//
// Escapes in lines: \r \n \t \0 \\ and \xNN. An S line ends with CRLF, unless it ends with \+ (then nothing is added). A client that
// speaks before it has heard what the server had to say, or says anything else, fails the script.
import assert from 'node:assert/strict';
import { bytesToUtf8, emptyBytes, concatBytes, latin1ToBytes } from '../../src/lib/bytes.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { ConnectionFault } from '../../src/lib/transport.ts';
import type { Connection, DatagramFlow, Network, StartTlsOptions, TlsInfo } from '../../src/lib/transport.ts';

export class ScriptedNetwork implements Network {
  readonly connections: ScriptedServer[] = [];
  readonly #scripts: readonly (readonly string[])[];
  readonly #pieceSize: number;

  /** One script a connection, in order. The server's octets come in pieces of `pieceSize`. */
  constructor(scripts: readonly (readonly string[])[], pieceSize: number) {
    this.#scripts = scripts;
    this.#pieceSize = pieceSize;
  }

  connect(to: Endpoint): Promise<Connection> {
    const script = this.#scripts[this.connections.length];
    assert.ok(script, 'the client opened one connection more than the script has');
    const connection = new ScriptedServer(script, to, this.#pieceSize);
    this.connections.push(connection);
    return script[0] === 'REFUSED'
      ? Promise.reject(new ConnectionFault('refused', 'connection refused'))
      : Promise.resolve(connection);
  }

  openFlow(): DatagramFlow {
    throw new Error('mail needs no datagrams');
  }

  /** Fails where a script was not played to its end, or the client did what it should not. */
  assertPlayed(): void {
    assert.equal(this.connections.length, this.#scripts.length, 'connections opened');
    for (const connection of this.connections) connection.assertPlayed();
  }
}

export class ScriptedServer implements Connection {
  readonly local: Endpoint = { address: '192.0.2.100', port: 40_000 };
  readonly remote: Endpoint;
  tls: TlsInfo | undefined;
  /** What `startTls` was called with. */
  tlsOptions: StartTlsOptions | undefined;
  closed = false;
  readonly #script: readonly string[];
  readonly #pieceSize: number;
  #at = 0;
  #unread: Uint8Array = emptyBytes;
  #unmatched: Uint8Array = emptyBytes;
  #fault: string | undefined;

  constructor(script: readonly string[], remote: Endpoint, pieceSize: number) {
    this.#script = script;
    this.remote = remote;
    this.#pieceSize = pieceSize;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.closed) return Promise.reject(new ConnectionFault('aborted', 'closed'));
    if (this.#unread.length === 0) {
      const line = this.#script[this.#at];
      if (line === 'CLOSE') {
        this.#at++;
        return Promise.resolve(undefined);
      }
      if (line === 'SILENCE') this.#at++;
      // Whoever waits for what the script doesn't say waits for ever.
      if (line === undefined || !line.startsWith('S: ')) {
        return Promise.reject(new ConnectionFault('timeout', 'nothing came'));
      }
      this.#unread = this.#nextReplies();
    }
    const piece = this.#unread.slice(0, this.#pieceSize);
    this.#unread = this.#unread.subarray(piece.length);
    return Promise.resolve(piece);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.closed) return Promise.reject(new ConnectionFault('aborted', 'closed'));
    if (this.#unread.length > 0 && this.#script[this.#at] !== 'CLOSE') {
      this.#fail('the client spoke before it had read the whole reply');
    }
    this.#unmatched = concatBytes([this.#unmatched, bytes]);
    while (this.#unmatched.length > 0) {
      const line = this.#script[this.#at];
      const brokeOff = line?.startsWith('S: ') === true && this.#script[this.#at + 1] === 'CLOSE';
      if (line === 'CLOSE' || brokeOff) {
        // The server has closed while the client still sends.
        this.#unmatched = emptyBytes;
        return Promise.reject(new ConnectionFault('reset', 'connection reset'));
      }
      const expected = line?.startsWith('C: ') === true ? unescape(line.slice(3), '\r\n') : undefined;
      if (expected === undefined) {
        this.#fail(`the client said ${show(this.#unmatched)} where the script has ${line ?? 'its end'}`);
        return Promise.resolve();
      }
      const shared = Math.min(expected.length, this.#unmatched.length);
      const [said, wanted] = [show(this.#unmatched.subarray(0, shared)), show(expected.subarray(0, shared))];
      if (said !== wanted) {
        this.#fail(`the client said ${show(this.#unmatched)} where the script has ${line ?? 'its end'}`);
        return Promise.resolve();
      }
      if (shared < expected.length) return Promise.resolve();
      this.#unmatched = this.#unmatched.subarray(shared);
      this.#at++;
    }
    return Promise.resolve();
  }

  startTls(options: StartTlsOptions = {}): Promise<TlsInfo> {
    const line = this.#script[this.#at++];
    this.tlsOptions = options;
    this.#unread = emptyBytes;
    if (line === 'TLS ok' || line === 'TLS proven') {
      this.tls = {
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        verified: options.requireVerified === true || line === 'TLS proven',
      };
      return Promise.resolve(this.tls);
    }
    if (line !== 'TLS fails') this.#fail(`the client began TLS where the script has ${line ?? 'its end'}`);
    return Promise.reject(new ConnectionFault('tls', 'no shared cipher'));
  }

  end(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  destroy(): void {
    this.closed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  assertPlayed(): void {
    assert.equal(this.#fault, undefined);
    const rest = this.#script.slice(this.#at);
    // Whether the client notices the end after the last word is its own affair.
    assert.deepEqual(rest, rest[0] === 'REFUSED' || rest[0] === 'CLOSE' ? [rest[0]] : []);
    assert.equal(show(this.#unmatched), '""', 'said by the client and not in the script');
    if (this.#script[0] !== 'REFUSED') assert.ok(this.closed, 'the connection was left open');
  }

  /** All S lines up to the next other one come at once, then cut into pieces. */
  #nextReplies(): Uint8Array {
    const replies: Uint8Array[] = [];
    for (let line = this.#script[this.#at]; line?.startsWith('S: ') === true; line = this.#script[this.#at]) {
      replies.push(unescape(line.slice(3), '\r\n'));
      this.#at++;
    }
    return concatBytes(replies);
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
  }
}

/** Reads the escapes of a script. */
export function unescape(text: string, end: string): Uint8Array {
  const named: Readonly<Record<string, string>> = {
    r: '\r',
    n: '\n',
    t: '\t',
    '0': '\0',
    '\\': '\\',
    '+': '',
  };
  const body = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, name?: string) =>
      hex === undefined ? (named[name ?? ''] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return latin1ToBytes(text.endsWith('\\+') ? body : body + end);
}

function show(bytes: Uint8Array): string {
  return JSON.stringify(bytesToUtf8(bytes.subarray(0, 300)));
}
