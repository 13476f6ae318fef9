import { assertKnownOptions, printable } from '@mcp-m2m/core';

import { OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { ReportEvent } from '../events.ts';
import type { RevocationStore } from '../store/revocation-store.ts';
import type { ReadOwnToken } from './own-token.ts';
import { placeOf } from './token-status.ts';

/** Which token: by its id (`jti`, as events have it), or itself. */
export type RevokeTokenOptions =
  { readonly tokenId: string; readonly token?: never } | { readonly token: string; readonly tokenId?: never };

/** A token that is revoked. */
export interface RevokedToken {
  readonly tokenId: string;
  readonly clientId: string;
}

/** When a resource server last fetched a status list, and what it saw. */
export interface StatusListFetchDescription {
  /** The resource server's own client. */
  readonly clientId: string;
  readonly listId: number;
  /** Of the list as it was fetched: it goes up with every revocation in it. */
  readonly version: number;
  /** Whether something was revoked since. */
  readonly upToDate: boolean;
  /** ISO 8601. */
  readonly fetchedAt: string;
}

/** The tokens that are out. */
export interface Tokens {
  /**
   * Revokes one token before it expires. Resource servers that check status lists refuse it within
   * `statusListLifetimeSeconds`, those that introspect with their next question. One that is revoked already
   * stays so.
   *
   * A token of a client that does not exist any more can be revoked, though it is already.
   *
   * @throws TypeError for options of another form
   * @throws AuthorizationServerError `not_found` when it is no living token of this server
   */
  revoke(options: RevokeTokenOptions, by?: Administrator): Promise<RevokedToken>;
  /** Which resource servers have fetched status lists, of those that authenticate when they do. */
  statusListFetches(): Promise<readonly StatusListFetchDescription[]>;
}

/** Dependencies of {@link createTokens}. */
export interface TokensDependencies {
  readonly store: RevocationStore;
  readonly readOwnToken: ReadOwnToken;
  readonly report: ReportEvent;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Makes the administrative interface to the tokens. */
export function createTokens({ store, readOwnToken, report, now }: TokensDependencies): Tokens {
  return {
    async revoke(options, by = OWNER) {
      const tokenId = await readTokenId(options, readOwnToken);
      const place = placeOf(tokenId);
      const owner = place && (await store.findOwner(place));
      if (place === undefined || owner === undefined || owner.expiresAt <= now()) throw tokenNotFound();
      const { clientId, expiresAt } = owner;
      await store.revoke({ ...place, tokenId, clientId, expiresAt }, now(), async (transaction) => {
        const { actor, address: remoteAddress } = by;
        await report({ type: 'token_revoked', actor, remoteAddress, clientId, tokenId }, transaction);
      });
      return { tokenId, clientId };
    },

    async statusListFetches() {
      const fetches = await store.listFetches();
      const versions = new Map<number, number | undefined>();
      for (const { listId } of fetches) {
        if (!versions.has(listId)) versions.set(listId, await store.readVersion(listId));
      }
      return fetches.map(({ clientId, listId, version, fetchedAt }) => ({
        clientId,
        listId,
        version,
        upToDate: version === versions.get(listId),
        fetchedAt: new Date(fetchedAt).toISOString(),
      }));
    },
  };
}

async function readTokenId(options: RevokeTokenOptions, readOwnToken: ReadOwnToken): Promise<string> {
  assertKnownOptions(options, ['tokenId', 'token'], 'tokens.revoke');
  const { tokenId, token } = options;
  if ((tokenId === undefined) === (token === undefined)) {
    throw new TypeError('tokens.revoke takes either tokenId or token.');
  }
  if (tokenId !== undefined) {
    if (typeof tokenId === 'string') return tokenId;
    throw new TypeError(`tokenId must be the jti of a token, received ${printable(tokenId)}.`);
  }
  if (typeof token !== 'string') throw new TypeError('token must be an access token of this server.');
  const found = await readOwnToken(token);
  if (found === undefined) throw tokenNotFound();
  return found.tokenId;
}

function tokenNotFound(): AuthorizationServerError {
  return new AuthorizationServerError(
    'not_found',
    'There is no such token of this server, or it has expired.',
  );
}
