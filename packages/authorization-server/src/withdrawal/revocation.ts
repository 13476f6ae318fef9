import type { ReportEvent } from '../events.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import type { RevocationStore } from '../store/revocation-store.ts';
import type { ReadOwnToken } from './own-token.ts';

/** What became of a client's wish: a token that is not (any more) needs no revocation. */
export type RevocationOutcome = 'revoked' | 'unknown' | 'foreign';

/**
 * Revokes a client's own token.
 *
 * @param remoteAddress - where the client asks from
 */
export type RevokeOwn = (
  token: string,
  client: ClientCredentials,
  remoteAddress: string | undefined,
) => Promise<RevocationOutcome>;

/**
 * Makes the function by which clients revoke what they hold.
 *
 * @param now - the clock, in milliseconds
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2.1 | RFC 7009 §2.1}
 */
export function createRevokeOwn(
  readOwnToken: ReadOwnToken,
  store: Pick<RevocationStore, 'revoke'>,
  report: ReportEvent,
  now: () => number,
): RevokeOwn {
  return async (text, { clientId }, remoteAddress) => {
    const token = await readOwnToken(text);
    if (token === undefined) return 'unknown';
    if (token.clientId !== clientId) return 'foreign';
    const { tokenId, place } = token;
    const revoked = { ...place, tokenId, clientId, expiresAt: token.expiresAt * 1000 };
    await store.revoke(revoked, now(), async (transaction) => {
      await report({ type: 'token_revoked', actor: clientId, remoteAddress, clientId, tokenId }, transaction);
    });
    return 'revoked';
  };
}
