import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReply } from './reply.ts';

test('replies of one line and of several', () => {
  assert.equal(formatReply({ code: 220, lines: ['mx ready'] }), '220 mx ready\r\n');
  assert.equal(formatReply({ code: 250, enhancedCode: '2.0.0', lines: ['Done.'] }), '250 2.0.0 Done.\r\n');
  assert.equal(
    formatReply({ code: 214, enhancedCode: '2.0.0', lines: ['one', 'two', ''] }),
    '214-2.0.0 one\r\n214-2.0.0 two\r\n214 2.0.0 \r\n',
  );
});

test('no text can end its line, and none is too long', () => {
  assert.equal(formatReply({ code: 501, lines: ['a\r\n250 b\0é\u{1f600}'] }), '501 a??250 b???\r\n');
  assert.ok(formatReply({ code: 501, enhancedCode: '5.5.4', lines: ['x'.repeat(5000)] }).length <= 512);
});
