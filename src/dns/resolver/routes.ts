// Zones whose servers the operator names: resolvers to forward to, a zone's own servers ("stub"), and the zones that this very server has.
// The deepest that a name is in decides, and counts before what the world delegates at the same name.
import type { DomainName } from '../wire/name.ts';
import type { Delegation } from './delegation-cache.ts';

export interface Route {
  readonly delegation: Delegation;
  /** Where its servers have no answer, the world is asked. */
  readonly first: boolean;
}

export interface OwnRoutes {
  /** The deepest of the zones that the name is in. */
  deepest(name: DomainName): Route | undefined;
  /** Whether one of the zones may be that one or below it. */
  mayLeadWithin(zone: DomainName): boolean;
}

const noRoutes: OwnRoutes = { deepest: () => undefined, mayLeadWithin: () => false };

export class Routes {
  readonly #routes = new Map<string, Route>();
  readonly #own: OwnRoutes;

  /** `own`: the zones that this server has itself. */
  constructor(routes: Iterable<Route> = [], own: OwnRoutes = noRoutes) {
    this.#own = own;
    for (const route of routes) this.#routes.set(route.delegation.zone.key, route);
  }

  /** The deepest route for the name. */
  deepest(name: DomainName): Route | undefined {
    const own = this.#own.deepest(name);
    if (this.#routes.size === 0) return own;
    const least = own?.delegation.zone.labelCount ?? 0;
    for (let labels = name.labelCount; labels >= least; labels--) {
      const route = this.#routes.get(name.ancestor(labels).key);
      if (route !== undefined) return route;
    }
    return own;
  }

  /** Whether any route leads from the zone to others than its own servers. */
  mayLeadOut(zone: DomainName): boolean {
    for (const { delegation } of this.#routes.values()) if (delegation.zone.isBelow(zone)) return true;
    return this.#own.mayLeadWithin(zone);
  }

  /** Whether it is a zone whose servers, or those of a zone above it, the operator names: one of his own network, as like as not. */
  isInside(zone: DomainName): boolean {
    const route = this.deepest(zone)?.delegation;
    return route !== undefined && !route.zone.isRoot && route.forwards !== true;
  }
}
