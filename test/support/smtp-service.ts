// SMTP servers on sockets of this host: for other servers (STARTTLS), and for our users (STARTTLS, and TLS at once).
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { listenTcp } from '../../src/net/tcp-listener.ts';
import type { Listener } from '../../src/net/tcp-listener.ts';
import { TlsContext } from '../../src/net/tls-context.ts';
import { SmtpWorld } from './smtp-world.ts';

const anyPort: Endpoint = { address: '127.0.0.1', port: 0 };

export class SmtpService implements AsyncDisposable {
  readonly mxWorld: SmtpWorld;
  readonly submissionWorld: SmtpWorld;
  readonly mx: Listener;
  readonly submission: Listener;
  /** TLS at once. */
  readonly submissions: Listener;

  private constructor(
    worlds: readonly [SmtpWorld, SmtpWorld],
    listeners: readonly [Listener, Listener, Listener],
  ) {
    [this.mxWorld, this.submissionWorld] = worlds;
    [this.mx, this.submission, this.submissions] = listeners;
  }

  static async open(): Promise<SmtpService> {
    const tls = new TlsContext(await makeSelfSigned(['localhost'], Date.now()));
    const size = { maxMessageSize: 10_000_000, memory: [50_000_000, 100_000_000] } as const;
    const mxWorld = new SmtpWorld({ role: 'mx', ...size });
    const submissionWorld = new SmtpWorld({ role: 'submission', ...size });
    return new SmtpService(
      [mxWorld, submissionWorld],
      [
        await listenTcp(anyPort, mxWorld.handler, { tls }),
        await listenTcp(anyPort, submissionWorld.handler, { tls }),
        await listenTcp(anyPort, submissionWorld.handler, { tls, tlsAtOnce: true }),
      ],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.mx.close(), this.submission.close(), this.submissions.close()]);
  }
}
