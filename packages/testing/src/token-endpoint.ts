import type { TokenClaims } from './access-token.ts';
import type { AssertionContext } from './client-assertion.ts';
import { authenticateClient } from './client-authentication.ts';
import type { TestClient } from './client-registry.ts';
import type { AnswerFunction } from './endpoint.ts';
import { readForm } from './form-request.ts';
import { answerOAuth, NO_STORE, OAuthError } from './oauth-error.ts';
import { verifyTokenRequestProof, type TokenRequestProofContext } from './token-request-proof.ts';

/** What the token endpoint needs from its authority. */
export interface TokenEndpointContext extends AssertionContext, TokenRequestProofContext {
  /** The audience of a request without `resource`. */
  readonly defaultAudience: string | undefined;
  readonly lifetimeSeconds: number;
  mint(claims: TokenClaims): string;
}

/**
 * Creates a token endpoint for the client-credentials grant: authenticated clients get RFC 9068 tokens for the
 * one `resource` they ask for, with the scopes they ask for; bound to a key if they send a DPoP proof.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 | RFC 8707 §2.2}
 */
export function createTokenEndpoint(context: TokenEndpointContext): AnswerFunction {
  return (request) =>
    answerOAuth(async () => {
      const form = readForm(request, ['resource']);
      const client = await authenticateClient(request, form, context);
      const grantType = form.get('grant_type');
      if (grantType === null) throw new OAuthError('invalid_request', 'grant_type is missing.');
      if (grantType !== 'client_credentials') {
        throw new OAuthError('unsupported_grant_type', 'Only client_credentials is supported.');
      }
      const audience = chooseResource(form.getAll('resource'), client, context.defaultAudience);
      const scope = chooseScope(form.get('scope'), client);
      const thumbprint = await verifyTokenRequestProof(request, context);
      const token = context.mint({
        aud: audience,
        sub: client.clientId,
        client_id: client.clientId,
        scope,
        cnf: thumbprint === undefined ? undefined : { jkt: thumbprint },
      });
      const tokenType = thumbprint === undefined ? 'Bearer' : 'DPoP';
      return {
        headers: NO_STORE,
        json: { access_token: token, token_type: tokenType, expires_in: context.lifetimeSeconds, scope },
      };
    });
}

function chooseResource(
  requested: readonly string[],
  client: TestClient,
  defaultAudience: string | undefined,
): string {
  if (requested.length > 1) throw new OAuthError('invalid_target', 'Ask for one resource at a time.');
  const resource = requested[0] ?? defaultAudience;
  if (resource === undefined) throw new OAuthError('invalid_target', 'resource is missing.');
  if (requested.length === 1 && (!URL.canParse(resource) || resource.includes('#'))) {
    throw new OAuthError('invalid_target', 'resource must be an absolute URI without a fragment.');
  }
  if (client.resources !== undefined && !client.resources.includes(resource)) {
    throw new OAuthError('invalid_target', 'The client may not ask for this resource.');
  }
  return resource;
}

function chooseScope(requested: string | null, client: TestClient): string | undefined {
  if (requested === null || requested.trim() === '') return client.scopes?.join(' ');
  const allowed = client.scopes;
  const refused = requested.split(' ').filter((scope) => allowed !== undefined && !allowed.includes(scope));
  if (refused.length > 0) {
    throw new OAuthError('invalid_scope', `The client may not ask for ${refused.join(' ')}.`);
  }
  return requested;
}
