import { DocumentError, fetchJsonDocument, printable } from '@mcp-m2m/core';
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';

import type { Finding } from '../diagnosis.ts';
import { warning } from '../findings.ts';
import { documentOptions } from '../steps/protected-resource-metadata.ts';
import type { Walk } from '../walk.ts';
import type { UnverifiedToken } from './read-token.ts';

/** Verifies the signature of a token against the keys that the authorization server publishes. */
export async function judgeSignature(
  walk: Walk,
  token: string,
  { header }: UnverifiedToken,
): Promise<readonly Finding[]> {
  const jwksUri = walk.authorizationServer?.jwksUri;
  const { alg, kid } = header;
  if (jwksUri === undefined || typeof alg !== 'string' || /^(?:none$|HS)/i.test(alg)) return [];
  let keys: ReturnType<typeof createLocalJWKSet>;
  try {
    const { value } = await fetchJsonDocument(jwksUri, documentOptions(walk));
    keys = createLocalJWKSet(value as unknown as JSONWebKeySet);
  } catch (error) {
    walk.signal.throwIfAborted();
    const why =
      error instanceof DocumentError
        ? `expected ${error.expected}, received ${error.received}`
        : 'expected a JSON Web Key Set, received something else';
    return [
      warning(
        'key_set_unavailable',
        `The keys of the authorization server cannot be read at ${jwksUri}: ${why}.`,
        'See whether that server is up and publishes its keys there: MCP servers need them to verify its tokens.',
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
