import { verifyAccessToken, type AccessTokenRequirements, type VerifiedToken } from './access-token.ts';
import { createCaller, type Caller, type CallerSurroundings } from './caller.ts';
import { assertValidNow } from './claims.ts';
import type { Credentials, RequestHeaders } from './credentials.ts';
import type { RevocationCheck } from './revocation/revocation-check.ts';
import type { SenderConstraint } from './sender-constraint/sender-constraint.ts';
import type { VerifiedTokenCache } from './verified-token-cache.ts';

/** A request as an adapter hands it over: plain data, no framework type. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: RequestHeaders;
  /** The client's TLS certificate as DER, where this process ends TLS. */
  readonly clientCertificate?: Uint8Array | undefined;
}

/** Who calls, and the headers that the response must carry. */
export interface AuthenticatedCaller {
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
}

/** Turns credentials into a caller. Answers without a promise when nothing has to be waited for. */
export type Authenticator = (
  request: IncomingRequest,
  credentials: Credentials,
) => AuthenticatedCaller | Promise<AuthenticatedCaller>;

/** What an authenticator is made of. */
export interface AuthenticatorParts {
  readonly requirements: AccessTokenRequirements;
  readonly cache: VerifiedTokenCache;
  readonly senderConstraint: SenderConstraint;
  readonly checkRevocation: RevocationCheck;
  readonly surroundings: CallerSurroundings;
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

/**
 * Creates the steps from credentials to a caller: verify the token or find it verified, check its times, its
 * sender and its revocation.
 *
 * A token is verified once while it is used; everything that can change is checked on every request.
 */
export function createAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { requirements, cache, senderConstraint, checkRevocation, surroundings } = parts;

  const verify = async ({ token }: Credentials): Promise<VerifiedToken> => {
    const verified = await verifyAccessToken(token, requirements);
    if (verified.key !== undefined) cache.set(token, verified);
    return verified;
  };

  const findVerified = ({ token }: Credentials): VerifiedToken | undefined => {
    const known = cache.get(token);
    // A key or an issuer that was withdrawn takes its tokens along.
    if (known?.key === undefined || !known.issuer.keys.isCurrent(known.key)) return undefined;
    if (!requirements.issuers.isCurrent(known.issuer)) return undefined;
    assertValidNow(known.period, requirements.now() / 1000, requirements.clockToleranceSeconds);
    return known;
  };

  const check = (
    verified: VerifiedToken,
    request: IncomingRequest,
    credentials: Credentials,
  ): AuthenticatedCaller | Promise<AuthenticatedCaller> => {
    const binding = senderConstraint.check(credentials, verified.claims, request);
    const revocation = binding === undefined ? checkRevocation(verified) : undefined;
    if (binding === undefined && revocation === undefined) {
      return { caller: createCaller(credentials.token, verified, surroundings), headers: NO_HEADERS };
    }
    return finish(verified, credentials, binding, revocation);
  };

  const finish = async (
    verified: VerifiedToken,
    { token }: Credentials,
    binding: undefined | Promise<Readonly<Record<string, string>>>,
    revocation: undefined | Promise<void>,
  ): Promise<AuthenticatedCaller> => {
    const headers = binding === undefined ? NO_HEADERS : await binding;
    await (binding === undefined ? revocation : checkRevocation(verified));
    return { caller: createCaller(token, verified, surroundings), headers };
  };

  return (request, credentials) => {
    const verified = findVerified(credentials);
    if (verified !== undefined) return check(verified, request, credentials);
    return verify(credentials).then((fresh) => check(fresh, request, credentials));
  };
}
