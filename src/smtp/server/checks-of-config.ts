// The checks of incoming mail as the config wants them.
import type { MailChecksConfig } from '../../config/mail-checks-schema.ts';
import { AddressRanges } from '../../lib/address-ranges.ts';
import { MailChecker } from '../../mailauth/mail-check.ts';
import type { MailCheckServices } from '../../mailauth/mail-check.ts';
import type { SmtpServerOptions } from './handler.ts';

/** `undefined` where they are switched off. */
export function checksOfConfig(
  config: MailChecksConfig,
  services: MailCheckServices,
): SmtpServerOptions['checks'] {
  if (!config.enabled) return undefined;
  const exempt = AddressRanges.of(config.exempt);
  return {
    checker: new MailChecker(services),
    policy: config,
    isExempt: (address) => exempt.include(address),
  };
}
