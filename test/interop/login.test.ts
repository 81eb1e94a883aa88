// Real clients log in, by each mechanism that they know: GNU SASL, msmtp, swaks and curl.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missingPrograms } from '../support/programs.ts';
import { runProgram } from '../support/run-program.ts';
import type { ProgramResult } from '../support/run-program.ts';
import { SmtpService } from '../support/smtp-service.ts';
import { smtpPassword } from '../support/smtp-world.ts';

const user = 'alice@example.com';

describe('GNU SASL', { skip: missingPrograms('gsasl') }, () => {
  const gsasl = (
    service: SmtpService,
    mechanism: string,
    ...more: readonly string[]
  ): Promise<ProgramResult> =>
    runProgram('gsasl', [
      '--smtp',
      '--starttls',
      '--x509-ca-file=',
      `--connect=127.0.0.1:${service.submission.endpoint.port}`,
      `--mechanism=${mechanism}`,
      `--authentication-id=${user}`,
      '--authorization-id=',
      ...more,
    ]);

  test('logs in by SCRAM-SHA-256-PLUS, bound to the connection by tls-exporter', async () => {
    await using service = await SmtpService.open();
    const done = await gsasl(service, 'SCRAM-SHA-256-PLUS', '--password', smtpPassword);
    assert.match(done.stdout.toString(), /^235 2\.7\.0 /m, done.stderr);
    assert.equal(done.code, 0);
    const wrong = await gsasl(service, 'SCRAM-SHA-256-PLUS', '--password', 'a guess');
    assert.match(`${wrong.stdout.toString()}${wrong.stderr}`, /535 5\.7\.8 /);
  });

  test('under TLS 1.2 nothing is bound, and nothing is offered that would be', async () => {
    await using service = await SmtpService.open();
    const old = '--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2';
    const done = await gsasl(service, 'SCRAM-SHA-256', '--no-cb', '--password', smtpPassword, old);
    assert.match(done.stdout.toString(), /^250 AUTH SCRAM-SHA-256 PLAIN LOGIN/m);
    assert.match(done.stdout.toString(), /^235 2\.7\.0 /m, done.stderr);
  });

  for (const mechanism of ['SCRAM-SHA-256', 'PLAIN', 'LOGIN']) {
    test(`logs in by ${mechanism}`, async () => {
      await using service = await SmtpService.open();
      const done = await gsasl(service, mechanism, '--no-cb', '--password', smtpPassword);
      assert.match(done.stdout.toString(), /^235 2\.7\.0 /m, done.stderr);
      assert.equal(done.code, 0);
    });
  }
});

describe('msmtp', { skip: missingPrograms('msmtp') }, () => {
  const message = `From: ${user}\r\nTo: x@elsewhere.example\r\nSubject: x\r\n\r\nhello\r\n`;
  for (const mechanism of ['scram-sha-256', 'plain', 'login']) {
    test(`submits after a login by ${mechanism}`, async () => {
      await using service = await SmtpService.open();
      const submit = (port: number, ...more: readonly string[]): Promise<ProgramResult> =>
        runProgram(
          'msmtp',
          [
            '--file=/dev/null',
            '--host=127.0.0.1',
            `--port=${port}`,
            '--tls=on',
            '--tls-certcheck=off',
            `--auth=${mechanism}`,
            `--user=${user}`,
            `--from=${user}`,
            ...more,
            'x@elsewhere.example',
          ],
          { input: message },
        );
      const password = `--passwordeval=printf '%s' '${smtpPassword}'`;
      const first = await submit(service.submission.endpoint.port, password);
      assert.equal(first.code, 0, first.stderr);
      const second = await submit(service.submissions.endpoint.port, password, '--tls-starttls=off');
      assert.equal(second.code, 0, second.stderr);
      assert.equal(service.submissionWorld.messages.length, 2);
      const wrong = await submit(service.submission.endpoint.port, "--passwordeval=printf '%s' guess");
      assert.match(wrong.stderr, /535 5\.7\.8|authentication failed/);
      assert.equal(service.submissionWorld.messages.length, 2);
    });
  }
});
