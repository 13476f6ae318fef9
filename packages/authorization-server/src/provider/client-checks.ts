import { printable } from '@mcp-m2m/core';
import { errors } from 'oidc-provider';

import { isInAddressList } from '../clients/address-list.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';

/** What is known of a token request once its client is. */
export interface ClientRequest {
  readonly grantType: string;
  /** Where it came from. */
  readonly remoteAddress: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

/** The part of a client that is judged. */
export type JudgedClient = Pick<
  ClientCredentials,
  'clientId' | 'state' | 'expiresAt' | 'addresses' | 'grantTypes'
>;

/**
 * Judges whether a client that was authenticated may use a grant now, from where it asks.
 *
 * Disabled, expired and elsewhere are answered like a wrong secret: who holds a stolen one is not to learn
 * that it is right. Does not authenticate, and does not judge resource, scope or binding.
 *
 * @throws errors.InvalidClientAuth with the reason as detail, or errors.UnauthorizedClient in words
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export function assertClientMay(client: JudgedClient, request: ClientRequest): void {
  if (client.state === 'disabled') throw refuseQuietly('client_disabled', 'the client is disabled');
  if (client.expiresAt !== undefined && client.expiresAt <= request.now) {
    throw refuseQuietly(
      'client_expired',
      `the client expired at ${new Date(client.expiresAt).toISOString()}`,
    );
  }
  if (client.addresses !== undefined && !isInAddressList(client.addresses, request.remoteAddress)) {
    throw refuseQuietly(
      'address_not_allowed',
      'the request came from an address that is not in the list of the client',
    );
  }
  // Whoever holds tokens may give them back.
  if (request.grantType !== 'revocation' && !client.grantTypes.includes(request.grantType)) {
    throw new errors.UnauthorizedClient(
      `this client is not registered for the grant ${printable(request.grantType)}; it is for ${client.grantTypes.join(' and ')}`,
      'grant_type_not_registered' satisfies TokenRefusalReason,
    );
  }
}

/**
 * Makes the refusal of a client that is told no more than after a wrong secret.
 *
 * @param operatorDetail - for the operator alone
 */
export function refuseQuietly(reason: TokenRefusalReason, operatorDetail: string): Error {
  return Object.assign(new errors.InvalidClientAuth(reason), { operatorDetail });
}
