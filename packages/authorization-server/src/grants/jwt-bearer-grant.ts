import { refuseGrant } from './grant-refusal.ts';
import type { Grant } from './grants.ts';
import { decideByIdentityAssertion } from './identity-assertion-grant.ts';
import type { AcceptedAssertion, JudgeAssertion } from './judge-assertion.ts';
import { presentedAssertion, refuseOtherClient, REPLAYED, useUp } from './presented-assertion.ts';

/** Uses an assertion up: false for one that was used before. */
export type UseAssertion = (issuer: string, id: string, expiresAt: number) => Promise<boolean>;

/** What the JWT bearer grant is judged by. */
export interface JwtBearerRules {
  readonly judgeAssertion: JudgeAssertion;
  readonly useAssertion: UseAssertion;
}

/**
 * Makes the JWT bearer grant, of its three kinds: a client's own assertion, the token of a workload, and an
 * ID-JAG.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 | RFC 7523 §2.1}
 */
export function createJwtBearerGrant({ judgeAssertion, useAssertion }: JwtBearerRules): Grant {
  return async (request) => {
    const { ctx, client, parameters, decideTarget } = request;
    const assertion = parameters['assertion'];
    if (typeof assertion !== 'string') {
      throw refuseGrant({
        error: 'invalid_request',
        reason: 'request_malformed',
        description: 'assertion is required: a signed JWT',
      });
    }
    const judged = await judgeOnce(ctx, assertion);
    if (!judged.clientIds.includes(client.clientId)) throw refuseGrant(refuseOtherClient(judged.clientIds));
    const decision =
      judged.kind === 'id-jag'
        ? await decideByIdentityAssertion(judged.claims, request)
        : { target: await decideTarget() };
    // Last, so that a request that is refused for something else can be mended and sent again.
    if (!(await useUp(judged, useAssertion))) throw refuseGrant(REPLAYED);
    return decision;
  };

  async function judgeOnce(ctx: object, assertion: string): Promise<AcceptedAssertion> {
    const presented = presentedAssertion(ctx);
    // What stood for the client in place of its own assertion is not the grant.
    if (presented?.as === 'grant' && presented.outcome?.accepted === true) return presented.outcome;
    const judged = await judgeAssertion(assertion);
    if (judged.accepted) return judged;
    throw refuseGrant(judged.refusal);
  }
}
