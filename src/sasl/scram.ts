// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), the server's side: the client proves that it knows the password, and
// we prove that we know its keys. With -PLUS both proofs hold for this TLS connection alone, so that nobody can stand in between
// (channel bindings tls-exporter, RFC 9266, and tls-server-end-point, RFC 5929 §4).
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { bytesToBase64, emptyBytes, equalBytes, utf8ToBytes } from '../lib/bytes.ts';
import { unreachable } from '../lib/result.ts';
import type { ChannelBindingType } from '../lib/transport.ts';
import type { SaslChannel, SaslExchange, SaslMechanism, SaslStep } from './mechanism.ts';
import type { ScramKeys } from './proof.ts';
import {
  channelInput,
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
} from './scram-message.ts';
import type { BindingFlag, ClientFinal, ClientFirst } from './scram-message.ts';

/** 144 bits that nobody can foresee, so that no recorded login can be played again. */
const nonceOctets = 18;

export const scramSha256: SaslMechanism = {
  name: 'SCRAM-SHA-256',
  fits: () => true,
  begin: (channel) => new ScramExchange(channel, false),
};

export const scramSha256Plus: SaslMechanism = {
  name: 'SCRAM-SHA-256-PLUS',
  fits: canBind,
  begin: (channel) => new ScramExchange(channel, true),
};

/**
 * RFC 9266 §3: under TLS 1.2 the exporter is unique only with the extended master secret, and whether that is in use can't be
 * known here. So binding is for TLS 1.3.
 */
function canBind({ tls }: SaslChannel): boolean {
  return tls?.protocol === 'TLSv1.3' && tls.channelBinding !== undefined;
}

class ScramExchange implements SaslExchange {
  readonly #channel: SaslChannel;
  readonly #plus: boolean;
  /** Set once the server's first message is sent. */
  #begun: Begun | undefined;

  constructor(channel: SaslChannel, plus: boolean) {
    this.#channel = channel;
    this.#plus = plus;
  }

  start(initial: Uint8Array | undefined): SaslStep {
    // RFC 5802 §5: the client speaks first.
    return initial === undefined ? { kind: 'challenge', bytes: emptyBytes } : this.respond(initial);
  }

  respond(response: Uint8Array): SaslStep {
    if (this.#begun !== undefined) return finish(this.#begun, response);
    const first = parseClientFirst(response);
    if (!first.ok) return malformed(first.fault);
    const bound = this.#bind(first.value.binding);
    return bound.kind === 'fault' ? bound : this.#askSalt(first.value, bound.data);
  }

  /** RFC 5802 §6: what the channel is bound by, or why this must not go on. */
  #bind(
    flag: BindingFlag,
  ): { readonly kind: 'data'; readonly data: Uint8Array } | (SaslStep & { kind: 'fault' }) {
    switch (flag.kind) {
      case 'bound': {
        if (!this.#plus) return malformed('A channel binding goes with SCRAM-SHA-256-PLUS only.');
        const type = knownBindings.find((each) => each === flag.type);
        const data = type === undefined ? undefined : this.#channel.tls?.channelBinding?.(type);
        return data === undefined
          ? malformed(`This channel binding is not known here: ${knownBindings.join(' and ')} are.`)
          : { kind: 'data', data };
      }
      case 'believed-missing':
        // The client saw no -PLUS, which we announce: somebody may have taken it out on the way.
        return canBind(this.#channel)
          ? malformed(
              'SCRAM-SHA-256-PLUS is offered here, but did not reach you: somebody may stand between us.',
            )
          : { kind: 'data', data: emptyBytes };
      case 'unbound':
        return this.#plus
          ? malformed('SCRAM-SHA-256-PLUS needs a channel binding (p=).')
          : { kind: 'data', data: emptyBytes };
      default:
        return unreachable(flag);
    }
  }

  #askSalt(first: ClientFirst, binding: Uint8Array): SaslStep {
    return {
      kind: 'salt',
      identity: first.name,
      next: (salt) => {
        const nonce = `${first.nonce}${bytesToBase64(this.#channel.random.bytes(nonceOctets))}`;
        const serverFirst = formatServerFirst(nonce, salt);
        this.#begun = { first, nonce, serverFirst, channel: channelInput(first.gs2Header, binding) };
        return { kind: 'challenge', bytes: utf8ToBytes(serverFirst) };
      },
    };
  }
}

const knownBindings: readonly ChannelBindingType[] = ['tls-exporter', 'tls-server-end-point'];

interface Begun {
  readonly first: ClientFirst;
  /** Both nonces. */
  readonly nonce: string;
  readonly serverFirst: string;
  /** What the client must say that the channel is. */
  readonly channel: Uint8Array;
}

function finish(begun: Begun, response: Uint8Array): SaslStep {
  const final = parseClientFinal(response);
  if (!final.ok) return malformed(final.fault);
  if (final.value.nonce !== begun.nonce) return malformed('The nonce is not that of this login.');
  if (!equalBytes(final.value.channel, begun.channel)) {
    return malformed(
      'The channel that you are bound to is not this connection: somebody may stand between us.',
    );
  }
  return check(begun, final.value);
}

/** RFC 5802 §3: the proof shows the client's key without telling it; our signature shows that we have the server's. */
function check({ first, serverFirst }: Begun, { proof, withoutProof }: ClientFinal): SaslStep {
  const signed = `${first.bare},${serverFirst},${withoutProof}`;
  let signature: Uint8Array | undefined;
  const fits = ({ storedKey, serverKey }: ScramKeys): boolean => {
    const clientSignature = hmac(storedKey, signed);
    const clientKey = clientSignature.map((octet, i) => octet ^ (proof[i] ?? 0));
    signature = hmac(serverKey, signed);
    return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
  };
  return {
    kind: 'check',
    proof: {
      kind: 'scram',
      identity: first.name,
      fits,
      ...(first.actAs !== undefined && { actAs: first.actAs }),
    },
    last: (accepted) => (accepted && signature !== undefined ? formatServerFinal(signature) : undefined),
  };
}

function hmac(key: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(text).digest());
}

function malformed(reason: string): SaslStep & { kind: 'fault' } {
  return { kind: 'fault', reason };
}
