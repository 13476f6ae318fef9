import type { KeyObject } from 'node:crypto';

import type { Provider } from 'oidc-provider';

import { secretMatches } from '../clients/client-secret.ts';
import { secretMacsOf } from './client-metadata.ts';

/** What replaces the engine's own client authentication. */
export interface ClientAuthenticationRules {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly macKey: KeyObject;
}

/**
 * Replaces two methods of an engine instance: secrets are compared by their HMAC, and the audiences of
 * client assertions come from configuration, never from the request's `Host`.
 *
 * The engine lets the issuer and the token endpoint pass; `assertAssertion` then refuses the latter, in
 * words.
 */
export function installClientAuthentication(
  provider: Provider,
  { issuer, tokenEndpoint, macKey }: ClientAuthenticationRules,
): void {
  provider.Client.prototype.compareClientSecret = function (presented) {
    return secretMatches(macKey, presented, secretMacsOf(this));
  };
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([issuer, tokenEndpoint]);
}
