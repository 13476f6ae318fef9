import { assertKnownOptions, printable } from '@mcp-m2m/core';

/** What the audit trail keeps. */
export interface AuditOptions {
  /** Records every issued token as well; only their number per hour (`usage`) unless given. */
  readonly issuedTokens?: boolean;
  /** Days after which entries, and usage, are removed, 1 to 36500; kept for ever unless given. */
  readonly retentionDays?: number;
}

/** The options once validated. */
export interface AuditRules {
  readonly issuedTokens: boolean;
  readonly retentionDays: number | undefined;
}

/**
 * Validates the option `audit`.
 *
 * @throws TypeError naming the member and what it may be
 */
export function parseAudit(value: AuditOptions = {}): AuditRules {
  assertKnownOptions(value, ['issuedTokens', 'retentionDays'], 'audit');
  const { issuedTokens = false, retentionDays } = value;
  if (typeof issuedTokens !== 'boolean') {
    throw new TypeError(`audit.issuedTokens must be true or false, received ${printable(issuedTokens)}.`);
  }
  if (
    retentionDays !== undefined &&
    (!Number.isInteger(retentionDays) || retentionDays < 1 || retentionDays > 36_500)
  ) {
    throw new TypeError(
      `audit.retentionDays must be a whole number from 1 to 36500, or be left out, received ${printable(retentionDays)}.`,
    );
  }
  return { issuedTokens, retentionDays };
}
