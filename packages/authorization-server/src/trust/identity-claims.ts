import { printable } from '@mcp-m2m/core';

import { judgeAudience } from './audience.ts';
import type { UnacceptableToken } from './unacceptable-token.ts';

const TEXTS = ['sub', 'client_id', 'jti'];
const MAX_SUBJECT_LENGTH = 500;

/**
 * Judges the claims that every ID-JAG has to have: one audience, a subject, the client it is for.
 *
 * Does not compare them with the request: that is for the grant.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant#section-3 | ID-JAG §3}
 */
export function judgeIdentityClaims(
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
): UnacceptableToken | undefined {
  for (const name of TEXTS) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '' && value.length <= MAX_SUBJECT_LENGTH) continue;
    return {
      accepted: false,
      step: 'claims',
      reason: 'assertion_claim_missing',
      expected: `"${name}": a text`,
      received: value === undefined ? 'nothing' : printable(value),
      description: `the ID-JAG must have a ${name} that is a text`,
    };
  }
  if (typeof claims['iat'] !== 'number') {
    return {
      accepted: false,
      step: 'claims',
      reason: 'assertion_claim_missing',
      expected: '"iat": seconds since 1970',
      received: claims['iat'] === undefined ? 'nothing' : printable(claims['iat']),
      description: 'the ID-JAG must have an iat',
    };
  }
  const { met, expected, received } = judgeAudience(claims['aud'], issuer);
  if (met) return undefined;
  return {
    accepted: false,
    step: 'audience',
    reason: 'assertion_audience_not_issuer',
    expected: `"aud": ${expected}`,
    received,
    description: `the aud of the ID-JAG must be the issuer, '${issuer}', and nothing else`,
  };
}
