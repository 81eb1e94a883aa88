import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htmlText } from './html-text.ts';
import { previewOf } from './preview.ts';

const table: readonly (readonly [html: string, text: string])[] = [
  ['', ''],
  ['plain  text\r\n', 'plain text'],
  ['<p>one</p><p>two <b>th</b>ree</p>', 'one\ntwo three'],
  ['a<br>b<BR/>c', 'a\nb\nc'],
  ['<h1>a</h1>b', 'a\nb'],
  ['a &lt;&amp;&gt; &eacute;&euro;&#8364;&#x20AC;&nbsp;&#150;b', 'a <&> é€€€ –b'],
  ['&unknown; &amp &#; &#xd800; a&b', '&unknown; & &#; \ufffd a&b'],
  ['a<!-- <b>no</b> -->b<!doctype x>c<?x?>d', 'abcd'],
  ['a<SCRIPT>if (x < 1) "</p>"</script >b<style>p{}</style>c', 'a\nb\nc'],
  ['<a title="x > y" href=\'z>\'>b</a>', 'b'],
  ['<a title="unclosed>b</a>', 'b'],
  ['1 < 2 <3', '1 < 2 <3'],
  ['a<script>never closed', 'a'],
  ['a<!-- never closed', 'a'],
  ['a<b', 'a'],
];

for (const [html, text] of table) test(`text of ${html}`, () => assert.equal(htmlText(html), text));

test('a long body is read as a short one', () => {
  assert.equal(htmlText('<p>word</p>'.repeat(10_000)), 'word\n'.repeat(10_000).trim());
});

const previews: readonly (readonly [text: string, preview: string])[] = [
  ['', ''],
  [' \r\n a\r\n\tb  c', 'a b c'],
  ['> quoted\r\nown\r\n> more\r\nwords', 'own words'],
  ['> only\r\n> quoted', '> only > quoted'],
  ['a\u200b\u034f\u00ad \u200cb', 'a b'],
  ['x'.repeat(300), 'x'.repeat(256)],
  ['😀'.repeat(300), '😀'.repeat(256)],
  [`${'x'.repeat(255)} y`, 'x'.repeat(255)],
];

for (const [text, preview] of previews)
  test(`preview (RFC 8970) of ${text.slice(0, 40)}`, () => assert.equal(previewOf(text), preview));
