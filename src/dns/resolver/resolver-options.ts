// What a resolver is made of, and what it is asked with.
import type { Clock } from '../../lib/clock.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import type { TrustAnchors } from '../dnssec/anchor-set.ts';
import type { KeyRing } from '../dnssec/zone-key.ts';
import type { Dns64 } from '../policy/dns64.ts';
import type { Policy } from '../policy/policy.ts';
import type { PrivateAddresses } from '../policy/private-addresses.ts';
import type { Outcome } from './engine.ts';
import type { StepObserver } from './journal.ts';
import type { ResolverLimits } from './limits.ts';
import type { RootHint } from './root.ts';
import type { OwnRoutes, Route } from './routes.ts';
import type { Family } from './server-book.ts';
import type { Upstream } from './upstream.ts';

export interface ResolverOptions {
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: Random;
  readonly rootHints: readonly RootHint[];
  /** Zones whose servers the operator names. */
  readonly routes?: readonly Route[];
  /** The zones of this server's own. */
  readonly ownRoutes?: OwnRoutes;
  /** For clients in networks with IPv6 alone. */
  readonly dns64?: Dns64 | undefined;
  /** What is taken out of answers for clients. */
  readonly privateAddresses?: PrivateAddresses | undefined;
  /** What it says of its own accord; the default zones, unless given. */
  readonly policy?: Policy;
  /** The address families that can reach the world; both, unless given. */
  readonly families?: readonly Family[];
  readonly limits?: Partial<ResolverLimits>;
  /** CIDR blocks of private addresses that zones may have servers at; none, unless given. */
  readonly privateServers?: readonly string[];
  /** QNAME minimisation (RFC 9156); on, unless given. */
  readonly minimise?: boolean;
  /** Denials are made of what was proved before (RFC 8198), and nothing is looked for below names that aren't there (RFC 8020); they are, unless given. */
  readonly aggressive?: boolean;
  /** Where trust begins (RFC 4033 §2); nowhere, unless given: then nothing is validated, and all is insecure. */
  readonly anchors?: TrustAnchors;
  /** Keys made ready to check signatures with: tests have their own algorithms. */
  readonly keyRing?: KeyRing;
  /** The resolver's own name and address, for the steps it takes itself. */
  readonly self?: { readonly name: string; readonly address: string };
  readonly log?: Log;
}

export interface ResolveOptions {
  /** Whether what is found must be validated; not for a client that checks for itself (CD, RFC 4035 §3.2.2). It is, unless given. */
  readonly checking?: boolean;
  /** A client asks, whom block lists are for; false, unless given. */
  readonly filtered?: boolean;
  /** An answer that has expired will do where there is none in time (RFC 8767); false, unless given. */
  readonly stale?: boolean;
  /** What is in the last tenth of its time is asked for anew, and nobody waits: all within a smaller budget. */
  readonly renew?: boolean;
  /** Gets each step as it happens; without it no journey is written. */
  readonly onStep?: StepObserver;
}

/** What a question came to, with the steps that it took. */
export interface Resolved extends Outcome {
  readonly journey: readonly JourneyStep[];
}
