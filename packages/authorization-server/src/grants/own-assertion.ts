import { decodeJwt } from '@mcp-m2m/core/server';
import { compactVerify, type JWK } from 'jose';

import { ASSERTION_ALGORITHMS } from '../keys/client-public-key.ts';
import {
  assertAssertion,
  CLOCK_TOLERANCE_SECONDS,
  type AssertionRules,
} from '../provider/assertion-checks.ts';
import type { EngineError } from '../provider/refusal.ts';
import type { ResolveClientKeys } from '../provider/resolve-client-keys.ts';
import type { ClientCredentials, KeyCredential } from '../store/client-credentials.ts';
import type { RecordUse } from '../store/last-uses.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import { ASSERTION_NOT_ACCEPTED, type AcceptedAssertion, type RefusedAssertion } from './judge-assertion.ts';

/** Judges an assertion that claims to be a client's own. */
export type JudgeOwnAssertion = (
  assertion: string,
  client: ClientCredentials,
) => Promise<AcceptedAssertion | RefusedAssertion>;

/** What a client's own assertions are judged by. */
export interface OwnAssertionRules extends AssertionRules {
  readonly resolveKeys: ResolveClientKeys;
  readonly recordUse: RecordUse;
}

/**
 * Makes the judge of assertions that clients sign with their registered keys, by the same rules as the assertions
 * they authenticate with: the same audience, lifetime and single use.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 | RFC 7523 §2.1}
 */
export function createOwnAssertionJudge({
  resolveKeys,
  recordUse,
  ...rules
}: OwnAssertionRules): JudgeOwnAssertion {
  const { now } = rules;

  async function findKey(assertion: string, client: ClientCredentials): Promise<KeyCredential | undefined> {
    const decoded = decodeJwt(assertion);
    const keyId = decoded.accepted ? decoded.header['kid'] : undefined;
    const { keys } = await resolveKeys(client, assertion);
    const usable = keys.filter(({ jwk }) => keyId === undefined || jwk.kid === keyId);
    for (const key of usable) {
      try {
        await compactVerify(assertion, key.jwk as JWK, { algorithms: [...ASSERTION_ALGORITHMS] });
        return key;
      } catch {
        // It was another key.
      }
    }
    return undefined;
  }

  return async (assertion, client) => {
    const decoded = decodeJwt(assertion);
    const key = decoded.accepted ? await findKey(assertion, client) : undefined;
    if (key === undefined || !decoded.accepted)
      return refuse('assertion_signature_invalid', ASSERTION_NOT_ACCEPTED);
    const { header, claims } = decoded;
    if (key.expiresAt !== undefined && key.expiresAt <= now()) {
      return refuse('key_expired', 'the key of the assertion is not valid any more');
    }
    try {
      assertAssertion(header, claims, {
        ...rules,
        acceptTokenEndpoint: client.assertionAudience === 'token-endpoint',
      });
    } catch (error) {
      const { error_detail: reason, error_description: description = '' } = error as EngineError;
      return refuse(reason as TokenRefusalReason, description);
    }
    const { nbf } = claims;
    if (typeof nbf === 'number' && nbf - CLOCK_TOLERANCE_SECONDS > now() / 1000) {
      return refuse(
        'assertion_not_yet_valid',
        "the nbf of the assertion is in the future; check the clock of the client's machine",
      );
    }
    recordUse(client.clientId, key.id);
    return {
      accepted: true,
      kind: 'own',
      clientIds: [client.clientId],
      claims,
      once: { issuer: client.clientId, id: String(claims['jti']), expiresAt: Number(claims['exp']) },
    };
  };
}

function refuse(reason: TokenRefusalReason, description: string): RefusedAssertion {
  return { accepted: false, refusal: { error: 'invalid_grant', reason, description } };
}
