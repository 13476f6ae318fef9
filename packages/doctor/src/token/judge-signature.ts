import { printable } from '@mcp-m2m/core';
import {
  compactVerify,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type ProtectedHeaderParameters,
} from 'jose';

import type { Finding } from './diagnosis.ts';
import { warning } from './findings.ts';
import type { Walk } from './walk.ts';

/** Verifies the signature of a token against the keys that the authorization server publishes. */
export async function judgeSignature(
  { authorizationServer, recorder, signal }: Walk,
  token: string,
  { kid, alg }: ProtectedHeaderParameters,
): Promise<readonly Finding[]> {
  const jwksUri = authorizationServer?.jwksUri;
  if (jwksUri === undefined || alg === undefined || alg === 'none' || alg.startsWith('HS')) return [];
  let keys: ReturnType<typeof createLocalJWKSet>;
  try {
    const response = await recorder.fetch(jwksUri, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
  } catch (error) {
    signal.throwIfAborted();
    return [
      warning(
        'key_set_unavailable',
        `The keys of the authorization server cannot be read at ${jwksUri} (${error instanceof Error ? printable(error.message) : 'failure'}).`,
        'See whether that server is up: MCP servers need the keys to verify its tokens.',
      ),
    ];
  }
  try {
    await compactVerify(token, keys);
    return [];
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return [];
    if (error instanceof errors.JWKSNoMatchingKey) {
      return [
        warning(
          'signing_key_unknown',
          `The token is signed with the key ${printable(kid)}, which ${jwksUri} does not publish.`,
          'The token may be from another server or from before a change of keys: request a new one. If a new one has the same, have the operator publish the key.',
        ),
      ];
    }
    return [
      warning(
        'signature_invalid',
        'The signature of the token does not verify with the published key.',
        'The token was changed or cut on its way, or is from another server: copy it whole, or request a new one.',
      ),
    ];
  }
}
