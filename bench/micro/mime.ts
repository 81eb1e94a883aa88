// CPU of reading a 10-KiB message as it arrives, header, parts and text: node bench/micro/mime.ts
import { latin1ToBytes } from '../../src/lib/bytes.ts';
import { parseMessage } from '../../src/message/message-parser.ts';

const size = 10 * 1024;
const rounds = 15;
const perRound = 1000;

/** The header of a message that came over two servers, with a DKIM signature. */
const trace = [
  'Return-Path: <ann@example.org>',
  'Received: from relay.example.org ([198.51.100.9])',
  '\tby mx.example.com with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)',
  '\tid 1kdvdna002gwfdgq',
  '\tfor <bob@example.com>;',
  '\tMon, 23 Nov 2026 15:29:24 +0000',
  'Received: from [192.0.2.44] (unknown [192.0.2.44])',
  '\tby relay.example.org (Postfix) with ESMTPSA id 4F3C81A0D2;',
  '\tMon, 23 Nov 2026 15:29:22 +0000 (UTC)',
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=2026a;',
  '\tt=1795447762; h=from:from:reply-to:subject:subject:date:date:message-id:message-id:',
  '\t to:to:cc:mime-version:mime-version:content-type:content-type;',
  '\tbh=3DVQev0rnzsjiS18K0C6ooWRAOJw4r7pXxCK8W5rko0=;',
  '\tb=JrERzRo7EhsilmRGVgzSSu2t0YJ4Z+sT9qTgzHMoSqHmLDiE9INbKRrleVsnCD8Al/EBGQGOQElAaE',
  '\tMEA24cajD7HdeLqXfh8KLGZEEgjZNFNYlagnCuOdDmCt8Mw/hvvtAnMw312DaRfHmtbIsJYo14Qp2lPry',
  'Date: Mon, 23 Nov 2026 16:29:20 +0100',
  'From: =?utf-8?Q?Ann_M=C3=BCller?= <ann@example.org>',
  'To: "Baker, Bob" <bob@example.com>, Carol <carol@example.net>',
  'Cc: team@example.org',
  'Subject: Re: [planning] Lunch on Thursday, and the figures for the =?utf-8?Q?n=C3=A4chste?= week',
  'Message-ID: <20261123162920.4F3C81A0D2@relay.example.org>',
  'In-Reply-To: <a1b2c3d4@mail.example.com>',
  'References: <first.in.thread@example.net> <a1b2c3d4@mail.example.com>',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0',
  'MIME-Version: 1.0',
];
const sentence = 'The meeting is moved to Thursday, a quarter past twelve, in the small room.\r\n';
const html =
  '<tr><td class=3D"cell" style=3D"padding:8px;color:#333"><p>Thursday&nbsp;at =E2=82=AC12 &amp; ' +
  'in=\r\n the <b>small</b> room</p></td></tr>\r\n';
const base64 = `${'TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu'.repeat(2)}\r\n`;

function message(
  fields: readonly string[],
  parts: readonly (readonly [front: string, unit: string, share: number])[],
): Uint8Array {
  const head = [...trace, ...fields, '', ''].join('\r\n');
  const room = size - head.length;
  const body = parts.map(
    ([front, unit, share]) => front + unit.repeat(Math.floor((room * share - front.length) / unit.length)),
  );
  return latin1ToBytes(head + body.join(''));
}

const messages: readonly (readonly [name: string, octets: Uint8Array])[] = [
  ['plain text', message(['Content-Type: text/plain; charset=utf-8; format=flowed'], [['', sentence, 1]])],
  [
    'text and HTML',
    message(
      ['Content-Type: multipart/alternative; boundary="=_b1"'],
      [
        ['--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n', sentence, 0.25],
        [
          '\r\n--=_b1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
          html,
          0.74,
        ],
        ['\r\n--=_b1--\r\n', '\r\n', 0.01],
      ],
    ),
  ],
  [
    'text and a file',
    message(
      ['Content-Type: multipart/mixed; boundary="=_b1"'],
      [
        ['--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n', sentence, 0.2],
        [
          '\r\n--=_b1\r\nContent-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n' +
            'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\n',
          base64,
          0.79,
        ],
        ['\r\n--=_b1--\r\n', '\r\n', 0.01],
      ],
    ),
  ],
];

for (const [name, octets] of messages) {
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < perRound; i++) parseMessage([octets]);
    const { user, system } = process.cpuUsage(before);
    figures.push((user + system) / perRound);
  }
  const sorted = figures.toSorted((a, b) => a - b);
  console.log(
    `${name}, ${octets.length} octets: ${(sorted[rounds >> 1] ?? 0).toFixed(1)} µs (best ${(sorted[0] ?? 0).toFixed(1)})`,
  );
}
