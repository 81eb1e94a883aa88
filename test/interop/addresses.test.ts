// Aliases, groups and the rights of senders in a whole server, with curl as the other side.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoint } from '../../src/lib/endpoint.ts';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import { ServedSignpost, SignpostFolder } from '../support/served-signpost.ts';

const config = `hostname: mx.example.com
listeners: { smtp: ["127.0.0.1:0"], submission: ["127.0.0.1:0"], pop3s: ["127.0.0.1:0"] }
submission: { limits: { messages: { hour: 2 } } }
`;

test('curl brings mail to a list, and sends as its user may', { skip: missingPrograms('curl') }, async () => {
  await using folder = await SignpostFolder.make({ 'signpost.yaml': config });
  await using served = await ServedSignpost.start(folder);
  const { admin } = served;
  await admin.addDomain({ name: 'example.com' });
  for (const name of ['alice', 'bob'])
    assert.ok((await admin.addAccount({ address: `${name}@example.com`, password: 'secret' })).ok);
  const targets = ['alice@example.com', 'bob+info@example.com', 'sales@example.com'];
  await admin.addTargets({ kind: 'alias', address: 'info@example.com', targets });
  await admin.addTargets({ kind: 'group', address: 'sales@example.com', targets: ['bob@example.com'] });
  const [mx, submission, pop3s] = await Promise.all(
    ['smtp', 'submission', 'pop3s'].map(async (name) => formatEndpoint(await served.endpoint(name))),
  );
  const curl = (url: string, input: string, ...more: readonly string[]) =>
    runProgram('curl', ['-sS', '-k', ...more, url], { input });
  const bring = (...more: readonly string[]) =>
    curl(
      `smtp://${mx}/client.example`,
      'Subject: x\n\ntext\n',
      '--upload-file',
      '-',
      '--crlf',
      '--mail-from',
      'a@client.example',
      ...more,
    );
  const brought = await bring('--mail-rcpt', 'info@example.com');
  assert.equal(brought.code, 0, brought.stderr);
  const refused = await bring('--mail-rcpt', 'nobody@example.com');
  assert.match(refused.stderr, /550/);
  const journeys = await admin.listJourneys({});
  assert.ok(journeys.ok);
  const [journey] = journeys.value;
  assert.deepEqual(journey?.to, ['info@example.com']);
  assert.match(
    journey.steps.find(({ step }) => step === 'S3')?.text ?? '',
    /to info@example\.com \(that is alice@example\.com, bob@example\.com\): 250 2\.0\.0/,
  );
  for (const name of ['alice', 'bob']) {
    const list = await curl(`pop3s://${pop3s}/`, '', '--user', `${name}@example.com:secret`);
    assert.equal(list.stdout.toString().trim().split('\n').length, 1, 'one copy each');
    assert.match(list.stdout.toString(), /^1 \d+/);
  }

  const send = (from: string, header: string, to = 'bob@example.com') =>
    curl(
      `smtp://${submission}/client.example`,
      `From: ${header}\nBcc: secret@example.com\nSubject: x\n\ntext\n`,
      '-v',
      '--ssl-reqd',
      '--upload-file',
      '-',
      '--crlf',
      '--user',
      'alice@example.com:secret',
      '--mail-from',
      from,
      '--mail-rcpt',
      to,
    );
  assert.match((await send('bob@example.com', 'alice@example.com')).stderr, /< 550 5\.7\.1 You may not/);
  assert.match((await send('alice@example.com', 'bob@example.com')).stderr, /< 550 5\.7\.1 You may not/);
  assert.equal((await send('info@example.com', 'Us <info@example.com>')).code, 0);
  // What the operator allows holds at once.
  await admin.setAccount({ address: 'alice@example.com', sendAs: ['@partner.example'] });
  assert.equal((await send('alice@example.com', 'x@partner.example')).code, 0);
  const kept = await curl(`pop3s://${pop3s}/2`, '', '--user', 'bob@example.com:secret');
  assert.match(kept.stdout.toString(), /^From: Us <info@example\.com>/m);
  assert.doesNotMatch(kept.stdout.toString(), /secret|127\.0\.0\.1/);
  assert.match(
    (await send('alice@example.com', 'alice@example.com')).stderr,
    /< 450 4\.7\.1/,
    'two in an hour',
  );
});
