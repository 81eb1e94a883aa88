import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScriptedLookup } from '../../../test/support/scripted-lookup.ts';
import { sendMail } from '../../../test/support/smtp-talk.ts';
import { SmtpWorld, usualPeople } from '../../../test/support/smtp-world.ts';

const names = {
  'true.example': ['TXT v=spf1 ip4:192.0.2.1 -all'],
  'false.example': ['TXT v=spf1 ?all'],
  'silent.example': [],
  'broken.example': ['FAILURE'],
  '_dmarc.broken.example': ['FAILURE'],
};

const cases: readonly (readonly [from: string, to: string, expected: RegExp])[] = [
  ['member@true.example', 'staff@example.com', /250 2\.0\.0 Message taken/],
  [
    'member@false.example',
    'staff@example.com',
    /550 5\.7\.2 Only its members .* nothing proves that false\.example sent/,
  ],
  ['member@silent.example', 'staff@example.com', /550 5\.7\.2 .* silent\.example/],
  ['member@broken.example', 'staff@example.com', /451 4\.3\.0 The sender can't be looked up now/],
  // An open list behind which the closed one stands is no way around; other recipients are no matter.
  ['member@false.example', 'all@example.com', /550 5\.7\.2/],
  ['member@false.example', 'bob@example.com', /250 2\.0\.0 Message taken/],
];

for (const [from, to, expected] of cases) {
  test(`${from} sends to ${to}: ${expected.source.slice(0, 12)}`, async () => {
    const people = usualPeople()
      .group(
        'staff@example.com',
        Object.keys(names)
          .filter((name) => !name.startsWith('_'))
          .map((name) => `member@${name}`),
        { posting: 'members' },
      )
      .alias('all@example.com', 'staff@example.com');
    const world = new SmtpWorld({ people, checks: { lookup: new ScriptedLookup(names) } });
    const { said } = await sendMail(world, {
      from: `<${from}>`,
      to: [`<${to}>`],
      message: `From: ${from}\r\n\r\nx\r\n`,
    });
    assert.match(said, expected);
  });
}

test('where senders are not looked into, MAIL FROM is believed', async () => {
  const people = usualPeople().group('staff@example.com', ['member@false.example'], { posting: 'members' });
  const world = new SmtpWorld({ people });
  const from = 'member@false.example';
  const { said } = await sendMail(world, {
    from: `<${from}>`,
    to: ['<staff@example.com>'],
    message: `From: ${from}\r\n\r\nx\r\n`,
  });
  assert.match(said, /250 2\.0\.0 Message taken/);
});
