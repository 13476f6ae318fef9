import type { RejectedCredential } from '@mcp-m2m/core/server';

import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import type { RuleJudgement } from './judge-rule.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';

/** The steps a token is judged in, in this order. */
export type TrustStep = 'form' | 'issuer' | 'type' | 'signature' | 'times' | 'claims' | 'audience' | 'rules';

/** A token that was not accepted, and the first step it failed. */
export interface UnacceptableToken {
  readonly accepted: false;
  readonly step: TrustStep;
  readonly reason: TokenRefusalReason;
  /** For the operator. */
  readonly expected: string;
  readonly received: string;
  /** For whoever presented it, where more may be told than that it was not accepted. */
  readonly description?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly issuer?: TrustedIssuer | undefined;
  readonly rules?: readonly RuleJudgement[] | undefined;
}

/** Describes a token that was not accepted. */
export function unacceptable(
  step: TrustStep,
  reason: TokenRefusalReason,
  expected: string,
  received: string,
  more: Pick<UnacceptableToken, 'description' | 'issuer' | 'rules' | 'retryAfterSeconds'> = {},
): UnacceptableToken {
  return { accepted: false, step, reason, expected, received, ...more };
}

type Described = readonly [step: TrustStep, reason: TokenRefusalReason, description: string];

const UNKNOWN_KEY: Described = [
  'signature',
  'assertion_key_unknown',
  'the assertion is signed with a key that its issuer does not publish',
];
const WRONG_TIMES: Described = [
  'times',
  'assertion_claim_missing',
  'the assertion must have an exp, and its times must be seconds since 1970',
];
const MALFORMED: Described = [
  'form',
  'assertion_malformed',
  'the assertion must be a signed JWT in compact form, at most 8192 characters',
];

const REJECTIONS: ReadonlyMap<string, Described> = new Map<RejectedCredential['reason'], Described>([
  [
    'issuer_unavailable',
    [
      'signature',
      'assertion_issuer_unavailable',
      'the keys of the issuer of the assertion cannot be fetched at the moment; try again',
    ],
  ],
  [
    'algorithm_not_allowed',
    [
      'signature',
      'assertion_algorithm_not_allowed',
      'the assertion is signed with an algorithm that is not accepted',
    ],
  ],
  ['key_unknown', UNKNOWN_KEY],
  ['key_ambiguous', UNKNOWN_KEY],
  [
    'signature_invalid',
    ['signature', 'assertion_signature_invalid', 'the signature of the assertion is not valid'],
  ],
  [
    'token_expired',
    ['times', 'assertion_expired', 'the assertion has expired; get a new one from its issuer'],
  ],
  [
    'token_not_yet_valid',
    [
      'times',
      'assertion_not_yet_valid',
      'the assertion is not valid yet; compare the clocks of its issuer and this server',
    ],
  ],
  ['claim_missing', WRONG_TIMES],
  ['claim_invalid', WRONG_TIMES],
]);

/** Describes a token that was rejected before its claims were looked at. */
export function rejectedToken(
  { reason, expected = '', received = '', retryAfterSeconds }: RejectedCredential,
  issuer: TrustedIssuer | undefined,
): UnacceptableToken {
  const [step, own, description] = REJECTIONS.get(reason) ?? MALFORMED;
  return unacceptable(step, own, expected, received, { issuer, description, retryAfterSeconds });
}
