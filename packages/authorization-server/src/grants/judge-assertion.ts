import { createHash } from 'node:crypto';

import { decodeJwt } from '@mcp-m2m/core/server';

import type { FindClientCredentials } from '../store/client-credentials.ts';
import {
  ID_JAG_TYPE,
  typeOf,
  type AcceptedToken,
  type JudgeTrustedToken,
} from '../trust/judge-trusted-token.ts';
import type { UnacceptableToken } from '../trust/unacceptable-token.ts';
import type { GrantRefusal } from './grant-refusal.ts';
import type { JudgeOwnAssertion } from './own-assertion.ts';

/** An assertion that was verified, and the clients it may stand for. */
export interface AcceptedAssertion {
  readonly accepted: true;
  /**
   * `own`: a client signed it with its registered key. `workload`: a trust rule maps it to a client. `id-jag`: an
   * identity provider decided about a person; the client has to authenticate besides.
   */
  readonly kind: 'own' | 'workload' | 'id-jag';
  readonly clientIds: readonly string[];
  /** The rule that maps a workload to each of them. */
  readonly ruleIds?: ReadonlyMap<string, string> | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What has to be used up before anything is issued, for an assertion that counts once. */
  readonly once: { readonly issuer: string; readonly id: string; readonly expiresAt: number } | undefined;
}

/** An assertion that was refused. */
export interface RefusedAssertion {
  readonly accepted: false;
  readonly refusal: GrantRefusal;
}

/** Judges an assertion; uses nothing up. */
export type JudgeAssertion = (assertion: string) => Promise<AcceptedAssertion | RefusedAssertion>;

/** What assertions are judged by. */
export interface AssertionJudges {
  readonly findClient: FindClientCredentials;
  readonly judgeOwn: JudgeOwnAssertion;
  readonly judgeTrusted: JudgeTrustedToken;
  /** Costs as much as verifying a client's own assertion. */
  readonly verifyInVain: (assertion: string) => Promise<void>;
}

/**
 * Makes the judge of assertions of the JWT bearer grant, of all three kinds: one whose `iss` and `sub` are a
 * registered client's id is that client's own, any other is judged by whether and how its issuer is trusted.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 */
export function createAssertionJudge(judges: AssertionJudges): JudgeAssertion {
  const { findClient, judgeOwn, judgeTrusted, verifyInVain } = judges;
  return async (assertion) => {
    const decoded = decodeJwt(assertion);
    if (decoded.accepted) {
      const { iss, sub } = decoded.claims;
      const mayBeOwn = typeof iss === 'string' && iss === sub && typeOf(decoded.header) !== ID_JAG_TYPE;
      const client = mayBeOwn ? await findClient(iss) : undefined;
      if (client !== undefined) return await judgeOwn(assertion, client);
      // A client that does not exist is not to be told from one that does by the time its answer takes.
      if (mayBeOwn) await verifyInVain(assertion);
    }
    const judged = await judgeTrusted(assertion);
    return judged.accepted ? accept(assertion, judged) : { accepted: false, refusal: refuse(judged) };
  };
}

function accept(assertion: string, { issuer, claims, rules }: AcceptedToken): AcceptedAssertion {
  const ruleIds = new Map(
    rules.filter(({ fulfilled }) => fulfilled).map(({ rule }) => [rule.clientId, rule.id] as const),
  );
  return {
    accepted: true,
    kind: issuer.kind,
    clientIds: issuer.kind === 'id-jag' ? [String(claims['client_id'])] : [...ruleIds.keys()],
    ruleIds,
    claims,
    once: issuer.singleUse
      ? { issuer: issuer.issuer, id: identityOf(assertion, claims), expiresAt: Number(claims['exp']) }
      : undefined,
  };
}

/** Not every issuer gives its tokens an id; the token itself identifies it as well. */
function identityOf(assertion: string, { jti }: AcceptedToken['claims']): string {
  if (typeof jti === 'string' && jti !== '') return jti;
  // Of what is signed: a signature can be written in more than one way.
  const signed = assertion.slice(0, assertion.lastIndexOf('.'));
  return createHash('sha256').update(signed).digest('base64url');
}

/** Told whenever nothing of an assertion is proven; so it does not tell which issuers and clients there are. */
export const ASSERTION_NOT_ACCEPTED =
  'the assertion is not accepted: no issuer that this authorization server trusts has made it';

function refuse({
  reason,
  expected,
  received,
  description,
  step,
  retryAfterSeconds,
}: UnacceptableToken): GrantRefusal {
  const detail = `expected ${expected || 'another'}, received ${received || 'another'}`;
  if (reason === 'assertion_issuer_unavailable') {
    // Not the assertion's fault, and it may be right: what was sent is worth sending again.
    return {
      error: 'temporarily_unavailable',
      reason,
      description: description ?? 'try again',
      detail,
      retryAfterSeconds: retryAfterSeconds ?? 5,
    };
  }
  const unproven =
    step === 'issuer' || (step === 'signature' && reason !== 'assertion_algorithm_not_allowed');
  return {
    error: 'invalid_grant',
    reason,
    description: unproven
      ? ASSERTION_NOT_ACCEPTED
      : (description ??
        'no trust rule of this authorization server accepts the assertion; its operator sees which condition failed, and can try the token in a dry run'),
    detail,
  };
}
