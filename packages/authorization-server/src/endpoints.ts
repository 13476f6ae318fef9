/** The URLs and request paths of an authorization server, all derived from its issuer. */
export interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  readonly jwks: string;
  readonly revocation: string;
  readonly introspection: string;
  /** Lists the status lists; each of them is below it. */
  readonly status: string;
  /** Path of the issuer without a trailing slash; empty for a bare origin. */
  readonly issuerPath: string;
}

/** Request paths below the issuer. */
export const PATHS = {
  authorization: '/authorize',
  token: '/token',
  jwks: '/jwks',
  revocation: '/revoke',
  introspection: '/introspect',
  status: '/status',
} as const;

/**
 * Derives the endpoints from the issuer. They never depend on the `Host` header of a request.
 *
 * @param issuer - a validated issuer identifier
 */
export function deriveEndpoints(issuer: string): Endpoints {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  return {
    authorization: base + PATHS.authorization,
    token: base + PATHS.token,
    jwks: base + PATHS.jwks,
    revocation: base + PATHS.revocation,
    introspection: base + PATHS.introspection,
    status: base + PATHS.status,
    issuerPath: new URL(issuer).pathname.replace(/\/$/, ''),
  };
}
