// Queries to an authority with zones that hold every kind of name: answered within the client's bounds or not at all, and every
// answer decodes, is a response, and repeats id and question.
import assert from 'node:assert/strict';
import { headerLength, decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { authorityOf, queryFor, show } from '../../support/dns-authority.ts';
import type { FuzzTarget } from '../target.ts';

const authority = authorityOf({
  '.': '$TTL 5\n. SOA a. b. 1 2 3 4 5\n. NS a.gtld.\na.gtld. A 192.0.2.1\ncom. NS a.gtld.\n',
  'example.com.': `$TTL 5
@ SOA ns h 1 2 3 4 5
@ NS ns
@ MX 10 mail
@ TXT "${'x'.repeat(200)}" "${'y'.repeat(200)}" "${'z'.repeat(200)}"
ns A 192.0.2.1
mail AAAA 2001:db8::1
*.w CNAME d.a.w
a.b.c TXT x
d DNAME e
dd DNAME dd.dd
x.e DNAME w
sub NS ns.sub
ns.sub A 192.0.2.2
loop CNAME loop
${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}\n`).join('')}`,
});

export const target: FuzzTarget = {
  name: 'authority-query',
  seeds: [
    queryFor('example.com. MX'),
    queryFor('example.com. ANY', { edns: { dnssecOk: true } }),
    queryFor('q.w.example.com. A', { edns: { options: [{ code: 10, bytes: new Uint8Array(8) }] } }),
    queryFor('b.c.example.com. TXT'),
    queryFor('y.d.example.com. A'),
    queryFor('y.x.e.example.com. DS'),
    queryFor('y.dd.example.com. A', { edns: { udpSize: 4096 } }),
    queryFor('www.sub.example.com. AAAA'),
    queryFor('many.example.com. A'),
    queryFor('example.com. AXFR'),
    queryFor('org. NS', { class: 255 }),
  ],
  run(input, random) {
    const transport = random.below(4) === 0 ? 'tcp' : 'udp';
    const before = input.slice();
    const response = authority.answer(input, transport);
    assert.deepEqual(input, before, 'the query was written to');
    if (response === undefined) {
      assert.ok(input.length < headerLength || ((input[2] ?? 0) & 0x80) !== 0);
      return;
    }
    assert.ok(response.length <= (transport === 'tcp' ? 65535 : 1232));
    const answer = decodeMessage(response);
    assert.ok(answer.ok, answer.ok ? '' : answer.fault.reason);
    assert.ok(answer.value.response);
    assert.deepEqual(response.subarray(0, 2), input.subarray(0, 2));
    const query = decodeMessage(input);
    if (!query.ok || query.value.questions.length !== 1 || query.value.opcode !== 0) return;
    const [asked, repeated] = [query.value.questions[0], answer.value.questions[0]];
    if (asked === undefined || repeated === undefined) return;
    assert.ok(asked.name.equalsExactly(repeated.name));
    assert.deepEqual([asked.type, asked.class], [repeated.type, repeated.class]);
    const most = transport === 'tcp' ? 65535 : Math.max(512, query.value.edns?.udpSize ?? 512);
    assert.ok(response.length <= most);
    if (query.value.additionals.length > 0 || query.value.edns !== undefined) return;
    // A record behind the question that nobody looks at makes the query unusual, and its answer is made another way.
    const unusual = new Uint8Array([...input, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]);
    unusual[11] = 1;
    const again = decodeMessage(authority.answer(unusual, transport) ?? assert.fail('no answer'));
    assert.ok(again.ok);
    const [plain, long] = [show(answer.value), show(again.value)];
    if (answer.value.truncated) assert.ok(again.value.truncated);
    else assert.deepEqual(plain, long);
  },
};
