import type { CryptoKey, JWK } from 'jose';
import { refuseUnknownOptions } from './known-options.ts';

/** A confidential client, as registered with the authority. */
export interface TestClient {
  readonly clientId: string;
  /** For `client_secret_basic` and `client_secret_post`. */
  readonly secret?: string;
  /** For `private_key_jwt`; a `SigningKey` has it as `publicJwk` and as `publicKey`. */
  readonly publicKey?: JWK | CryptoKey;
  /** The scopes it may ask for, and gets when it asks for none. Default: whatever it asks for. */
  readonly scopes?: readonly string[];
  /** The resources it may ask for. Default: any absolute URI. */
  readonly resources?: readonly string[];
}

const KNOWN_OPTIONS = ['clientId', 'secret', 'publicKey', 'scopes', 'resources'];

/** Refuses a client that could never authenticate. */
export function assertTestClient(client: TestClient): void {
  refuseUnknownOptions(client, KNOWN_OPTIONS, 'registerClient');
  if (typeof client.clientId !== 'string' || client.clientId === '') {
    throw new TypeError('registerClient: clientId must be a non-empty string.');
  }
  if (client.secret === undefined && client.publicKey === undefined) {
    throw new TypeError(`registerClient: ${client.clientId} needs a secret, a publicKey or both.`);
  }
}
