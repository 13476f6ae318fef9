import type { Generated } from 'kysely';

/**
 * Tables as this version knows them. Times are milliseconds since the epoch, `bigint` in the database;
 * JSON is text; scopes are separated by spaces.
 */
export interface Schema {
  clients: {
    id: string;
    label: string | null;
    method: 'secret' | 'private_key_jwt';
    /** Changes with every change to the client, its secrets, keys or access. */
    revision: string;
    created_at: number;
  };
  client_secrets: { id: string; client_id: string; mac: string; hint: string; created_at: number };
  client_keys: { id: string; client_id: string; public_jwk: string; created_at: number };
  client_access: { client_id: string; resource: string; scopes: string; position: number };
  signing_keys: {
    id: string;
    algorithm: string;
    public_jwk: string;
    sealed_private_jwk: string;
    state: 'current';
    created_at: number;
  };
  /** Assertions that were used; `expires_at` in seconds since the epoch. */
  replay: { id: string; expires_at: number };
  schema_version: { id: Generated<number>; version: number };
}
