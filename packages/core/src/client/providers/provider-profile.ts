/** A refusal by a token endpoint, as a profile sees it. Nothing in it is trusted. */
export interface ProviderRefusal {
  readonly status: number;
  readonly error: string | undefined;
  /** `error_description`, sanitised and bounded, without the request's secrets. */
  readonly description: string | undefined;
  readonly method: string;
}

/** Tells parameters for one MCP server, by its URL in canonical form. */
export type TokenParametersFor = (resource: string) => Readonly<Record<string, string>>;

/** Tells scopes for one MCP server, by its URL in canonical form. */
export type ScopesFor = (resource: string) => readonly string[];

/**
 * What one identity provider wants of a client that the specifications do not say, so that nobody has to
 * learn it from an error.
 */
export interface ProviderProfile {
  /** For messages: `Auth0`. */
  readonly provider: string;
  /** The issuer, where the profile can tell; then the option `issuer` may be left out. */
  readonly issuer?: string | undefined;
  /** Further parameters of every token request, or a function that tells those for one MCP server. */
  readonly tokenParameters: Readonly<Record<string, string>> | TokenParametersFor;
  /** Whether the `resource` parameter is left out, because the provider refuses or misreads it. */
  readonly omitResource: boolean;
  /**
   * Scopes of every request, exactly these: nothing that a server names is added. Or a function that tells those for
   * one MCP server.
   */
  readonly scopes?: readonly string[] | ScopesFor | undefined;
  /**
   * The option that says what tokens are for, where it says the same for every MCP server: then the profile is good
   * for one of them only.
   */
  readonly singleServerOption?: string | undefined;
  /** What a client assertion names as its audience. */
  readonly assertionAudience: 'issuer' | 'token-endpoint';
  /** `typ` of a client assertion, where the provider documents another than the specifications have. */
  readonly assertionType?: 'JWT' | undefined;
  /** The authentication methods that the provider has, where it lacks one that is usual elsewhere. */
  readonly authenticationMethods?: readonly string[] | undefined;
  /** What to look at where the MCP server refuses a token that this provider has issued. */
  readonly tokenRefusedHint?: string | undefined;
  /** What a person can do about a refusal; `undefined` where the general advice is all there is. */
  hintFor(refusal: ProviderRefusal): string | undefined;
}
