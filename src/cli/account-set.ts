// `signpost account set`: as whom an account may send, and how much.
import { Command } from 'commander';
import type { AccountView, PeopleCalls } from '../admin/people-api.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { SendingLimits, Span } from '../login/account-store.ts';
import { configOption, readConfig } from './config-option.ts';
import type { ConfigOption } from './config-option.ts';
import { CommandFault } from './exit.ts';
import { expectDone, withAdmin } from './open-admin.ts';
import { formatTime, jsonFlag, printData } from './print.ts';
import type { JsonOption } from './print.ts';

interface SetOptions extends ConfigOption, JsonOption {
  readonly sendAs?: readonly string[] | boolean;
  readonly limit?: readonly string[] | boolean;
}

export function accountSetCommand(): Command {
  return new Command('set')
    .summary('change what an account may do')
    .description(
      'Says as whom an account may send beside those whose mail it gets, and how much it may send. What was said before is replaced.',
    )
    .argument('<address>', 'the account')
    .option('--send-as <address...>', "addresses, '@example.com' for a whole domain, or 'any'")
    .option('--no-send-as', 'only as those whose mail it gets')
    .option('--limit <limit...>', 'like messages/day=5000 or recipients/hour=0; 0: no limit')
    .option('--no-limit', 'as the config says')
    .addOption(configOption())
    .option(...jsonFlag)
    .action(async (address: string, options: SetOptions) => {
      const input = readSettings(address, options);
      if (!input.ok) throw new CommandFault(input.fault, 2);
      const config = await readConfig(options.config);
      const set = expectDone(await withAdmin(config, (admin) => admin.setAccount(input.value)));
      printData(set, options, formatAccount);
    });
}

export function formatAccount({ address, createdAt, sendAs, sendingLimits }: AccountView): string {
  const limits = (['messages', 'recipients'] as const).flatMap((what) =>
    Object.entries(sendingLimits[what] ?? {}).map(([span, most]) => `${what}/${span}=${most}`),
  );
  const senders = sendAs === 'any' ? 'anybody' : sendAs.join(', ');
  return (
    `${address}, since ${formatTime(createdAt)} UTC\n` +
    (senders === '' ? '' : `  may send as ${senders}\n`) +
    (limits.length === 0 ? '' : `  may send ${limits.join(', ')}\n`)
  );
}

/** Commander gives `true` for an option that has a --no- form and was not given, and `false` for that form. */
function readSettings(
  address: string,
  { sendAs, limit }: SetOptions,
): Result<PeopleCalls['setAccount']['input']> {
  const limits = Array.isArray(limit) ? readLimits(limit) : undefined;
  if (limits?.ok === false) return limits;
  if (typeof sendAs !== 'object' && sendAs !== false && limits === undefined && limit !== false)
    return fault('nothing to set: give --send-as or --limit');
  const senders = typeof sendAs === 'object' ? readSenders(sendAs) : undefined;
  return ok({
    address,
    ...(senders !== undefined && { sendAs: senders }),
    ...(sendAs === false && { sendAs: null }),
    ...(limits !== undefined && { sendingLimits: limits.value }),
    ...(limit === false && { sendingLimits: null }),
  });
}

function readSenders(texts: readonly string[]): 'any' | readonly string[] {
  return texts.length === 1 && texts[0] === 'any' ? 'any' : texts;
}

function readLimits(texts: readonly string[]): Result<SendingLimits> {
  const limits: Record<'messages' | 'recipients', { [Name in Span]?: number }> = {
    messages: {},
    recipients: {},
  };
  for (const text of texts) {
    const match = /^(messages|recipients)\/(minute|hour|day)=(\d{1,7})$/.exec(text);
    const [, what, span, most] = match ?? [];
    if (!isWhat(what) || !isSpan(span) || most === undefined)
      return fault(`'${text}' is not a limit, like messages/day=5000 or recipients/hour=0`);
    limits[what][span] = Number(most);
  }
  return ok(limits);
}

function isWhat(text: string | undefined): text is 'messages' | 'recipients' {
  return text === 'messages' || text === 'recipients';
}

function isSpan(text: string | undefined): text is Span {
  return text === 'minute' || text === 'hour' || text === 'day';
}
