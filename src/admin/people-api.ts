// The calls about domains, accounts and lists: a part of the admin API (api.ts).
import { z } from 'zod';
import type { SendingLimits } from '../login/account-store.ts';
import type { Route } from './api.ts';

export interface DomainView {
  readonly name: string;
  readonly createdAt: string;
  /** The domain that it is another name of. */
  readonly aliasOf: string | null;
  /** Gets what no address of the domain takes. */
  readonly catchAll: string | null;
  readonly accounts: readonly string[];
}

export interface AccountView {
  readonly address: string;
  readonly createdAt: string;
  /** As whom it may send beside those whose mail it gets; domains as `@example.com`. */
  readonly sendAs: 'any' | readonly string[];
  /** What is set for it alone; 0: no limit. */
  readonly sendingLimits: SendingLimits;
}

export interface ListView {
  readonly address: string;
  readonly kind: 'alias' | 'group';
  readonly targets: readonly string[];
  /** Those of our own domains that nobody has. */
  readonly nobody: readonly string[];
  /** Of groups. */
  readonly posting: 'anyone' | 'members' | null;
  /** Of groups; `null`: the domain's postmaster. */
  readonly owner: string | null;
  readonly createdAt: string;
}

type Nothing = Readonly<Record<string, never>>;
type Kind = 'alias' | 'group';

export interface PeopleCalls {
  listDomains: { input: Nothing; output: readonly DomainView[] };
  showDomain: { input: { readonly name: string }; output: DomainView };
  addDomain: {
    input: { readonly name: string; readonly aliasOf?: string | undefined };
    output: DomainView;
  };
  /** `null`: nobody. */
  setCatchAll: {
    input: { readonly name: string; readonly address: string | null };
    output: DomainView;
  };
  removeDomain: { input: { readonly name: string }; output: Nothing };
  /** Of one domain, or of all. */
  listAccounts: { input: { readonly domain?: string | undefined }; output: readonly AccountView[] };
  showAccount: { input: { readonly address: string }; output: AccountView };
  addAccount: { input: { readonly address: string; readonly password: string }; output: AccountView };
  setPassword: { input: { readonly address: string; readonly password: string }; output: Nothing };
  /** What is left out stays as it is; `null` is as the config says. */
  setAccount: {
    input: {
      readonly address: string;
      readonly sendAs?: 'any' | readonly string[] | null | undefined;
      readonly sendingLimits?: SendingLimits | null | undefined;
    };
    output: AccountView;
  };
  removeAccount: { input: { readonly address: string }; output: Nothing };
  /** Of one domain, or of all. */
  listLists: {
    input: { readonly kind: Kind; readonly domain?: string | undefined };
    output: readonly ListView[];
  };
  showList: { input: { readonly kind: Kind; readonly address: string }; output: ListView };
  /** Makes the list, or adds to it. */
  addTargets: {
    input: { readonly kind: Kind; readonly address: string; readonly targets: readonly string[] };
    output: ListView;
  };
  removeTargets: {
    input: { readonly kind: Kind; readonly address: string; readonly targets: readonly string[] };
    output: ListView;
  };
  /** What is left out stays as it is; `null`: the domain's postmaster. */
  setGroup: {
    input: {
      readonly address: string;
      readonly posting?: 'anyone' | 'members' | undefined;
      readonly owner?: string | null | undefined;
    };
    output: ListView;
  };
  removeList: { input: { readonly kind: Kind; readonly address: string }; output: Nothing };
}

const text = z.string().min(1).max(1024);
const kind = z.enum(['alias', 'group']);
const listed = z.strictObject({ kind, address: text });
const targeted = z.strictObject({ kind, address: text, targets: z.array(text).max(5000) });
const most = z.int().min(0).max(1_000_000).optional();
const spans = z.strictObject({ minute: most, hour: most, day: most }).optional();
// Keys that are absent are left out of what is kept.
const sendingLimits = z.strictObject({ messages: spans, recipients: spans }).transform(withoutGaps);

export const peopleRoutes: {
  readonly [Name in keyof PeopleCalls]: Route<PeopleCalls[Name]['input']>;
} = {
  listDomains: { method: 'GET', path: '/v1/domains', input: z.strictObject({}) },
  showDomain: { method: 'GET', path: '/v1/domains/:name', input: z.strictObject({ name: text }) },
  addDomain: {
    method: 'POST',
    path: '/v1/domains',
    input: z.strictObject({ name: text, aliasOf: text.optional() }),
  },
  setCatchAll: {
    method: 'PUT',
    path: '/v1/domains/:name/catch-all',
    input: z.strictObject({ name: text, address: text.nullable() }),
  },
  removeDomain: { method: 'DELETE', path: '/v1/domains/:name', input: z.strictObject({ name: text }) },
  listAccounts: {
    method: 'GET',
    path: '/v1/accounts',
    input: z.strictObject({ domain: text.optional() }),
  },
  showAccount: {
    method: 'GET',
    path: '/v1/accounts/:address',
    input: z.strictObject({ address: text }),
  },
  addAccount: {
    method: 'POST',
    path: '/v1/accounts',
    input: z.strictObject({ address: text, password: text }),
  },
  setPassword: {
    method: 'PUT',
    path: '/v1/accounts/:address/password',
    input: z.strictObject({ address: text, password: text }),
  },
  setAccount: {
    method: 'PUT',
    path: '/v1/accounts/:address/settings',
    input: z.strictObject({
      address: text,
      sendAs: z.union([z.literal('any'), z.array(text).max(1000), z.null()]).optional(),
      sendingLimits: sendingLimits.nullable().optional(),
    }),
  },
  removeAccount: {
    method: 'DELETE',
    path: '/v1/accounts/:address',
    input: z.strictObject({ address: text }),
  },
  listLists: {
    method: 'GET',
    path: '/v1/lists/:kind',
    input: z.strictObject({ kind, domain: text.optional() }),
  },
  showList: { method: 'GET', path: '/v1/lists/:kind/:address', input: listed },
  addTargets: { method: 'POST', path: '/v1/lists/:kind/:address/targets', input: targeted },
  removeTargets: { method: 'POST', path: '/v1/lists/:kind/:address/removals', input: targeted },
  setGroup: {
    method: 'PUT',
    path: '/v1/lists/group/:address/settings',
    input: z.strictObject({
      address: text,
      posting: z.enum(['anyone', 'members']).optional(),
      owner: text.nullable().optional(),
    }),
  },
  removeList: { method: 'DELETE', path: '/v1/lists/:kind/:address', input: listed },
};

type Spans = { readonly [Name in 'minute' | 'hour' | 'day']?: number | undefined };

function withoutGaps(limits: {
  readonly messages?: Spans | undefined;
  readonly recipients?: Spans | undefined;
}): SendingLimits {
  const set = (spans: Spans): NonNullable<SendingLimits['messages']> => ({
    ...(spans.minute !== undefined && { minute: spans.minute }),
    ...(spans.hour !== undefined && { hour: spans.hour }),
    ...(spans.day !== undefined && { day: spans.day }),
  });
  return {
    ...(limits.messages && { messages: set(limits.messages) }),
    ...(limits.recipients && { recipients: set(limits.recipients) }),
  };
}
