/** A token request under construction. */
export interface TokenRequest {
  readonly headers: Headers;
  /** Parameters of the form body. */
  readonly parameters: URLSearchParams;
  /**
   * Keeps a value out of every message and cause, should the server or `fetch` echo it: in any case, in
   * hexadecimal or Base64, whole or in runs of at least 12 characters.
   */
  conceal(value: string): void;
  /**
   * Tells which revision of the secret or key the request is made with, where it can change. If that is refused,
   * it is compared with what `revision()` of the authentication says later.
   */
  noteRevision?(revision: string): void;
}

/** What a client authentication may depend on. */
export interface ClientAuthenticationContext {
  /** The pinned authorization server. */
  readonly issuer: string;
  /** Where the request goes. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** What an assertion names as its audience unless the authentication was told. Default `issuer`. */
  readonly assertionAudience?: 'issuer' | 'token-endpoint' | undefined;
  /** `typ` of an assertion unless the authentication was told. Default `client-authentication+jwt`. */
  readonly assertionType?: 'JWT' | undefined;
  /** The current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** The MCP server that the token is for, where there is one. */
  readonly resource?: string | undefined;
  /** Aborts when the time for the whole exchange is up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a client proves who it is at the token endpoint.
 *
 * Only to be built by the factories here or in their manner: `authenticate` adds the client's id and
 * proof, and conceals what is secret. Of what it throws, only names and codes get into the `cause` of the error,
 * unless it is a `ClientSecretError`.
 */
export interface ClientAuthentication {
  /** Registered name, such as `private_key_jwt`; compared with what the server offers. */
  readonly method: string;
  /** Signature algorithm where the method signs; compared with what the server offers. */
  readonly algorithm?: string | undefined;
  /**
   * Whether the proof is the connection's certificate: then the request goes to the `token_endpoint` among the
   * server's `mtls_endpoint_aliases`, where it names one.
   *
   * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-5 | RFC 8705 §5}
   */
  readonly mutualTls?: boolean | undefined;
  authenticate(request: TokenRequest, context: ClientAuthenticationContext): void | Promise<void>;
  /**
   * An opaque digest of the secret or key that would be used now: two that differ tell that it was rotated.
   * `undefined` where it cannot be read now; no such method where it cannot change. Never rejects, but takes as
   * long as reading does. Asked only while a credential stands refused whose revision `authenticate` has noted.
   */
  revision?(): Promise<string | undefined>;
}

/** Tells whether a configured value is a client authentication. */
export function isClientAuthentication(value: unknown): value is ClientAuthentication {
  if (typeof value !== 'object' || value === null) return false;
  const { method, authenticate } = value as Partial<Record<keyof ClientAuthentication, unknown>>;
  return typeof method === 'string' && typeof authenticate === 'function';
}
