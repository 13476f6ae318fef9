import { compactVerify, createLocalJWKSet, errors } from 'jose';
import type { MintOptions, TokenClaims } from './access-token.ts';
import type { AssertionContext } from './client-assertion.ts';
import { authenticateClient } from './client-authentication.ts';
import type { AnswerFunction } from './endpoint.ts';
import { readForm } from './form-request.ts';
import type { KeyRing } from './key-ring.ts';
import { answerOAuth, NO_STORE, OAuthError } from './oauth-error.ts';
import type { OpaqueTokens } from './opaque-tokens.ts';

/** What the introspection endpoint needs from its authority. */
export interface IntrospectionEndpointContext extends AssertionContext {
  readonly keys: KeyRing;
  readonly opaqueTokens: OpaqueTokens;
  sign(claims: TokenClaims, options: MintOptions): string;
}

const SIGNED_MEDIA_TYPE = 'application/token-introspection+jwt';

/**
 * Creates an introspection endpoint: any registered client may ask, about opaque tokens and about JWTs of this
 * authority; expired, not yet valid, revoked and unknown tokens are inactive. A client that accepts
 * `application/token-introspection+jwt` gets a signed answer.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 | RFC 7662 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc9701#section-5 | RFC 9701 §5}
 */
export function createIntrospectionEndpoint(context: IntrospectionEndpointContext): AnswerFunction {
  return (request) =>
    answerOAuth(async () => {
      const form = readForm(request);
      const client = await authenticateClient(request, form, context);
      const token = form.get('token');
      if (token === null) throw new OAuthError('invalid_request', 'token is missing.');
      const description = await describeToken(token, context);
      if (!(request.headers.accept ?? '').includes(SIGNED_MEDIA_TYPE)) {
        return { headers: NO_STORE, json: description };
      }
      const claims = {
        iss: context.issuer,
        aud: client.clientId,
        iat: Math.floor(context.now() / 1000),
        token_introspection: description,
      };
      return {
        headers: { ...NO_STORE, 'content-type': SIGNED_MEDIA_TYPE },
        body: context.sign(claims, { typ: 'token-introspection+jwt' }),
      };
    });
}

async function describeToken(token: string, context: IntrospectionEndpointContext): Promise<TokenClaims> {
  const inactive = { active: false };
  const { opaqueTokens, now } = context;
  if (opaqueTokens.isRevoked(token)) return inactive;
  const claims = opaqueTokens.find(token) ?? (await readOwnToken(token, context));
  if (claims === undefined) return inactive;
  const nowSeconds = now() / 1000;
  if (typeof claims['exp'] === 'number' && claims['exp'] <= nowSeconds) return inactive;
  if (typeof claims['nbf'] === 'number' && claims['nbf'] > nowSeconds) return inactive;
  return { active: true, token_type: isBoundToKey(claims) ? 'DPoP' : 'Bearer', ...claims };
}

async function readOwnToken(
  token: string,
  { keys, issuer }: IntrospectionEndpointContext,
): Promise<TokenClaims | undefined> {
  try {
    const { payload } = await compactVerify(token, createLocalJWKSet(keys.keySet));
    const claims = JSON.parse(Buffer.from(payload).toString('utf8')) as TokenClaims;
    return claims['iss'] === issuer ? claims : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}

function isBoundToKey({ cnf }: TokenClaims): boolean {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf;
}
