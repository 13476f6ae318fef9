import type {
  AccessToken,
  ClientCredentials as EngineToken,
  Provider,
  TokenEndpointGrantContext,
} from 'oidc-provider';

import type { SigningKey } from '../keys/signing-key.ts';
import type { TokenTarget } from '../provider/token-target.ts';

/** What a token is bound to, as its claim `cnf` says. */
export interface TokenBinding {
  /** Thumbprint of the key of the client's DPoP proofs. */
  readonly jkt?: string | undefined;
  /** Thumbprint of the client's certificate. */
  readonly x5t?: string | undefined;
}

/** Who acts, the current actor outermost: the claim `act`. */
export interface Actor {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** A token as a grant decided on it. */
export interface TokenDecision {
  readonly target: TokenTarget;
  readonly binding: TokenBinding;
  /** For whom the client acts; the client itself unless given. */
  readonly subject?: string | undefined;
  /** Whether that subject is a client too: resource servers take any other for a person. */
  readonly subjectIsClient?: boolean | undefined;
  readonly actor?: Actor | undefined;
  /** Further claims; never those of RFC 9068 §2.2, which are not taken from here. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** What the token must not outlive, in seconds since the epoch: the token it was exchanged for, say. */
  readonly notAfter?: number | undefined;
  /** For an exchange: what kind of token is handed out. */
  readonly issuedTokenType?: string | undefined;
}

/** What every grant issues by. */
export interface IssueRules {
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** The key that signs now. */
  readonly signingKey: Pick<SigningKey, 'algorithm' | 'keyId'>;
}

/** The context of a token request, as the engine hands it to a grant. */
export type GrantContext = TokenEndpointGrantContext;

const claims = new WeakMap<object, Readonly<Record<string, unknown>>>();

/**
 * The claims of a token that the engine does not know of, for the one function that shapes its JWTs: who the
 * subject is, who acts for it, and what the grant added.
 */
export function claimsOfToken(token: AccessToken | EngineToken): Readonly<Record<string, unknown>> {
  return claims.get(token) ?? {};
}

/**
 * Issues a token and answers with it. Every grant ends here, so that all tokens have the same claims and pass
 * the same customisation, status and events.
 *
 * Decides nothing: who may have the token, for what and bound to what was decided before.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 | RFC 9068 §2.2},
 *   {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 | RFC 6749 §5.1}
 */
export async function issueToken(
  ctx: GrantContext,
  provider: Provider,
  decision: TokenDecision,
  { now, signingKey }: IssueRules,
): Promise<void> {
  const { resource, scopes, lifetimeSeconds } = decision.target;
  const { jkt, x5t } = decision.binding;
  const scope = scopes.length === 0 ? undefined : scopes.join(' ');
  const left = decision.notAfter === undefined ? Infinity : Math.floor(decision.notAfter - now() / 1000);
  const expiresIn = Math.max(1, Math.min(lifetimeSeconds, left));
  const resourceServer = new provider.ResourceServer(resource, {
    scope: scope ?? '',
    audience: resource,
    accessTokenTTL: expiresIn,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: signingKey.algorithm, kid: signingKey.keyId } },
  });
  const token = new provider.ClientCredentials({ client: ctx.oidc.client, resourceServer, scope, expiresIn });
  if (jkt !== undefined) token.jkt = jkt;
  if (x5t !== undefined) token['x5t#S256'] = x5t;
  claims.set(token, {
    ...decision.claims,
    ...(decision.subject === undefined ? {} : { sub: decision.subject }),
    ...(decision.subjectIsClient === true ? { sub_type: 'client' } : {}),
    ...(decision.actor === undefined ? {} : { act: decision.actor }),
  });
  ctx.oidc.entity('ClientCredentials', token);
  const value = await token.save();
  ctx.body = {
    access_token: value,
    ...(decision.issuedTokenType === undefined ? {} : { issued_token_type: decision.issuedTokenType }),
    token_type: token.tokenType,
    expires_in: expiresIn,
    ...(scope === undefined ? {} : { scope }),
  };
}
