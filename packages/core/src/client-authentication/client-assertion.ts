import type { JWTPayload } from 'jose';
import { createAssertionClaims } from './assertion-signer.ts';
import type { ClientAuthenticationContext, TokenRequest } from './client-authentication.ts';

/** What servers differ in, of the assertions that they take. */
export interface ClientAssertionOptions {
  /**
   * The sole audience: the issuer, the token endpoint, or a URI of its own. Default: what the provider's profile
   * says, else `issuer`, which the specifications want. `token-endpoint` is for a provider that refuses the issuer
   * (Entra ID, Okta, and servers older than RFC 7523bis).
   */
  readonly audience?: AssertionAudience | undefined;
  /**
   * `typ` of the header. Default: what the provider's profile says, else `client-authentication+jwt`; `JWT` is for a
   * server that knows that alone.
   */
  readonly type?: 'client-authentication+jwt' | 'JWT' | undefined;
}

/** The audience of a client assertion; any other string is a URI that is used as it is. */
export type AssertionAudience = 'issuer' | 'token-endpoint' | (string & {});

/** The protected header of a client assertion. */
export interface AssertionHeader {
  readonly alg: string;
  readonly typ: string;
  readonly kid?: string;
  readonly 'x5t#S256'?: string;
}

/** Makes a compact JWS of header and claims. May complete the header; tells the revision of a key that can change. */
export type SignAssertion = (
  header: AssertionHeader,
  claims: JWTPayload,
  noteRevision?: (revision: string) => void,
) => Promise<string>;

/**
 * Validates what is common to signed client assertions.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertClientAssertionOptions({ audience, type }: ClientAssertionOptions): void {
  const named = audience === undefined || audience === 'issuer' || audience === 'token-endpoint';
  if (!named && !(typeof audience === 'string' && URL.canParse(audience))) {
    throw new TypeError('audience must be "issuer", "token-endpoint" or an absolute URI.');
  }
  if (type !== undefined && type !== 'client-authentication+jwt' && type !== 'JWT') {
    throw new TypeError('type must be "client-authentication+jwt" or "JWT".');
  }
}

/**
 * Adds the client's id and a newly signed assertion to a token request: `iss` and `sub` are the client's id, it
 * has one audience, lives for 60 seconds and is used once.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.2 | RFC 7523 §2.2},
 *   {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis | RFC 7523bis} (type and audience)
 */
export async function addClientAssertion(
  request: TokenRequest,
  context: ClientAuthenticationContext,
  header: Omit<AssertionHeader, 'typ'>,
  { audience, type = context.assertionType ?? 'client-authentication+jwt' }: ClientAssertionOptions,
  sign: SignAssertion,
): Promise<void> {
  const { clientId } = context;
  const claims = createAssertionClaims(clientId, audienceIn(context, audience), context.now());
  const assertion = await sign({ ...header, typ: type }, claims, (revision) =>
    request.noteRevision?.(revision),
  );
  request.conceal(assertion);
  request.parameters.set('client_id', clientId);
  request.parameters.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  request.parameters.set('client_assertion', assertion);
}

function audienceIn(
  { issuer, tokenEndpoint, assertionAudience = 'issuer' }: ClientAuthenticationContext,
  audience: AssertionAudience = assertionAudience,
): string {
  if (audience === 'issuer') return issuer;
  return audience === 'token-endpoint' ? tokenEndpoint : audience;
}
