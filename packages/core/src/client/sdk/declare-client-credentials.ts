import {
  clientCredentialsCapabilities,
  type ClientCredentialsCapabilities,
} from '../../client-credentials-extension.ts';

/** What {@link declareClientCredentials} adds to the options of a client. */
export interface DeclaringClientOptions {
  capabilities: ClientCredentialsCapabilities;
}

/**
 * The options of an MCP client, with the client-credentials extension declared among its capabilities:
 * `new Client(info, declareClientCredentials())`. For SDK v1 and v2, and both protocol revisions.
 *
 * Leaves what it is given as it is, and keeps other extensions.
 *
 * @param options - the client's other options
 * @throws TypeError where that is no object
 * @see {@link https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials | MCP OAuth client credentials}
 */
export function declareClientCredentials(): DeclaringClientOptions;
export function declareClientCredentials<const Options extends object>(
  options: Options,
): Options & DeclaringClientOptions;
export function declareClientCredentials(options?: object): DeclaringClientOptions {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new TypeError('declareClientCredentials takes the options of the client, or nothing.');
  }
  const { capabilities } = (options ?? {}) as { capabilities?: { extensions?: object } };
  const { extensions } = clientCredentialsCapabilities();
  return {
    ...options,
    capabilities: { ...capabilities, extensions: { ...capabilities?.extensions, ...extensions } },
  };
}
