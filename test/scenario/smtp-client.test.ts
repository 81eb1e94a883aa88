// Plays the dialogues of test/scenario/smtp-client against the SMTP client: each a message, what server and client say, and what
// came of it. Every scenario runs with the server's octets whole, and in pieces of 1, 2, 3 and 7.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { unreachable } from '../../src/lib/result.ts';
import type { MailTerms, ReportTerms } from '../../src/mailbox/terms.ts';
import { SmtpClient } from '../../src/smtp/client/smtp-client.ts';
import type { RelayMail, RelayOutcome, RelayTarget, Verdict } from '../../src/smtp/queue/relay-transport.ts';
import { address } from '../support/relay-world.ts';
import { ScriptedNetwork, unescape } from '../support/scripted-server.ts';

const folder = join(import.meta.dirname, 'smtp-client');

interface Message {
  readonly fields: Readonly<Record<string, string>>;
  readonly outcome: readonly string[];
}

interface Scenario {
  readonly title: string;
  /** Relayed one after the other. */
  readonly messages: readonly Message[];
  readonly scripts: readonly (readonly string[])[];
}

/**
 * `=== title`, then for each message `name: value` lines and `-> outcome` lines, then for each connection `--- connection` and
 * its script. `#` begins a comment.
 */
function parse(text: string): Scenario[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      const messages: { fields: Record<string, string>; outcome: string[] }[] = [];
      const scripts: string[][] = [];
      for (const line of lines) {
        const script = scripts.at(-1);
        if (line === '--- connection') scripts.push([]);
        else if (script !== undefined) script.push(line);
        else if (line.startsWith('-> ')) messages.at(-1)?.outcome.push(line.slice(3));
        else {
          const [, name = '', value = ''] =
            /^(\w+): ?(.*)$/.exec(line) ?? assert.fail(`what is this: ${line}`);
          if (name === 'from') messages.push({ fields: {}, outcome: [] });
          const message = messages.at(-1) ?? assert.fail(`'${line}' stands before any 'from:'`);
          message.fields[name] = value;
        }
      }
      return { title, messages, scripts };
    });
}

function mailOf(fields: Message['fields']): RelayMail {
  const content = unescape(fields['content'] ?? 'Subject: hi\\r\\n\\r\\nhello\\r\\n', '');
  const flags = (fields['flags'] ?? '').split(' ');
  const from = fields['from'] ?? '<>';
  return {
    envelope: {
      reversePath: from === '<>' ? undefined : address(from),
      eightBit: flags.includes('8bit'),
      utf8: flags.includes('utf8'),
      ...(flags.includes('binary') && { binary: true as const }),
      terms: JSON.parse(fields['terms'] ?? '{}') as MailTerms,
    },
    size: fields['size'] === undefined ? content.length : Number(fields['size']),
    async *content() {
      // In two chunks, so that the joint is looked at too.
      const middle = Math.floor(content.length / 2);
      yield content.subarray(0, middle);
      yield content.subarray(middle);
    },
  };
}

function describeOutcome(outcome: RelayOutcome, recipients: readonly string[]): string[] {
  const { facts } = outcome;
  const how = [
    facts.tls === undefined ? 'clear' : facts.tls.protocol,
    ...(facts.reused ? ['reused'] : []),
    ...(facts.tlsFailure === undefined ? [] : [`no TLS: ${facts.tlsFailure}`]),
  ].join(', ');
  switch (outcome.kind) {
    case 'aborted':
      return ['aborted'];
    case 'unanswered':
      return [`unanswered: ${outcome.reason}`, how];
    case 'answered':
      return [
        ...outcome.verdicts.map(
          (verdict, index) =>
            `${recipients[index] ?? ''} ${verdict.kind} ${verdict.status} [${verdict.reply ?? ''}] ${verdict.text}${promised(verdict)}`,
        ),
        how,
      ];
    default:
      return unreachable(outcome);
  }
}

function promised(verdict: Verdict): string {
  const { reports, deadline } = (verdict.kind === 'taken' ? verdict.promises : undefined) ?? {};
  const promises = [reports === true && 'reports', deadline === true && 'deadline'].filter(Boolean);
  return promises.length === 0 ? '' : ` (${promises.join(', ')})`;
}

async function play(scenario: Scenario, pieceSize: number): Promise<void> {
  const network = new ScriptedNetwork(scenario.scripts, pieceSize);
  const client = new SmtpClient({
    network,
    clock: new VirtualClock(0),
    log: silentLog,
    hostname: 'mx.example.com',
    pool: { messagesPerConnection: 3 },
  });
  for (const { fields, outcome } of scenario.messages) {
    const recipients = (fields['to'] ?? '').split(' ');
    const report = fields['report'] === undefined ? undefined : (JSON.parse(fields['report']) as ReportTerms);
    const [identity, password] = (fields['login'] ?? '').split(' ');
    const target: RelayTarget = {
      name: 'mx.example.org',
      endpoint: { address: '192.0.2.1', port: 25 },
      ...(identity === undefined || password === undefined ? {} : { credentials: { identity, password } }),
    };
    const came = await client.relay(
      target,
      mailOf(fields),
      recipients.map((each) => ({ ...address(each), ...(report && { report }) })),
      new AbortController().signal,
    );
    assert.deepEqual(describeOutcome(came, recipients), outcome);
  }
  await client.close();
  network.assertPlayed();
}

for (const file of readdirSync(folder).sort()) {
  describe(file, () => {
    for (const scenario of parse(readFileSync(join(folder, file), 'utf8'))) {
      test(scenario.title, async () => {
        assert.ok(scenario.messages.length > 0 && scenario.scripts.length > 0, 'an empty scenario');
        const whole = scenario.messages.some(({ fields }) => fields['pieces'] === 'whole');
        const pieceSizes = [Number.POSITIVE_INFINITY, ...(whole ? [] : [1, 2, 3, 7])];
        for (const pieceSize of pieceSizes) await play(scenario, pieceSize);
      });
    }
  });
}
