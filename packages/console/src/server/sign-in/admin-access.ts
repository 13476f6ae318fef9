import type { Fetch } from '@mcp-m2m/core';
import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  TokenAcquisitionError,
  type AuthorizedFetch,
} from '@mcp-m2m/core/client';

import { ConsoleProblem } from '../http/problem.ts';

/** A way to the administrative API. Holds its token; nobody gets to see it. */
export interface AdminAccess {
  /** Sends a request with the token. */
  readonly fetch: AuthorizedFetch;
  /** What the token is good for. */
  readonly scopes: readonly string[];
}

/** A credential of an administrator. */
export interface AdminCredential {
  readonly clientId: string;
  readonly clientSecret: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Gets a token for the administration of the authorization server.
 *
 * @param issuer - the authorization server; its administration is the resource `<issuer>/admin`
 * @throws ConsoleProblem that says why there is none and what to do
 */
export async function openAdminAccess(
  issuer: string,
  { clientId, clientSecret }: AdminCredential,
  fetch: Fetch,
  now: () => number,
): Promise<AdminAccess> {
  const resource = `${issuer.replace(/\/$/, '')}/admin`;
  const tokens = createTokenSource({
    resource,
    issuer,
    clientId,
    authentication: clientSecretBasic({ clientSecret }),
    fetch,
    now,
    timeoutMilliseconds: TIMEOUT_MS,
  });
  try {
    const { scopes } = await tokens.getToken();
    return {
      scopes,
      fetch: authorizedFetch(tokens, {
        fetch: (url, init) => fetch(url instanceof Request ? url.url : new URL(url).href, init ?? {}),
      }),
    };
  } catch (error) {
    throw explain(error, issuer);
  }
}

function explain(error: unknown, issuer: string): unknown {
  if (!(error instanceof TokenAcquisitionError)) return error;
  if (error.code === 'invalid_client') {
    return new ConsoleProblem(
      401,
      'credential_refused',
      'The authorization server does not accept this client id and secret. Check both; the secret may have been rotated, or the client disabled.',
    );
  }
  if (['invalid_target', 'invalid_scope', 'unauthorized_client'].includes(error.code)) {
    return new ConsoleProblem(
      403,
      'not_an_administrator',
      `This client may not use the administration. Sign in with one that has admin:read or admin:write at ${issuer.replace(/\/$/, '')}/admin.`,
    );
  }
  return new ConsoleProblem(
    503,
    'authorization_server_unavailable',
    `The authorization server gives no token for its administration: ${error.message}`,
    error.retryAfterSeconds ?? 5,
  );
}
