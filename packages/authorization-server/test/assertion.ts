import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';

import { CompactSign } from 'jose';

import type { PublicJwk } from '../src/index.ts';
import { MCP, requestToken, type Answer, type RunningServer } from './running-server.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A client that signs assertions. */
export interface SigningClient {
  readonly clientId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: PublicJwk;
}

export function generateSigningClient(clientId: string): SigningClient {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { clientId, privateKey, publicKey: publicKey.export({ format: 'jwk' }) as PublicJwk };
}

export async function registerWithKey(
  { server }: RunningServer,
  clientId: string,
  scopes: readonly string[] = ['deploy:read'],
): Promise<SigningClient> {
  const client = generateSigningClient(clientId);
  await server.clients.create({
    clientId,
    authentication: { method: 'private_key_jwt', publicKey: client.publicKey },
    access: [{ resource: MCP, scopes }],
  });
  return client;
}

/** Seconds since the epoch. */
export const seconds = (): number => Math.floor(Date.now() / 1000);

/** Claims of a correct assertion; what is given as undefined is left out. */
export function claimsFor(
  { clientId }: { readonly clientId: string },
  { issuer }: { readonly issuer: string },
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const now = seconds();
  return {
    iss: clientId,
    sub: clientId,
    aud: issuer,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
    ...changes,
  };
}

export async function signAssertion(
  key: KeyObject | Uint8Array,
  claims: unknown,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(key);
}

export async function requestWithAssertion(
  running: { readonly issuer: string },
  assertion: string,
  parameters: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return await requestToken(
    running,
    {
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: assertion,
      ...parameters,
    },
    headers,
  );
}
