import type { PublicJwk } from '../keys/public-jwk.ts';
import type { ClientAccess } from './access.ts';
import type { GrantType } from './grant-types.ts';

/** A secret of a client, without anything secret. Times are ISO 8601. */
export interface ClientSecret {
  readonly id: string;
  /** The beginning of the secret. */
  readonly hint: string;
  /** `retiring`: another one takes its place, and it is valid until `expiresAt`. */
  readonly state: 'active' | 'retiring' | 'expired';
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
  readonly lastUsedAt: string | undefined;
}

/** A registered public key. Times are ISO 8601. */
export interface ClientKey {
  readonly id: string;
  /** An assertion that names a key id must name its `kid`. */
  readonly publicKey: PublicJwk;
  readonly state: 'active' | 'expired';
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
  readonly lastUsedAt: string | undefined;
}

/** How a client proves itself, without anything secret. */
export type ClientAuthentication =
  | { readonly method: 'secret'; readonly secrets: readonly ClientSecret[] }
  | { readonly method: 'private_key_jwt'; readonly keys: readonly ClientKey[] }
  /** It has no credential of its own: JWTs of a trusted issuer stand for it, as trust rules say. */
  | { readonly method: 'workload' };

/** A registered client: a machine that may get tokens. Times are ISO 8601. */
export interface Client {
  readonly clientId: string;
  readonly label: string | undefined;
  readonly owner: string | undefined;
  readonly description: string | undefined;
  readonly state: 'enabled' | 'disabled';
  readonly authentication: ClientAuthentication;
  /** Where it publishes further keys. */
  readonly jwksUri: string | undefined;
  /** Which audience its assertions may have beside the issuer. */
  readonly assertionAudience: 'token-endpoint' | undefined;
  readonly grantTypes: readonly GrantType[];
  readonly access: readonly ClientAccess[];
  /** The resource of a token request that names none. */
  readonly defaultResource: string | undefined;
  /** How long its tokens live; as the server has it when undefined. */
  readonly tokenLifetimeSeconds: number | undefined;
  /** What every token has to be bound to. */
  readonly senderConstraint: 'dpop' | 'mtls' | undefined;
  /** Addresses and networks that requests may come from; any when undefined. */
  readonly addresses: readonly string[] | undefined;
  /** From when on it gets no tokens. */
  readonly expiresAt: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** When it last proved itself, up to five seconds late. */
  readonly lastUsedAt: string | undefined;
  /** Another one after every change, for `ifRevision`. */
  readonly revision: string;
}
