import type { PublicJwk } from '../keys/public-jwk.ts';
import type { ClientAccess } from './access.ts';

/** How a client proves itself, without anything secret. */
export type ClientAuthentication =
  | {
      readonly method: 'secret';
      /** The beginning of each secret, and when it was created (ISO 8601). */
      readonly secrets: readonly { readonly hint: string; readonly createdAt: string }[];
    }
  | {
      readonly method: 'private_key_jwt';
      /** The registered public keys; an assertion that names a key id must name one of theirs (`kid`). */
      readonly keys: readonly PublicJwk[];
    };

/** A registered client: a machine that may get tokens. */
export interface Client {
  readonly clientId: string;
  readonly label: string | undefined;
  readonly authentication: ClientAuthentication;
  readonly access: readonly ClientAccess[];
  /** ISO 8601. */
  readonly createdAt: string;
}
