import type { ClientCredentials, FindClientCredentials } from '../store/client-credentials.ts';
import type { RevocationStore } from '../store/revocation-store.ts';
import type { OwnToken, ReadOwnToken } from './own-token.ts';

/** The answer about a token. */
export type IntrospectionAnswer = { readonly active: false } | IntrospectedToken;

/** What is told of an active token: its claims, and how it is used. */
export interface IntrospectedToken {
  readonly active: true;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly [claim: string]: unknown;
}

/** Answers a resource server's question about a token. */
export type Introspect = (token: string, caller: ClientCredentials) => Promise<IntrospectionAnswer>;

/** Tells whether a token still stands: it was not revoked, and its client may have it. */
export type StandsStill = (token: OwnToken) => Promise<boolean>;

const INACTIVE = { active: false } as const;

/**
 * Makes the function that answers about tokens.
 *
 * Only a resource server among the token's audience is told anything: every other token is as good as unknown
 * to it. Whether the caller may ask at all was judged before.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.2 | RFC 7662 §2.2}
 */
export function createIntrospect(readOwnToken: ReadOwnToken, standsStill: StandsStill): Introspect {
  return async (text, caller) => {
    const token = await readOwnToken(text);
    if (token === undefined || !isFor(token, caller) || !(await standsStill(token))) return INACTIVE;
    // The answer is the token's status.
    const { status: _status, ...claims } = token.claims;
    const isBoundToKey =
      typeof claims['cnf'] === 'object' && claims['cnf'] !== null && 'jkt' in claims['cnf'];
    return { ...claims, active: true, token_type: isBoundToKey ? 'DPoP' : 'Bearer' };
  };
}

/** Whether a token is for a resource that the caller is registered for. */
export function isFor({ claims: { aud } }: OwnToken, { access }: ClientCredentials): boolean {
  return access.some(({ resource }) => resource === aud);
}

/**
 * Makes the function that tells whether a token still stands.
 *
 * @param now - the clock, in milliseconds
 */
export function createStandsStill(
  store: Pick<RevocationStore, 'findOwner' | 'isRevoked'>,
  findClient: FindClientCredentials,
  now: () => number,
): StandsStill {
  return async ({ tokenId, clientId, place }) => {
    const client = await findClient(clientId);
    if (client?.state !== 'enabled' || (client.expiresAt ?? Number.POSITIVE_INFINITY) <= now()) return false;
    const owner = await store.findOwner(place);
    // A range that is gone was lost, and what it held cannot be vouched for.
    if (owner === undefined || owner.clientId !== clientId || owner.revoked) return false;
    return !(await store.isRevoked(tokenId));
  };
}
