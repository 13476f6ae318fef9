import { createHash } from 'node:crypto';

import type { ReplayGuard } from '../store/replay-guard.ts';
import { createStandInVerification } from '../provider/stand-in-verification.ts';
import { createAssertionJudge, type AssertionJudges, type JudgeAssertion } from './judge-assertion.ts';
import type { UseAssertion } from './jwt-bearer-grant.ts';
import { createOwnAssertionJudge, type OwnAssertionRules } from './own-assertion.ts';

/** How assertions are judged and used up. */
export interface GrantSupport {
  readonly judgeAssertion: JudgeAssertion;
  readonly useAssertion: UseAssertion;
}

/** Dependencies of {@link createGrantSupport}. */
export interface GrantSupportDependencies
  extends OwnAssertionRules, Pick<AssertionJudges, 'findClient' | 'judgeTrusted'> {
  readonly replay: ReplayGuard;
}

/** Makes what all engine instances judge assertions by. */
export function createGrantSupport(dependencies: GrantSupportDependencies): GrantSupport {
  const { replay } = dependencies;
  return {
    judgeAssertion: createAssertionJudge({
      ...dependencies,
      judgeOwn: createOwnAssertionJudge(dependencies),
      verifyInVain: createStandInVerification(),
    }),
    // The engine's own form, so that an assertion that authenticated a client is not good as a grant as well.
    useAssertion: async (issuer, id, expiresAt) =>
      await replay.use(
        `${issuer} ${createHash('sha256')
          .update(issuer + id)
          .digest('base64url')}`,
        expiresAt,
      ),
  };
}
