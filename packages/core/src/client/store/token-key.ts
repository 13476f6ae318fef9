import { base64url } from 'jose';

/** Everything that makes one token another token. */
export interface TokenIdentity {
  /** The authorization server. */
  readonly issuer: string;
  readonly clientId: string;
  /** The MCP server that the token is for. */
  readonly resource: string;
  /** The scopes requested, in any order; `undefined` where they are left to the servers. */
  readonly scopes: readonly string[] | undefined;
  /** Thumbprint of the DPoP key that the token is bound to. */
  readonly dpopThumbprint?: string | undefined;
  /** On whose behalf the client acts, where it does. */
  readonly subject?: string | undefined;
  /** Who acts on its behalf, where that is not the client by its own authentication. */
  readonly actor?: string | undefined;
  /** Further parameters that decide which token it is, such as `grant_type` or Auth0's `audience`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/**
 * Names the place of a token in a {@link TokenStore}: 43 characters of base64url, the same for the same identity
 * whatever the order of scopes and parameters, different for any other, and telling nothing of it.
 *
 * Compares as the servers do, character by character: `https://a` and `https://a/` are two issuers.
 */
export async function tokenKey(identity: TokenIdentity): Promise<string> {
  const { issuer, clientId, resource, scopes, dpopThumbprint, subject, actor, parameters = {} } = identity;
  // JSON keeps the members apart whatever they contain, and writes half of a surrogate pair as an escape.
  const canonical = JSON.stringify([
    'mcp-m2m token 1',
    issuer,
    clientId,
    resource,
    scopes === undefined ? null : [...new Set(scopes)].toSorted(),
    dpopThumbprint ?? null,
    subject ?? null,
    Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ...(actor === undefined ? [] : [actor]),
  ]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical));
  return base64url.encode(new Uint8Array(digest));
}
