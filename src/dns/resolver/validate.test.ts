// Validation in a small signed internet: what is secure, insecure and bogus, and why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signedWorld } from '../../../test/support/signed-world.ts';

describe('what is there', () => {
  const cases: readonly (readonly [name: string, type: string, kind: string, security: string])[] = [
    ['www.example.com.', 'A', 'records', 'secure'],
    ['www.hashed.com.', 'A', 'records', 'secure'],
    ['www.plain.com.', 'A', 'records', 'insecure'],
    ['www.plain.org.', 'A', 'records', 'insecure'],
    ['alias.example.com.', 'A', 'records', 'secure'],
    ['abroad.example.com.', 'A', 'records', 'secure'],
    ['toplain.example.com.', 'A', 'records', 'insecure'],
    ['www.old.example.com.', 'A', 'records', 'secure'],
    ['x.wild.example.com.', 'A', 'records', 'secure'],
    ['x.cwild.example.com.', 'A', 'records', 'secure'],
    ['x.y.wild.hashed.com.', 'A', 'records', 'secure'],
    ['x.wild.example.com.', 'MX', 'nodata', 'secure'],
    ['x.wild.hashed.com.', 'MX', 'nodata', 'secure'],
    ['www.example.com.', 'AAAA', 'nodata', 'secure'],
    ['www.hashed.com.', 'AAAA', 'nodata', 'secure'],
    ['b.ent.example.com.', 'A', 'nodata', 'secure'],
    ['b.ent.hashed.com.', 'A', 'nodata', 'secure'],
    ['nowhere.example.com.', 'A', 'nxdomain', 'secure'],
    ['no.where.hashed.com.', 'A', 'nxdomain', 'secure'],
    ['nowhere.plain.com.', 'A', 'nxdomain', 'insecure'],
    ['nowhere.', 'A', 'nxdomain', 'secure'],
    ['nowhere.org.', 'A', 'nxdomain', 'secure'],
    ['nowhere.com.', 'A', 'nxdomain', 'insecure'],
    ['example.com.', 'DS', 'records', 'secure'],
    ['plain.org.', 'DS', 'nodata', 'secure'],
    ['plain.com.', 'DS', 'nodata', 'insecure'],
    ['example.com.', 'DNSKEY', 'records', 'secure'],
    ['.', 'DNSKEY', 'records', 'secure'],
    ['.', 'NS', 'records', 'secure'],
    ['com.', 'SOA', 'records', 'secure'],
  ];
  for (const [name, type, kind, security] of cases) {
    test(`${name} ${type}`, () => {
      const world = signedWorld();
      for (const round of ['asked', 'cached']) {
        const resolved = world.ask(name, type);
        const { end } = resolved;
        assert.equal(end.kind, kind, end.kind === 'failure' ? `${round}: ${end.reason}` : round);
        assert.equal(resolved.security, security, round);
      }
    });
  }
});
