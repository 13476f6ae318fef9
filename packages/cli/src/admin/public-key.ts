import { readFile } from 'node:fs/promises';

import { usageError } from '../command-error.ts';
import type { components } from './api-types.ts';

type PublicKey = components['schemas']['AddKey']['publicKey'];

/**
 * Reads a public key from a file: PEM, or a JWK. A private key is refused here already, so that it never leaves.
 *
 * @throws CommandError naming the file and what is wrong
 */
export async function readPublicKey(path: string): Promise<PublicKey> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(
      `The public key cannot be read from ${path} (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`,
    );
  }
  const jwk = parseJwk(text);
  if (/PRIVATE KEY/.test(text) || (jwk !== undefined && ('d' in jwk || 'k' in jwk))) {
    throw usageError(
      `${path} holds a private key, which stays with the client: register the public one ("openssl pkey -in ${path} -pubout").`,
    );
  }
  if (jwk !== undefined) return jwk;
  if (text.includes('-----BEGIN ')) return text;
  throw usageError(`${path} must hold a public key, in PEM or as a JWK.`);
}

function parseJwk(text: string): { kty: string; [member: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isKey =
      typeof value === 'object' && value !== null && typeof (value as { kty?: unknown }).kty === 'string';
    return isKey ? (value as { kty: string }) : undefined;
  } catch {
    return undefined;
  }
}
