import { judgeAudience, type AudienceJudgement } from './audience.ts';
import { findUnmet, type UnmetCondition } from './trust-condition.ts';
import type { TrustRule } from './trust-rule.ts';

/** How the claims of a token fare with one rule. */
export interface RuleJudgement {
  readonly rule: TrustRule;
  readonly fulfilled: boolean;
  readonly audience: AudienceJudgement;
  /** The conditions that are not fulfilled. */
  readonly unmet: readonly UnmetCondition[];
}

/**
 * Judges verified claims by a rule: its audience alone, and all of its conditions.
 *
 * @param claims - of a token whose signature, issuer and times were verified
 * @param issuer - this server's identifier, the audience of rules that name none
 */
export function judgeRule(
  rule: TrustRule,
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
): RuleJudgement {
  const audience = judgeAudience(claims['aud'], rule.audience ?? issuer);
  const unmet = rule.conditions
    .map((condition) => findUnmet(condition, claims))
    .filter((condition) => condition !== undefined);
  // A rule without conditions would accept everybody: nothing stores one, and nothing is to rely on that.
  return {
    rule,
    audience,
    unmet,
    fulfilled: audience.met && unmet.length === 0 && rule.conditions.length > 0,
  };
}
