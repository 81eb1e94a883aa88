// Published resolver scenarios: Unbound's replay tests, of which those are played that are about what our resolver does. They are read
// from the folder of shared test data, and none of them is copied here.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { playReplay } from '../support/replay.ts';

const folder = join(import.meta.dirname, '../../../shared/data/rpl');
const seeds = [1, 2, 3];

/** Scenarios that are not played, each with its reason. Those with trust anchors wait for validation, and are found by their text. */
const notPlayed: Readonly<Record<string, string>> = {
  'autotrust_revtp_read.rpl': 'about trust anchors (RFC 5011)',
  'dns64_prefetch_cache.rpl': 'DNS64 is not offered',
  'edns_keepalive.rpl': 'the edns-tcp-keepalive option is not offered',
  'fwd_name_lookup.rpl': "forwarding is the stub's work, not the resolver's",
  'iter_dname_insec.rpl':
    'expects that a cached DNAME is not used again, which RFC 6672 §3.4 allows, while its servers contradict it within its TTL',
  'iter_fwdfirst.rpl': 'forwarding zone by zone is not offered',
  'iter_fwdstub.rpl': 'forwarding zone by zone is not offered',
  'iter_minimise_chain.rpl': 'its questions of type ANY are answered as RFC 8482 §4.2 allows, with a HINFO',
  'iter_nat64_prefix.rpl': 'NAT64 is not offered',
  'iter_pcnamechrec.rpl': "a zone's own list of servers is not used when its parent's has failed",
  'iter_scrub_ns.rpl': 'stub zones are not offered',
  'iter_scrub_ns_side.rpl': 'stub zones are not offered',
  'iter_stub_leak.rpl': 'stub zones are not offered',
  'iter_stublastresort.rpl': 'stub zones are not offered',
  'local_cnameother.rpl': 'local data is not offered: a zone of the authority does that',
  'local_transparent_sametype.rpl': 'local data is not offered: a zone of the authority does that',
  'nsid_hex.rpl': 'the NSID option is not offered',
  'serve_expired_0ttl_nxdomain.rpl': 'stale answers are not offered yet',
  'serve_expired_cached_servfail_refresh.rpl': 'stale answers are not offered yet',
  'serve_expired_ttl_client_timeout.rpl': 'stale answers are not offered yet',
  'ttl_min.rpl': 'a least TTL is not offered',
};

describe(
  'published resolver scenarios',
  { skip: existsSync(folder) ? false : `needs the shared test data in ${folder}` },
  () => {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.rpl')) : [];
    let played = 0;
    for (const name of files) {
      const text = readFileSync(join(folder, name), 'utf8');
      if (/trust-anchor/.test(text) || name in notPlayed) continue;
      played += 1;
      test(name, () => {
        for (const seed of seeds) playReplay(text, seed);
      });
    }

    test('the list of those that are not played is exact', () => {
      assert.equal(played, 20);
      for (const name of Object.keys(notPlayed)) assert.ok(files.includes(name), name);
    });
  },
);
