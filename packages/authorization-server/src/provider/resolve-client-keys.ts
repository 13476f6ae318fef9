import { decodeProtectedHeader } from 'jose';
import { errors } from 'oidc-provider';

import type { PublishedKeys } from '../keys/published-keys.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';

/** Adds the keys that a client publishes to those it registered; a promise only when they are fetched. */
export type ResolveClientKeys = (
  credentials: ClientCredentials,
  assertion: unknown,
) => ClientCredentials | Promise<ClientCredentials>;

/** The one name under which the use of published keys is noted: their number has no end. */
export const PUBLISHED_KEYS = 'jwks_uri';

interface Resolved {
  readonly published: readonly PublicJwk[];
  readonly credentials: ClientCredentials;
}

/**
 * Makes the function that resolves `jwks_uri`, so that the engine, which would fetch unguarded and as often as it is
 * asked, never sees one.
 *
 * The result is the same object until the client or its published keys change. A registered key that has the
 * assertion's key id is used without asking.
 *
 * @throws errors.OIDCProviderError 503 when the keys were never fetched and cannot be
 */
export function createClientKeyResolver(publishedKeys: PublishedKeys): ResolveClientKeys {
  const resolved = new WeakMap<ClientCredentials, Resolved>();

  function join(
    credentials: ClientCredentials,
    published: readonly PublicJwk[] | undefined,
  ): ClientCredentials {
    if (published === undefined) {
      if (credentials.keys.length > 0) return credentials;
      throw unavailable();
    }
    const known = resolved.get(credentials);
    if (known?.published === published) return known.credentials;
    const keys = published.map((jwk) => ({ id: PUBLISHED_KEYS, jwk, expiresAt: undefined }));
    const joined = { ...credentials, keys: [...credentials.keys, ...keys] };
    resolved.set(credentials, { published, credentials: joined });
    return joined;
  }

  return (credentials, assertion) => {
    if (credentials.jwksUri === undefined || typeof assertion !== 'string') {
      return credentials;
    }
    const keyId = keyIdOf(assertion);
    if (keyId !== undefined && credentials.keys.some(({ jwk }) => jwk.kid === keyId)) return credentials;
    const found = publishedKeys.find(credentials.jwksUri, { keyId });
    return found instanceof Promise
      ? found.then((published) => join(credentials, published))
      : join(credentials, found);
  };
}

function keyIdOf(assertion: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(assertion);
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

function unavailable(): Error {
  const detail: TokenRefusalReason = 'client_keys_unavailable';
  const error = new errors.CustomOIDCProviderError(
    'temporarily_unavailable',
    'the keys that this client publishes cannot be fetched at the moment; try again',
    { detail },
  );
  const responseHeaders = { 'Retry-After': '30' };
  return Object.assign(error, { status: 503, statusCode: 503, responseHeaders });
}
