import { randomBytes } from 'node:crypto';

import type { AdapterPayload, Client, JWK } from 'oidc-provider';

import type { ClientCredentials } from '../store/client-credentials.ts';
import { GRANT_TYPES } from './grant-guidance.ts';

/** Client metadata of our own, carried by the engine's client objects. */
export const OWN_CLIENT_METADATA = ['mcp_client'];

// The engine demands a secret in clear for clients that authenticate with one. It gets a random value
// that nobody knows and nothing is compared with; were the comparison ever not ours, nobody would get in.
const PLACEHOLDER_SECRET = randomBytes(32).toString('base64url');

/** A client within the engine's metadata, where it is written as no more than its revision. */
interface CarriedClient {
  readonly credentials: ClientCredentials;
  readonly toJSON: () => string;
}

const converted = new WeakMap<ClientCredentials, AdapterPayload>();
const provenOnes = new WeakMap<ClientCredentials, AdapterPayload>();

/**
 * Turns a stored client into the metadata the engine expects.
 *
 * Nothing in it changes from request to request: the engine keeps parsed clients by the hash of their
 * metadata, and would otherwise parse the client and import its keys every time. The hash covers the client by
 * its revision, and the keys, which can change without one where they are fetched.
 *
 * A client without a credential of its own gets the placeholder as well: it has no secret that would match.
 */
export function toEngineClient(credentials: ClientCredentials): AdapterPayload {
  const known = converted.get(credentials);
  if (known !== undefined) return known;
  const carried: CarriedClient = { credentials, toJSON: () => credentials.revision };
  const metadata = {
    client_id: credentials.clientId,
    grant_types: [...GRANT_TYPES],
    response_types: [],
    redirect_uris: [],
    ...(credentials.method === 'private_key_jwt'
      ? {
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: credentials.keys.map(({ jwk }) => jwk) as JWK[] },
        }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: PLACEHOLDER_SECRET }),
    mcp_client: carried,
  } as unknown as AdapterPayload;
  converted.set(credentials, metadata);
  return metadata;
}

/**
 * The same for a request in which something else than the client's own credential has proven who it is: the
 * engine is to ask for none.
 */
export function toProvenEngineClient(credentials: ClientCredentials): AdapterPayload {
  let metadata = provenOnes.get(credentials);
  if (metadata === undefined) {
    const { jwks: _keys, client_secret: _secret, ...rest } = toEngineClient(credentials);
    metadata = { ...rest, token_endpoint_auth_method: 'none' };
    provenOnes.set(credentials, metadata);
  }
  return metadata;
}

/** What is stored of the engine's client. */
export function credentialsOf(client: Client): ClientCredentials {
  return (client['mcp_client'] as CarriedClient).credentials;
}
