import type { KeyObject } from 'node:crypto';

import { Provider } from 'oidc-provider';

import { findMatchingSecret } from '../clients/client-secret.ts';
import type { ClientAddress } from '../http/client-address.ts';
import type { RecordUse } from '../store/last-uses.ts';
import { assertPresentedAccepted } from '../grants/presented-assertion.ts';
import { assertClientMay, refuseQuietly } from './client-checks.ts';
import { credentialsOf } from './client-metadata.ts';

/** What replaces the engine's own client authentication. */
export interface ClientAuthenticationRules {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly macKey: KeyObject;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  readonly recordUse: RecordUse;
  readonly clientAddress: ClientAddress;
}

/**
 * Replaces three methods of an engine instance: secrets are compared by their HMAC, the audiences of client
 * assertions come from configuration, never from the request's `Host`, and whether a client that was
 * authenticated may use a grant is judged by all that is registered of it.
 *
 * The engine lets the issuer and the token endpoint pass; `assertAssertion` then refuses the latter, in
 * words.
 */
export function installClientAuthentication(
  provider: Provider,
  { issuer, tokenEndpoint, macKey, now, recordUse, clientAddress }: ClientAuthenticationRules,
): void {
  provider.Client.prototype.compareClientSecret = function (presented) {
    const { clientId, secrets } = credentialsOf(this);
    const secret = findMatchingSecret(macKey, presented, secrets);
    if (secret === undefined) return false;
    if (secret.expiresAt !== undefined && secret.expiresAt <= now()) {
      const ended = new Date(secret.expiresAt).toISOString();
      throw refuseQuietly('secret_expired', `the secret is right, and expired at ${ended}`);
    }
    recordUse(clientId, secret.id);
    return true;
  };
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([issuer, tokenEndpoint]);
  // The engine asks this after every authentication, before any grant.
  provider.Client.prototype.grantTypeAllowed = function (grantType) {
    const context = Provider.ctx;
    assertPresentedAccepted(context);
    const remoteAddress = context === undefined ? undefined : clientAddress(context.req);
    assertClientMay(credentialsOf(this), { grantType, remoteAddress, now: now() });
    return true;
  };
}
