import type { Fetch } from '../../bounded-document.ts';
import type { DpopProver } from '../dpop/dpop-prover.ts';
import type { Concealment } from '../token-endpoint/concealed-text.ts';
import type { TimeBudget } from '../token-endpoint/time-budget.ts';

/** What a grant may depend on when its parameters are made. */
export interface GrantContext {
  /** The pinned authorization server. */
  readonly issuer: string;
  readonly clientId: string;
  /** The MCP server, as its metadata writes it. */
  readonly resource: string;
  /** The scopes that will be requested; none means that the parameter is left out. */
  readonly scopes: readonly string[];
  readonly fetch: Fetch | undefined;
  /** The current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** For the whole acquisition. */
  readonly budget: TimeBudget;
  readonly concealment: Concealment;
  readonly dpop: DpopProver | undefined;
}

/** By what right a token is asked for. Only to be built by the factories here. */
export interface AuthorizationGrant {
  /** `grant_type`; compared with what the server offers. */
  readonly grantType: string;
  /**
   * Whose authority the token carries where it is not the client's own. Part of the key under which tokens are
   * kept; may be a token itself, and so is not enumerable.
   */
  readonly subject?: string | undefined;
  /** Who acts on the subject's behalf, where that is not the client by its own authentication; as `subject`. */
  readonly actor?: string | undefined;
  /** What `issued_token_type` of the answer must be; where the grant has none, the member is not read. */
  readonly issuedTokenTypes?: readonly string[] | undefined;
  /**
   * The parameters of the token request beside `resource`, `scope` and the client's authentication. Made anew for
   * every request.
   *
   * @throws TokenAcquisitionError
   */
  createParameters(context: GrantContext): Promise<GrantParameters>;
}

/** Parameters of one token request, and what is known of it from then on. */
export interface GrantParameters {
  readonly parameters: Readonly<Record<string, string>>;
  /** Tokens that the answer must not hand back as the new one. */
  readonly presentedTokens?: readonly string[] | undefined;
}

/** Tells whether a configured value is a grant. */
export function isAuthorizationGrant(value: unknown): value is AuthorizationGrant {
  if (typeof value !== 'object' || value === null) return false;
  const { grantType, createParameters } = value as Partial<Record<keyof AuthorizationGrant, unknown>>;
  return typeof grantType === 'string' && typeof createParameters === 'function';
}

/**
 * Adds to a grant whose authority it stands for, and who acts by it, out of sight of `inspect` and
 * `JSON.stringify`.
 */
export function withSubject(grant: AuthorizationGrant, subject: string, actor?: string): AuthorizationGrant {
  return Object.defineProperties(grant, { subject: { value: subject }, actor: { value: actor } });
}
