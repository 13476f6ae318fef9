import { assertKnownOptions } from '@mcp-m2m/core';

import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import type { AcceptedToken, JudgeTrustedToken } from './judge-trusted-token.ts';
import type { TrustStep, UnacceptableToken } from './unacceptable-token.ts';
import type { RuleJudgement } from './judge-rule.ts';
import type { UnmetCondition } from './trust-condition.ts';
import type { TrustedIssuerKind } from './trusted-issuer.ts';

/** Options of `trust.dryRun`. */
export interface DryRunOptions {
  /** The JWT as a workload would present it. It is not kept, and is in no event and no error. */
  readonly token: string;
}

/** One step of a dry run. */
export interface DryRunStep {
  readonly step: TrustStep;
  readonly outcome: 'passed' | 'failed' | 'not reached';
  /** For a step that failed. */
  readonly expected?: string;
  readonly received?: string;
}

/** How a token fares with one rule. */
export interface DryRunRule {
  readonly ruleId: string;
  readonly label: string | undefined;
  readonly clientId: string;
  readonly fulfilled: boolean;
  /** What is not fulfilled, the audience included. */
  readonly unmet: readonly UnmetCondition[];
}

/** What would come of a token. */
export interface DryRunResult {
  /** Whether it would be accepted, by whoever's rule; single use is not looked at. */
  readonly accepted: boolean;
  /** In words. */
  readonly summary: string;
  /** Why it would be refused. */
  readonly reason: TokenRefusalReason | undefined;
  readonly issuer:
    { readonly id: string; readonly issuer: string; readonly kind: TrustedIssuerKind } | undefined;
  /** The clients it would stand for; of an ID-JAG, the client that would have to present it. */
  readonly clientIds: readonly string[];
  readonly steps: readonly DryRunStep[];
  readonly rules: readonly DryRunRule[];
}

const STEPS: Readonly<Record<TrustedIssuerKind, readonly TrustStep[]>> = {
  workload: ['form', 'issuer', 'type', 'signature', 'times', 'claims', 'audience', 'rules'],
  'id-jag': ['form', 'issuer', 'type', 'signature', 'times', 'claims', 'audience'],
};

/** Makes the function that judges a token and says how, and does nothing else. */
export function createDryRun(judge: JudgeTrustedToken): (options: DryRunOptions) => Promise<DryRunResult> {
  return async (options) => {
    assertKnownOptions(options, ['token'], 'trust.dryRun');
    const { token } = options;
    if (typeof token !== 'string' || token === '') throw new TypeError('token must be the JWT as a text.');
    return describe(await judge(token.trim()));
  };
}

function describe(judgement: AcceptedToken | UnacceptableToken): DryRunResult {
  const { issuer, rules = [] } = judgement;
  const described = {
    issuer: issuer && { id: issuer.id, issuer: issuer.issuer, kind: issuer.kind },
    rules: rules.map(describeRule),
    steps: describeSteps(judgement),
  };
  if (!judgement.accepted) {
    const { step, reason, expected, received } = judgement;
    const summary = `Refused at the step "${step}": expected ${expected || 'something else'}, received ${received || 'something else'}.`;
    return { accepted: false, summary, reason, clientIds: [], ...described };
  }
  const clientIds =
    judgement.issuer.kind === 'id-jag'
      ? [String(judgement.claims['client_id'])]
      : [...new Set(rules.filter(({ fulfilled }) => fulfilled).map(({ rule }) => rule.clientId))];
  const summary =
    judgement.issuer.kind === 'id-jag'
      ? `Accepted, when the client ${clientIds[0]} authenticates and presents it.`
      : clientIds.length === 1
        ? `Accepted: it stands for the client ${clientIds[0]}.`
        : `Accepted, with client_id in the request: it stands for ${clientIds.join(' and ')}.`;
  return { accepted: true, summary, reason: undefined, clientIds, ...described };
}

function describeSteps(judgement: AcceptedToken | UnacceptableToken): readonly DryRunStep[] {
  const steps = STEPS[judgement.issuer?.kind ?? 'workload'];
  if (judgement.accepted) return steps.map((step) => ({ step, outcome: 'passed' }));
  const { step: failedStep, expected, received } = judgement;
  const failedAt = steps.indexOf(failedStep);
  return steps.map((step, index) => {
    if (index === failedAt) return { step, outcome: 'failed', expected, received };
    return { step, outcome: index < failedAt ? 'passed' : 'not reached' };
  });
}

function describeRule({ rule, fulfilled, audience, unmet }: RuleJudgement): DryRunRule {
  const { id, label, clientId } = rule;
  const wrongAudience = { claim: 'aud', expected: audience.expected, received: audience.received };
  return { ruleId: id, label, clientId, fulfilled, unmet: audience.met ? unmet : [wrongAudience, ...unmet] };
}
