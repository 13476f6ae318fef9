import type { MintOptions, TokenClaims } from './access-token.ts';
import type { TestClient } from './client-registry.ts';
import type { TokenPart } from './compact-jws.ts';
import type { TestEndpoints } from './endpoint.ts';
import type { AuthorityMetadata } from './metadata-document.ts';
import type { IdentityProvider, MintAsOptions } from './provider-token.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { SigningAlgorithm, SigningKey } from './signing-key.ts';

/** Which key signs, and how; see `MintOptions`. */
export type KeyChoice = Pick<MintOptions, 'key' | 'algorithm'>;

/** A running authority; see `createTestAuthority`. */
export interface TestAuthority extends AsyncDisposable {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
  readonly introspectionEndpoint: string;
  /** The metadata as served now, overrides included. */
  readonly metadata: AuthorityMetadata;
  /** The key set as served now. */
  readonly jwks: unknown;
  /** The key that signs now. */
  readonly signingKey: SigningKey;
  /** Every endpoint's requests and faults. */
  readonly endpoints: TestEndpoints;
  /** Every request that reached the authority, to whatever path, oldest first. */
  readonly requests: readonly RecordedRequest[];
  clearRequests(): void;

  /**
   * Overrides members of the metadata, such as `issuer` or `token_endpoint`; `undefined` removes one. Tokens and
   * addresses stay what they were.
   */
  setMetadata(overrides: AuthorityMetadata): void;
  /** Registers a client for the token and introspection endpoints, or replaces it. */
  registerClient(client: TestClient): void;

  /**
   * Mints an RFC 9068 access token of a machine. `claims` are added to the defaults (`iss`, `aud`, `sub`,
   * `client_id`, `scope`, `iat`, `exp`, `jti`); a claim of `undefined` is left out.
   *
   * @throws TypeError when neither `claims` nor the authority name an audience
   */
  mint(claims?: TokenClaims, options?: MintOptions): string;
  /**
   * Mints a token as an identity provider would: a machine's access token unless `options` say otherwise. The
   * authority stays the issuer; give it the path and the algorithm that the provider has.
   */
  mintAs(provider: IdentityProvider, claims?: TokenClaims, options?: MintAsOptions): string;
  /** Signs exactly the parts given: objects are serialised, text and bytes stay as they are. */
  mintRaw(parts: { header: TokenPart; payload: TokenPart }, options?: KeyChoice): string;
  /** Signs `header.payload` as it is, and returns the third part alone, in base64url. */
  sign(signingInput: string | Uint8Array, options?: KeyChoice): string;
  /** Registers an opaque token with the claims that `mint` would use, and returns it. */
  mintOpaque(claims?: TokenClaims, options?: Pick<MintOptions, 'expiresInSeconds'>): string;
  /** Makes introspection call a token inactive, be it opaque or a JWT. */
  revoke(token: string): void;

  /** Publishes another key, which does not sign unless `mint` is told so. */
  addKey(algorithm: SigningAlgorithm): Promise<SigningKey>;
  /** Signs with a new key from now on; the old keys stay published. */
  rotate(): Promise<SigningKey>;
  /** Signs with a new key from now on; every other key is gone. */
  rotateHard(): Promise<SigningKey>;
  /** Serves this document instead of the key set, until a rotation or a call with `undefined`. */
  publishKeys(jwks: unknown): void;

  /** The authority's clock, in milliseconds. Pass it to the code under test, so that both move together. */
  readonly now: () => number;
  /** Moves the clock, back when negative. Nothing waits for it. */
  advanceSeconds(seconds: number): void;

  /** Cuts every open connection, and each new one as soon as it has sent its request, which is still recorded. */
  goDown(): void;
  /** Takes requests at every endpoint, and answers none. */
  hang(): void;
  /** Ends `goDown`, `hang` and the faults of every endpoint. */
  comeBack(): void;
  /** Stops the server and destroys every connection, hanging ones too. */
  close(): Promise<void>;
}
