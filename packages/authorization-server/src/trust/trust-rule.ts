import { assertKnownOptions } from '@mcp-m2m/core';

import { parseConditions, type TrustCondition } from './trust-condition.ts';
import { parseTrustLabel } from './trusted-issuer.ts';

/** Which tokens of a trusted issuer stand for a client. */
export interface TrustRule {
  readonly id: string;
  readonly issuerId: string;
  /** The client that such tokens stand for. */
  readonly clientId: string;
  readonly label: string | undefined;
  /** The only audience such tokens may have; the authorization server's issuer when undefined. */
  readonly audience: string | undefined;
  /** All of them have to be fulfilled. */
  readonly conditions: readonly TrustCondition[];
  readonly revision: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Options of `trust.rules.create`. */
export interface TrustRuleOptions {
  /** `id` of the trusted issuer, of the kind `workload`. */
  readonly issuerId: string;
  readonly clientId: string;
  /** For people, at most 200 characters. */
  readonly label?: string | undefined;
  /**
   * The only audience that tokens may have. The authorization server's issuer unless given, which is right
   * wherever the audience of a token can be chosen: whoever else gets to see the token cannot use it here.
   */
  readonly audience?: string | undefined;
  /** All of them have to be fulfilled; at least one has to pin who the workload is. */
  readonly conditions: readonly TrustCondition[];
}

/** Options of `trust.rules.update`: what is not given stays; `null` takes it away. */
export interface TrustRuleChanges {
  readonly label?: string | null | undefined;
  readonly audience?: string | null | undefined;
  readonly conditions?: readonly TrustCondition[] | undefined;
  /** The `revision` that was read: refused when it was changed meanwhile. */
  readonly ifRevision?: string | undefined;
}

/** What is stored of a rule, beside its id and times. */
export type TrustRuleSettings = Pick<
  TrustRule,
  'issuerId' | 'clientId' | 'label' | 'audience' | 'conditions'
>;

/**
 * Validates a new rule. Does not look whether issuer and client exist, nor whether it pins anybody.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseTrustRule(options: TrustRuleOptions): TrustRuleSettings {
  assertKnownOptions(
    options,
    ['issuerId', 'clientId', 'label', 'audience', 'conditions'],
    'trust.rules.create',
  );
  const { issuerId, clientId } = options;
  for (const [name, value] of Object.entries({ issuerId, clientId }))
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be a text, not empty.`);
  return {
    issuerId,
    clientId,
    label: parseTrustLabel(options.label),
    audience: parseAudience(options.audience),
    conditions: parseConditions(options.conditions),
  };
}

/**
 * Validates changes to a rule.
 *
 * @throws TypeError naming the option and the mend
 */
export function changeTrustRule(current: TrustRuleSettings, changes: TrustRuleChanges): TrustRuleSettings {
  assertKnownOptions(changes, ['label', 'audience', 'conditions', 'ifRevision'], 'trust.rules.update');
  return {
    issuerId: current.issuerId,
    clientId: current.clientId,
    label: changes.label === undefined ? current.label : parseTrustLabel(changes.label ?? undefined),
    audience:
      changes.audience === undefined ? current.audience : parseAudience(changes.audience ?? undefined),
    conditions: changes.conditions === undefined ? current.conditions : parseConditions(changes.conditions),
  };
}

function parseAudience(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > 1000) {
    throw new TypeError(
      'audience must be a text of 1 to 1000 characters, or be left out for the issuer of this server.',
    );
  }
  return value;
}
