import type { ClientCredentials } from '../store/client-credentials.ts';

/** Where the status of a token is published. */
export interface TokenStatus {
  readonly listId: number;
  readonly index: number;
}

/** The claim `status` of a token. */
export interface StatusClaim {
  readonly status_list: { readonly idx: number; readonly uri: string };
}

/**
 * Gives a token its own place in a status list, at once where the client's range has one left.
 *
 * @param client - as it was authenticated; the same object finds the same range again
 * @param expiresAtSeconds - the token's `exp`
 * @throws errors.InvalidClientAuth when the client was disabled or deleted meanwhile
 */
export type AssignStatus = (
  client: ClientCredentials,
  expiresAtSeconds: number,
) => TokenStatus | Promise<TokenStatus>;

/** Makes the claim out of a place. `statusBase` is the address below which the lists are published. */
export function statusClaim({ listId, index }: TokenStatus, statusBase: string): StatusClaim {
  return { status_list: { idx: index, uri: `${statusBase}/${listId}` } };
}

const TOKEN_ID = /^[\w-]{20,64}\.([1-9]\d{0,8})\.(0|[1-9]\d{0,6})$/;

/**
 * Makes the id of a token tell its place, so that a token can be revoked by its id although nothing is kept of
 * it.
 *
 * @param random - what makes it unguessable: letters, digits, `_` and `-`
 */
export function formTokenId(random: string, { listId, index }: TokenStatus): string {
  return `${random}.${listId}.${index}`;
}

/** Reads the place out of a token's id; undefined for an id that {@link formTokenId} did not make. */
export function placeOf(tokenId: string): TokenStatus | undefined {
  const match = TOKEN_ID.exec(tokenId);
  return match === null ? undefined : { listId: Number(match[1]), index: Number(match[2]) };
}
