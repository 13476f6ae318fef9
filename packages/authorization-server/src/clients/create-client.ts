import { randomUUID, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

import { assertKnownOptions } from '@mcp-m2m/core';

import { parseClientPublicKey } from '../keys/client-public-key.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { searchTextOf, type NewClient, type NewKey, type NewSecret } from '../store/client-store.ts';
import { parseAccess, type ClientAccess } from './access.ts';
import type { Client } from './client.ts';
import { generateClientId, parseClientId } from './client-id.ts';
import { generateClientSecret, hintOf, macOfSecret } from './client-secret.ts';
import { CLIENT_SETTINGS, parseClientSettings, type ClientSettings } from './client-settings.ts';
import { assertDefaultResource } from './default-resource.ts';
import { defaultGrantTypes } from './grant-types.ts';
import { parseFutureTime } from './iso-time.ts';

/** How a new client is to prove itself. Times are ISO 8601. */
export type ClientAuthenticationOptions =
  /** A secret is generated and returned once. */
  | { readonly method: 'secret'; readonly expiresAt?: string }
  /**
   * The client signs assertions; the server holds the public key alone, as a JWK or PEM text. With `jwksUri`
   * it may be left out.
   */
  | {
      readonly method: 'private_key_jwt';
      readonly publicKey?: PublicJwk | string;
      readonly expiresAt?: string;
    }
  /** It has no credential of its own: trust rules say which JWTs of which issuer stand for it. */
  | { readonly method: 'workload' };

/** Options of `clients.create`. */
export interface CreateClientOptions extends ClientSettings {
  /** Made up when left out. */
  readonly clientId?: string;
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
 * @param now - milliseconds
 * @throws TypeError naming the option and the mend
 */
export async function prepareClient(
  options: CreateClientOptions,
  resources: ReadonlyMap<string, readonly string[]>,
  macKey: KeyObject,
  now: number,
): Promise<PreparedClient> {
  assertKnownOptions(options, ['clientId', 'authentication', 'access', ...CLIENT_SETTINGS], 'clients.create');
  const id = options.clientId === undefined ? generateClientId() : parseClientId(options.clientId);
  const { method, secret, secrets, keys } = await prepareAuthentication(options, macKey, now);
  const access = parseAccess(options.access, resources);
  const settings = parseClientSettings(options, method, now);
  assertDefaultResource(settings.default_resource, access);
  const row = {
    grant_types: defaultGrantTypes(method).join(' '),
    ...settings,
    id,
    method,
    state: 'enabled',
    revision: randomUUID(),
    search_text: '',
    created_at: now,
    updated_at: now,
  } as const;
  return { client: { row: { ...row, search_text: searchTextOf(row) }, secrets, keys, access }, secret };
}

interface PreparedAuthentication {
  readonly method: ClientAuthenticationOptions['method'];
  readonly secret: string | undefined;
  readonly secrets: readonly NewSecret[];
  readonly keys: readonly NewKey[];
}

async function prepareAuthentication(
  { authentication, jwksUri }: CreateClientOptions,
  macKey: KeyObject,
  now: number,
): Promise<PreparedAuthentication> {
  switch (authentication?.method) {
    case 'secret': {
      assertKnownOptions(authentication, ['method', 'expiresAt'], 'authentication');
      const { secret, stored } = createSecret(macKey, parseExpiry(authentication, now));
      return { method: 'secret', secret, secrets: [stored], keys: [] };
    }
    case 'private_key_jwt': {
      assertKnownOptions(authentication, ['method', 'publicKey', 'expiresAt'], 'authentication');
      const expiresAt = parseExpiry(authentication, now);
      // A missing key is refused by name, unless the client publishes its keys.
      const publishes = authentication.publicKey === undefined && typeof jwksUri === 'string';
      const jwk = publishes ? undefined : await parseClientPublicKey(authentication.publicKey);
      const keys = jwk === undefined ? [] : [{ id: randomUUID(), jwk, expiresAt }];
      return { method: 'private_key_jwt', secret: undefined, secrets: [], keys };
    }
    case 'workload':
      assertKnownOptions(authentication, ['method'], 'authentication');
      return { method: 'workload', secret: undefined, secrets: [], keys: [] };
    default:
      throw new TypeError(
        'authentication must be { method: "secret" }, { method: "private_key_jwt", publicKey } or { method: "workload" }.',
      );
  }
}

function parseExpiry({ expiresAt }: { readonly expiresAt?: string }, now: number): number | undefined {
  return expiresAt === undefined ? undefined : parseFutureTime(expiresAt, 'authentication.expiresAt', now);
}

/** Makes a secret, and what is stored of it. */
export function createSecret(
  macKey: KeyObject,
  expiresAt: number | undefined,
): { readonly secret: string; readonly stored: NewSecret } {
  const secret = generateClientSecret();
  const stored = { id: randomUUID(), mac: macOfSecret(macKey, secret), hint: hintOf(secret), expiresAt };
  return { secret, stored };
}

/** Joins what is stored with the secret, so that printing the result does not print the secret. */
export function revealOnce<Stored extends object>(
  stored: Stored,
  secret: string,
): Stored & { readonly secret: string } {
  return Object.defineProperty({ ...stored, secret }, inspect.custom, {
    enumerable: false,
    value: () => ({ ...stored, secret: '[shown once]' }),
  });
}
