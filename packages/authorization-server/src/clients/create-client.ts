import { randomUUID, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

import { assertKnownOptions } from '@mcp-m2m/core';

import { parseClientPublicKey } from '../keys/client-public-key.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import type { NewClient } from '../store/client-store.ts';
import { parseAccess, type ClientAccess } from './access.ts';
import type { Client } from './client.ts';
import { generateClientId, parseClientId } from './client-id.ts';
import { generateClientSecret, hintOf, macOfSecret } from './client-secret.ts';

/** How a new client is to prove itself. */
export type ClientAuthenticationOptions =
  /** A secret is generated and returned once. */
  | { readonly method: 'secret' }
  /** The client signs assertions; the server holds the public key alone, as a JWK or PEM text. */
  | { readonly method: 'private_key_jwt'; readonly publicKey: PublicJwk | string };

/** Options of `clients.create`. */
export interface CreateClientOptions {
  /** Made up when left out. */
  readonly clientId?: string;
  /** For people, at most 200 characters. */
  readonly label?: string;
  readonly authentication: ClientAuthenticationOptions;
  /** The resources and scopes the client may get tokens for, at least one. */
  readonly access: readonly ClientAccess[];
}

/** A client that was just created. `inspect` does not show the secret. */
export type CreatedClient = Client & {
  /** The secret, for `authentication.method: 'secret'`. Returned this once; it cannot be read again. */
  readonly secret?: string;
};

/** A client ready to be stored, and its secret if it has one. */
export interface PreparedClient {
  readonly client: NewClient;
  readonly secret: string | undefined;
}

/**
 * Validates the options of a new client and creates its secret.
 *
 * @param options - what the owner passed
 * @param resources - the server's scopes by resource
 * @param macKey - key for the secret's HMAC
 * @throws TypeError naming the option and the mend
 */
export async function prepareClient(
  options: CreateClientOptions,
  resources: ReadonlyMap<string, readonly string[]>,
  macKey: KeyObject,
): Promise<PreparedClient> {
  assertKnownOptions(options, ['clientId', 'label', 'authentication', 'access'], 'clients.create');
  const { authentication } = options;
  const common = {
    clientId: options.clientId === undefined ? generateClientId() : parseClientId(options.clientId),
    label: parseLabel(options.label),
    access: parseAccess(options.access, resources),
    revision: randomUUID(),
  };
  switch (authentication?.method) {
    case 'secret': {
      assertKnownOptions(authentication, ['method'], 'authentication');
      const secret = generateClientSecret();
      const stored = { id: randomUUID(), mac: macOfSecret(macKey, secret), hint: hintOf(secret) };
      return { client: { ...common, method: 'secret', secrets: [stored], keys: [] }, secret };
    }
    case 'private_key_jwt': {
      assertKnownOptions(authentication, ['method', 'publicKey'], 'authentication');
      const jwk = await parseClientPublicKey(authentication.publicKey);
      return {
        client: { ...common, method: 'private_key_jwt', secrets: [], keys: [{ id: randomUUID(), jwk }] },
        secret: undefined,
      };
    }
    default:
      throw new TypeError(
        'authentication must be { method: "secret" } or { method: "private_key_jwt", publicKey }.',
      );
  }
}

/** Joins a stored client with its secret, so that printing the result does not print the secret. */
export function revealOnce(client: Client, secret: string | undefined): CreatedClient {
  if (secret === undefined) return client;
  return Object.defineProperty({ ...client, secret }, inspect.custom, {
    enumerable: false,
    value: () => ({ ...client, secret: '[shown once]' }),
  });
}

function parseLabel(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > 200) {
    throw new TypeError('label must be a text of 1 to 200 characters, or be left out.');
  }
  return value;
}
