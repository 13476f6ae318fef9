import { compactVerify, type JWK } from 'jose';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';

import type { KeyCredential } from '../store/client-credentials.ts';
import type { RecordUse } from '../store/last-uses.ts';
import { assertAssertion, type AssertionRules } from './assertion-checks.ts';
import { refuseQuietly } from './client-checks.ts';
import { credentialsOf } from './client-metadata.ts';

/** What an assertion is judged by, and who hears of its key's use. */
export interface AssertionJudgeRules extends AssertionRules {
  readonly recordUse: RecordUse;
}

/** Judges an assertion whose signature was verified. */
export type AssertionJudge = (
  ctx: KoaContextWithOIDC,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  client: Client,
) => Promise<void>;

/**
 * Makes the function that judges a client assertion once its signature was verified: by the key it was made
 * with, which may have expired, and by its header and claims.
 */
export function createAssertionJudge({ recordUse, ...rules }: AssertionJudgeRules): AssertionJudge {
  return async (ctx, claims, header, client) => {
    const { clientId, keys, assertionAudience } = credentialsOf(client);
    const expired = ({ expiresAt }: KeyCredential) => expiresAt !== undefined && expiresAt <= rules.now();
    // The same key may be registered again, to live longer.
    const valid = keys.filter((key) => !expired(key));
    const assertion = String(ctx.oidc.params?.['client_assertion']);
    const key = await findKeyOf(assertion, header, [...valid, ...keys.filter(expired)]);
    if (key === undefined || expired(key)) {
      throw refuseQuietly('key_expired', 'the assertion is right, and its key has expired');
    }
    assertAssertion(header, claims, {
      ...rules,
      acceptTokenEndpoint: assertionAudience === 'token-endpoint',
    });
    recordUse(clientId, key.id);
  };
}

/** Which of a client's keys a verified assertion was signed with. */
async function findKeyOf(
  assertion: string,
  { kid }: Readonly<Record<string, unknown>>,
  keys: readonly KeyCredential[],
): Promise<KeyCredential | undefined> {
  const candidates = typeof kid === 'string' ? keys.filter(({ jwk }) => jwk.kid === kid) : keys;
  if (candidates.length === 1) return candidates[0];
  for (const candidate of candidates) {
    try {
      await compactVerify(assertion, candidate.jwk as JWK);
      return candidate;
    } catch {
      // It was another key.
    }
  }
  return undefined;
}
