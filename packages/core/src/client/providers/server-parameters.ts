import { readTokenParameters } from '../token-parameters.ts';
import type { ProviderProfile } from './provider-profile.ts';

/** What the token requests for one MCP server have in them. */
export interface ServerParameters {
  readonly tokenParameters: Readonly<Record<string, string>>;
  /** Exactly these are requested, where the profile of the provider says so. */
  readonly fixedScopes: readonly string[] | undefined;
}

/**
 * Reads what a provider's profile says of one MCP server.
 *
 * @param tokenParameters - of the client itself: those of the profile give way to them
 * @throws TypeError for what a function of the profile returns, or whatever it throws
 */
export function readServerParameters(
  provider: ProviderProfile | undefined,
  resource: string,
  tokenParameters: Readonly<Record<string, string>>,
): ServerParameters {
  const further = provider?.tokenParameters;
  const scopes = provider?.scopes;
  return {
    tokenParameters: {
      ...(typeof further === 'function' ? readTokenParameters(further(resource)) : further),
      ...tokenParameters,
    },
    fixedScopes: typeof scopes === 'function' ? scopes(resource) : scopes,
  };
}
