import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolverInWorld } from '../../test/support/resolver-scenario.ts';
import { QueryLog } from '../dns/resolver/query-log.ts';
import { domainName } from '../dns/wire/name.ts';
import { rrType } from '../dns/wire/rr-type.ts';
import { resolverHandlers } from './resolver-handlers.ts';

test('status and upstreams tell what was asked of whom, and how that went', async () => {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const admin = resolverHandlers(resolver, undefined);
  resolver.resolve({ name: domainName('mx.example.org'), type: rrType.A }, {}, () => undefined);
  const during = await admin.showResolver({});
  assert.ok(during.ok && during.value.inFlight === 1);
  clock.run();
  const status = await admin.showResolver({});
  const upstreams = await admin.listUpstreams({});
  assert.ok(status.ok && upstreams.ok);
  assert.equal(status.value.inFlight, 0);
  assert.ok(status.value.cacheOctets > 0 && status.value.cacheOctets < status.value.mostCacheOctets);
  const { queries, answers } = status.value.upstream;
  assert.ok(queries >= 3 && answers === queries, `${answers} of ${queries}`);
  assert.equal(status.value.servers, upstreams.value.length);
  assert.equal(
    upstreams.value.reduce((sum, each) => sum + each.queries, 0),
    queries,
  );
  for (const each of upstreams.value) {
    assert.match(each.server, /^[\d.]+:53$/);
    assert.ok(each.medianMs !== null && each.p95Ms !== null && each.medianMs <= each.p95Ms);
    assert.equal(each.rcodes['NOERROR'], each.answers);
  }
  const one = await admin.listUpstreams({ limit: 1 });
  assert.ok(one.ok && one.value.length === 1);
});

test('questions are told where they are logged; else why not', async () => {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const log = new QueryLog({ oneIn: 1, clock, write: () => undefined });
  const question = { name: domainName('a.example'), type: 1, class: 1 };
  const client = { from: { address: '192.0.2.1', port: 1 }, transport: 'udp' } as const;
  log.onAnswered({ client, question, rcode: 3, ms: 2, atOnce: true, security: 'secure', error: undefined });
  const told = await resolverHandlers(resolver, log).listQueries({});
  assert.ok(told.ok && told.value.length === 1);
  assert.equal(told.value[0]?.rcode, 'NXDOMAIN');
  const unlogged = await resolverHandlers(resolver, undefined).listQueries({});
  assert.ok(!unlogged.ok);
  assert.match(unlogged.fault.message, /resolver\.query-log/);
  const none = await resolverHandlers(undefined, undefined).showResolver({});
  assert.ok(!none.ok && none.fault.kind === 'unavailable');
});
