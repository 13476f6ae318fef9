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
}

/** What a client authentication may depend on. */
export interface ClientAuthenticationContext {
  /** The pinned authorization server. */
  readonly issuer: string;
  /** Where the request goes. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** The current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * How a client proves who it is at the token endpoint.
 *
 * Only to be built by the factories here or in their manner: `authenticate` adds the client's id and
 * proof, and conceals what is secret. Of what it throws, only names and codes get into the `cause` of the error.
 */
export interface ClientAuthentication {
  /** Registered name, such as `private_key_jwt`; compared with what the server offers. */
  readonly method: string;
  /** Signature algorithm where the method signs; compared with what the server offers. */
  readonly algorithm?: string | undefined;
  authenticate(request: TokenRequest, context: ClientAuthenticationContext): void | Promise<void>;
}

/** Tells whether a configured value is a client authentication. */
export function isClientAuthentication(value: unknown): value is ClientAuthentication {
  if (typeof value !== 'object' || value === null) return false;
  const { method, authenticate } = value as Partial<Record<keyof ClientAuthentication, unknown>>;
  return typeof method === 'string' && typeof authenticate === 'function';
}
