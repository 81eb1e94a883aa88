// The client's side of SCRAM-SHA-256 (RFC 5802), written from the other end, for tests.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

export interface ScramClientOptions {
  readonly name: string;
  readonly password: string;
  /** `n`, `y` or `p=tls-exporter`. */
  readonly flag?: string;
  readonly actAs?: string;
  readonly nonce?: string;
  readonly binding?: Uint8Array;
}

export class ScramClient {
  readonly #options: ScramClientOptions;
  readonly #header: string;
  readonly #bare: string;
  #serverSignature = '';

  constructor(options: ScramClientOptions) {
    this.#options = options;
    const actAs = options.actAs === undefined ? '' : `a=${options.actAs}`;
    this.#header = `${options.flag ?? 'n'},${actAs},`;
    this.#bare = `n=${options.name},r=${options.nonce ?? 'rOprNGfwEbeRWgbNEkqO'}`;
  }

  first(): string {
    return `${this.#header}${this.#bare}`;
  }

  final(serverFirst: string): string {
    const [, nonce = '', salt = '', iterations = ''] =
      /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
    const salted = pbkdf2Sync(
      this.#options.password,
      Buffer.from(salt, 'base64'),
      Number(iterations),
      32,
      'sha256',
    );
    const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();
    const clientKey = hmac(salted, 'Client Key');
    const channel = Buffer.concat([Buffer.from(this.#header), this.#options.binding ?? Buffer.alloc(0)]);
    const withoutProof = `c=${channel.toString('base64')},r=${nonce}`;
    const signed = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
    const proof = clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), signed).toString('base64');
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** What the server must say last. */
  get verifier(): string {
    return `v=${this.#serverSignature}`;
  }
}
