import { randomBytes } from 'node:crypto';

import type { AdapterPayload, Client, JWK } from 'oidc-provider';

import type { ClientAccess } from '../clients/access.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import { GRANT_TYPES } from './grant-guidance.ts';

/** Client metadata of our own, carried by the engine's client objects. */
export const OWN_CLIENT_METADATA = ['mcp_access', 'mcp_secret_macs'];

// The engine demands a secret in clear for clients that authenticate with one. It gets a random value
// that nobody knows and nothing is compared with; were the comparison ever not ours, nobody would get in.
const PLACEHOLDER_SECRET = randomBytes(32).toString('base64url');

const converted = new WeakMap<ClientCredentials, AdapterPayload>();

/**
 * Turns a stored client into the metadata the engine expects.
 *
 * Nothing in it changes from request to request: the engine keeps parsed clients by the hash of their
 * metadata, and would otherwise parse the client and import its keys every time.
 */
export function toEngineClient(credentials: ClientCredentials): AdapterPayload {
  const known = converted.get(credentials);
  if (known !== undefined) return known;
  const metadata = {
    client_id: credentials.clientId,
    grant_types: [...GRANT_TYPES],
    response_types: [],
    redirect_uris: [],
    ...(credentials.method === 'secret'
      ? { token_endpoint_auth_method: 'client_secret_basic', client_secret: PLACEHOLDER_SECRET }
      : { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: credentials.keys as JWK[] } }),
    mcp_access: credentials.access,
    mcp_secret_macs: credentials.secretMacs,
  } as unknown as AdapterPayload;
  converted.set(credentials, metadata);
  return metadata;
}

/** What the engine's client may do. */
export function accessOf(client: Client): readonly ClientAccess[] {
  return client['mcp_access'] as readonly ClientAccess[];
}

/** The MACs of the engine's client's secrets. */
export function secretMacsOf(client: Client): readonly string[] {
  return client['mcp_secret_macs'] as readonly string[];
}
