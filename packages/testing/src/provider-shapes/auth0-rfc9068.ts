import { randomUUID } from 'node:crypto';
import { auth0 } from './auth0.ts';
import type { ProviderShape } from './provider-shape.ts';

/**
 * Auth0 with its RFC 9068 access token profile: `client_id` and `jti` instead of `azp` and `gty`.
 *
 * @see {@link https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles | Auth0: access token profiles}
 */
export const auth0Rfc9068: ProviderShape = (request) => {
  const token = auth0(request);
  if (request.tokenKind === 'id-token') return token;
  const replaced = { azp: undefined, gty: undefined, client_id: request.clientId, jti: randomUUID() };
  return { typ: 'at+jwt', claims: { ...token.claims, ...replaced } };
};
