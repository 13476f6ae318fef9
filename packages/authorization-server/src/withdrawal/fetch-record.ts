import type { FindClientCredentials } from '../store/client-credentials.ts';
import type { RevocationStore } from '../store/revocation-store.ts';
import { isFor, type StandsStill } from './introspection.ts';
import type { ReadOwnToken } from './own-token.ts';

/** Remembers that a resource server fetched a status list. */
export type RecordFetch = (authorization: string, listId: number, version: number) => Promise<void>;

/** Dependencies of {@link createFetchRecord}. */
export interface FetchRecordDependencies {
  readonly readOwnToken: ReadOwnToken;
  readonly standsStill: StandsStill;
  readonly findClient: FindClientCredentials;
  readonly store: Pick<RevocationStore, 'recordFetch'>;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * Makes the function that remembers who fetched a status list: a client registered for introspection, by an
 * access token of its own for the resource it serves. Anybody else is as good as anonymous.
 *
 * The token opens nothing here; it names its client. One that is bound to a key is not accepted without proof,
 * and proofs are not asked for.
 */
export function createFetchRecord(dependencies: FetchRecordDependencies): RecordFetch {
  const { readOwnToken, standsStill, findClient, store, now } = dependencies;
  return async (authorization, listId, version) => {
    const [, presented] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
    const token = presented === undefined ? undefined : await readOwnToken(presented);
    if (token === undefined || token.claims['cnf'] !== undefined || token.claims.sub !== token.clientId)
      return;
    const client = await findClient(token.clientId);
    if (client?.grantTypes.includes('introspection') !== true || !isFor(token, client)) return;
    if (!(await standsStill(token))) return;
    await store.recordFetch({ clientId: token.clientId, listId, version, fetchedAt: now() });
  };
}
