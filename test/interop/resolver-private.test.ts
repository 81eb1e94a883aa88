// The resolver asked in private: DNS over TLS by kdig, DNS over HTTPS by kdig, by curl, and as browsers do it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { ednsOption } from '../../src/dns/wire/edns-option.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../src/dns/wire/message-encoder.ts';
import type { Message } from '../../src/dns/wire/message.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { mostQueryOctets } from '../../src/dns/server/doh-request.ts';
import { query } from '../support/dns-messages.ts';
import { missingPrograms } from '../support/programs.ts';
import { ResolverService } from '../support/resolver-service.ts';
import { runProgram } from '../support/run-program.ts';

let service: ResolverService;
before(async () => {
  service = await ResolverService.start();
});
after(() => service[Symbol.asyncDispose]());

describe('kdig', { skip: missingPrograms('kdig') }, () => {
  const kdig = async (...args: readonly string[]): Promise<string> => {
    const { address, port } = args.includes('+tls') ? service.overTls : service.overHttps;
    const { stdout } = await runProgram('kdig', [`@${address}`, '-p', String(port), ...args]);
    return stdout.toString();
  };
  for (const how of [['+tls'], ['+https'], ['+https', '+https-get']]) {
    test(`${how.join(' ')}: answers, padded to a block`, async () => {
      for (const padding of ['+padding', '+padding=40']) {
        const out = await kdig(...how, padding, '+edns', '+dnssec', 'mx.example.org', 'A');
        assert.match(out, /status: NOERROR/);
        assert.match(out, /mx\.example\.org\.\s+\d+\s+IN\s+A\s+192\.0\.2\.25/);
        // RFC 8467 §4.1
        assert.match(out, /Received 468 B/);
      }
      const plain = await kdig(...how, '+nopadding', '+noedns', 'mx.example.org', 'A');
      assert.doesNotMatch(plain, /Received 468 B/);
    });
  }
  test('+tls +keepopen: several questions on one connection', async () => {
    const out = await kdig('+tls', '+keepopen', 'mx.example.org', 'A', 'nope.example.org', 'A');
    assert.match(out, /status: NOERROR[\s\S]*status: NXDOMAIN/);
  });
  test('both agree on their protocol by ALPN', async () => {
    for (const [endpoint, offered, taken] of [
      [service.overTls, ['dot'], 'dot'],
      [service.overHttps, ['h2', 'http/1.1'], 'h2'],
      [service.overHttps, ['http/1.1'], 'http/1.1'],
    ] as const) {
      const { address: host, port } = endpoint;
      const socket = connectTls({ host, port, ALPNProtocols: [...offered], rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      assert.equal(socket.alpnProtocol, taken);
      socket.destroy();
    }
  });
});

describe('curl', { skip: missingPrograms('curl') }, () => {
  const url = (): string => `https://127.0.0.1:${service.overHttps.port}/dns-query`;
  const status = '%{http_version} %{http_code} %{content_type}';
  const curl = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await runProgram('curl', ['-sk', '--max-time', '10', '-o', '/dev/null', ...args]);
    return stdout.toString();
  };
  test('--doh-url: finds the address of a host by us', async () => {
    // Nothing listens there: it is the address that curl tries that counts.
    const { stderr } = await runProgram('curl', [
      '-skv',
      '--max-time',
      '1',
      '--doh-insecure',
      '--doh-url',
      url(),
      'http://mx.example.org:9/',
    ]);
    assert.match(stderr, /Trying (192\.0\.2\.25|\[?2001:db8::25\]?):9/);
  });
  test('GET by both versions of HTTP', async () => {
    const asked = `${url()}?dns=${encode('mx.example.org').toString('base64url')}`;
    assert.equal(await curl('--http2', '-w', status, asked), '2 200 application/dns-message');
    assert.equal(await curl('--http1.1', '-w', status, asked), '1.1 200 application/dns-message');
    assert.match(await curl('-w', '%header{cache-control}', asked), /^max-age=[1-9]\d*$/);
  });
});

describe('as a browser does it', () => {
  interface Answer {
    readonly status: number | undefined;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: Buffer;
  }

  const overHttp1 = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Uint8Array,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { address: host, port } = service.overHttps;
      const asked = request({ host, port, method, path, headers, rejectUnauthorized: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });

  const type = { 'content-type': 'application/dns-message' };

  test('POST over HTTP/2, a hundred questions at once on one connection', async () => {
    const session = connectHttp2(`https://127.0.0.1:${service.overHttps.port}`, {
      rejectUnauthorized: false,
    });
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const stream = session.request({ ':method': 'POST', ':path': '/dns-query', ...type });
        stream.end(encode(i % 2 === 0 ? 'mx.example.org' : 'nope.example.org'));
        const [headers] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return { headers, message: decode(Buffer.concat(chunks)) };
      }),
    );
    session.close();
    for (const [i, { headers, message }] of answers.entries()) {
      assert.equal(headers[':status'], 200);
      assert.match(String(headers['cache-control']), /^max-age=[1-9]\d*$/);
      assert.equal(message.rcode, i % 2 === 0 ? 0 : 3);
      // RFC 8484 §4.1: the id is 0, so that equal answers are equal to HTTP's caches.
      assert.equal(message.id, 0);
    }
  });

  test('a script of a site that has leave is told so, another is not', async () => {
    const ask = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const given = await overHttp1('OPTIONS', '/dns-query', ask);
    assert.equal(given.status, 204);
    assert.equal(given.headers['access-control-allow-origin'], 'https://app.example');
    assert.equal(given.headers['access-control-allow-headers'], 'content-type');
    const other = await overHttp1('OPTIONS', '/dns-query', { ...ask, origin: 'https://evil.example' });
    assert.equal(other.headers['access-control-allow-origin'], undefined);
    const answer = await overHttp1('POST', '/dns-query', { ...type, ...ask }, encode('mx.example.org'));
    assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
  });

  const name = encode('mx.example.org');
  const dns = name.toString('base64url');
  const refused: readonly (readonly [
    what: string,
    status: number,
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: Uint8Array,
  ])[] = [
    ['another path', 404, 'GET', '/'],
    ['a path below', 404, 'GET', '/dns-query/x'],
    ['another method', 405, 'PUT', '/dns-query', type, name],
    ['HEAD', 405, 'HEAD', `/dns-query?dns=${dns}`],
    ['GET without a query', 400, 'GET', '/dns-query'],
    ['GET with an empty query', 400, 'GET', '/dns-query?dns='],
    ['two queries', 400, 'GET', `/dns-query?dns=${dns}&dns=${dns}`],
    ['plain base64', 400, 'GET', `/dns-query?dns=AA+/${dns}`],
    ['padding', 400, 'GET', `/dns-query?dns=${dns}==`],
    ['a digit too many', 400, 'GET', '/dns-query?dns=AAAAA'],
    ['less than a header', 400, 'GET', '/dns-query?dns=AAAA'],
    ['a long path', 414, 'GET', `/dns-query?dns=${'A'.repeat(6_000)}`],
    ['no content type', 415, 'POST', '/dns-query', {}, name],
    ['another content type', 415, 'POST', '/dns-query', { 'content-type': 'text/plain' }, name],
    ['a long body', 413, 'POST', '/dns-query', type, new Uint8Array(mostQueryOctets + 1)],
    ['no body', 400, 'POST', '/dns-query', type],
    ['a response', 400, 'POST', '/dns-query', type, Uint8Array.from([0, 0, 0x80, 0, ...Buffer.alloc(8)])],
  ];
  for (const [what, status, ...how] of refused) {
    test(`${what}: ${status}, in words`, async () => {
      const answer = await overHttp1(...how);
      assert.equal(answer.status, status);
      if (how[0] !== 'HEAD') assert.match(answer.body.toString(), /^[A-Z'].+\.\n$/);
      if (status === 405) assert.equal(answer.headers['allow'], 'GET, POST, OPTIONS');
    });
  }

  test('what is no DNS query at all gets the answer of DNS, not of HTTP', async () => {
    const answer = await overHttp1('POST', '/dns-query', type, new Uint8Array(12));
    assert.equal(answer.status, 200);
    assert.equal(decode(answer.body).rcode, 1);
    assert.equal(answer.headers['cache-control'], 'max-age=0');
  });

  test('parameters of the content type, and other variables in the path, are no fault', async () => {
    const withParameter = { 'content-type': 'Application/DNS-Message; charset=x' };
    assert.equal((await overHttp1('POST', '/dns-query', withParameter, name)).status, 200);
    assert.equal((await overHttp1('GET', `/dns-query?x=1&dns=${dns}&y`)).status, 200);
  });
});

function encode(name: string): Buffer {
  const padding = { code: ednsOption.PADDING, bytes: new Uint8Array(32) };
  const edns = { udpSize: 4096, version: 0, dnssecOk: false, options: [padding] };
  return Buffer.from(encodeMessage(query(name, rrType.A, { id: 0, edns })));
}

function decode(bytes: Uint8Array): Message {
  const decoded = decodeMessage(bytes);
  assert.ok(decoded.ok);
  return decoded.value;
}
