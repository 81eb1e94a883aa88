import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHello } from './hello-check.ts';

test('a client may be called anything but what we are called, and what it is not', () => {
  const own = new Set(['mx.example.com', '192.0.2.1', '2001:db8::1']);
  const told: readonly (readonly [string, string, string | undefined])[] = [
    ['client.example', '198.51.100.9', undefined],
    ['localhost', '198.51.100.9', undefined],
    ['mx.example.com', '198.51.100.9', 'own-name'],
    ['MX.Example.Com.', '198.51.100.9', 'own-name'],
    ['not.mx.example.com', '198.51.100.9', undefined],
    ['192.0.2.1', '198.51.100.9', 'own-name'],
    ['[192.0.2.1]', '198.51.100.9', 'own-name'],
    ['[IPv6:2001:DB8:0::1]', '198.51.100.9', 'own-name'],
    ['[198.51.100.9]', '198.51.100.9', undefined],
    ['[198.51.100.8]', '198.51.100.9', 'foreign-literal'],
    ['[IPv6:2001:db8::9]', '2001:db8::9', undefined],
    ['[IPv6:2001:db8:0:0::9]', '2001:db8::9', undefined],
    ['[IPv6:2001:db8::8]', '2001:db8::9', 'foreign-literal'],
    ['[nonsense]', '2001:db8::9', 'foreign-literal'],
  ];
  for (const [text, ip, fault] of told)
    assert.equal(checkHello({ text, wellFormed: true }, ip, own), fault, text);
  assert.equal(checkHello({ text: 'a b', wellFormed: false }, '198.51.100.9', own), 'malformed');
});
