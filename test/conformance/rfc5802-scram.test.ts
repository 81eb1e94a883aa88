// SCRAM-SHA-256 inside AUTH of SMTP (RFC 4954 §4) and POP3 (RFC 5034 §4): the server's signature is a challenge of its own,
// which the client answers before the outcome is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, bytesToUtf8, utf8ToBytes } from '../../src/lib/bytes.ts';
import type { ConnectionHandler } from '../../src/lib/transport.ts';
import { Pop3World } from '../support/pop3-world.ts';
import { ScramClient } from '../support/scram-client.ts';
import { ScriptedConnection } from '../support/scripted-connection.ts';
import { SmtpWorld } from '../support/smtp-world.ts';

/** One protocol's way to speak SASL. */
interface Carrier {
  readonly name: string;
  readonly user: string;
  readonly handler: () => ConnectionHandler;
  readonly hello: string;
  readonly challenge: RegExp;
  readonly accepted: RegExp;
  readonly refused: RegExp;
  readonly malformed: RegExp;
  readonly cancelled: RegExp;
}

const carriers: readonly Carrier[] = [
  {
    name: 'SMTP',
    user: 'alice@example.com',
    handler: () => new SmtpWorld({ role: 'submission' }).handler,
    hello: 'EHLO client.example\r\n',
    challenge: /^334 (.*)\r\n$/,
    accepted: /^235 2\.7\.0 /,
    refused: /^535 5\.7\.8 /,
    malformed: /^501 5\.5\.2 /,
    cancelled: /^501 5\.7\.0 /,
  },
  {
    name: 'POP3',
    user: 'mrose@example.com',
    handler: () => new Pop3World().handler,
    hello: 'CAPA\r\n',
    challenge: /^\+ (.*)\r\n$/,
    accepted: /^\+OK \d+ messages/,
    refused: /^-ERR \[AUTH\] /,
    malformed: /^-ERR /,
    cancelled: /^-ERR Authentication cancelled/,
  },
];

class Talk {
  readonly #carrier: Carrier;
  readonly #connection = new ScriptedConnection('198.51.100.9', true);

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    void carrier.handler()(this.#connection, new AbortController().signal);
  }

  async say(text: string): Promise<string> {
    this.#connection.feed(utf8ToBytes(text));
    await this.#connection.idle();
    return bytesToLatin1(this.#connection.takeSent());
  }

  /** Sends one message of the mechanism, and gives the challenge that answers it. */
  async respond(message: string): Promise<string> {
    const said = await this.say(`${Buffer.from(message).toString('base64')}\r\n`);
    const [, challenge] = this.#carrier.challenge.exec(said) ?? [];
    assert.ok(challenge !== undefined, `no challenge: ${said}`);
    return bytesToUtf8(Buffer.from(challenge, 'base64'));
  }
}

for (const carrier of carriers) {
  describe(`SCRAM-SHA-256 in ${carrier.name}`, () => {
    const begin = async (): Promise<Talk> => {
      const talk = new Talk(carrier);
      assert.match(await talk.say(carrier.hello), /SCRAM-SHA-256 PLAIN LOGIN/);
      return talk;
    };
    const right = { name: carrier.user, password: 'secret word' };

    for (const initial of [true, false]) {
      test(`RFC 5802 §5: a whole login, ${initial ? 'with' : 'without'} an initial response`, async () => {
        const talk = await begin();
        const client = new ScramClient(right);
        let serverFirst: string;
        if (initial) {
          const said = await talk.say(
            `AUTH SCRAM-SHA-256 ${Buffer.from(client.first()).toString('base64')}\r\n`,
          );
          serverFirst = Buffer.from(carrier.challenge.exec(said)?.[1] ?? '', 'base64').toString();
        } else {
          assert.match(await talk.say('AUTH SCRAM-SHA-256\r\n'), carrier.challenge);
          serverFirst = await talk.respond(client.first());
        }
        assert.equal(await talk.respond(client.final(serverFirst)), client.verifier);
        assert.match(await talk.say('\r\n'), carrier.accepted);
      });
    }

    test('a wrong password and an unknown name are refused alike', async () => {
      for (const wrong of [
        { ...right, password: 'secret' },
        { ...right, name: 'nobody@example.com' },
      ]) {
        const talk = await begin();
        const client = new ScramClient(wrong);
        await talk.say('AUTH SCRAM-SHA-256\r\n');
        const final = client.final(await talk.respond(client.first()));
        assert.match(await talk.say(`${Buffer.from(final).toString('base64')}\r\n`), carrier.refused);
      }
    });

    test('RFC 5802 §5: nobody acts as somebody else', async () => {
      const talk = await begin();
      const client = new ScramClient({ ...right, actAs: 'boss@example.com' });
      await talk.say('AUTH SCRAM-SHA-256\r\n');
      const final = client.final(await talk.respond(client.first()));
      assert.match(await talk.say(`${Buffer.from(final).toString('base64')}\r\n`), carrier.refused);
    });

    test('a client that gives up at the last challenge is not logged in', async () => {
      const talk = await begin();
      const client = new ScramClient(right);
      await talk.say('AUTH SCRAM-SHA-256\r\n');
      await talk.respond(client.final(await talk.respond(client.first())));
      assert.match(await talk.say('*\r\n'), carrier.cancelled);
      const next = await talk.say(carrier.name === 'SMTP' ? 'MAIL FROM:<alice@example.com>\r\n' : 'STAT\r\n');
      assert.match(next, /^530|^-ERR/);
    });

    test('RFC 5802 §6: y is taken where -PLUS is not announced, and -PLUS is unknown there', async () => {
      const talk = await begin();
      const client = new ScramClient({ ...right, flag: 'y' });
      await talk.say('AUTH SCRAM-SHA-256\r\n');
      assert.equal(await talk.respond(client.final(await talk.respond(client.first()))), client.verifier);
      assert.match(await talk.say('\r\n'), carrier.accepted);
      assert.match(await (await begin()).say('AUTH SCRAM-SHA-256-PLUS\r\n'), /^504 5\.5\.4 |^-ERR/);
    });

    test('what is malformed is refused as such', async () => {
      for (const message of ['', 'x', 'n,,', 'n,,n=a', 'n,,m=x,n=a,r=b', 'p=tls-exporter,,n=a,r=b']) {
        const talk = await begin();
        await talk.say('AUTH SCRAM-SHA-256\r\n');
        assert.match(await talk.say(`${Buffer.from(message).toString('base64')}\r\n`), carrier.malformed);
      }
    });
  });
}
