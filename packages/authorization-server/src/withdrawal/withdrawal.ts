import type { ReportEvent } from '../events.ts';
import type { Route } from '../http/documents.ts';
import { createStatusAggregationRoute, createStatusListRoute } from '../http/status-routes.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { signJwt } from '../keys/sign-jwt.ts';
import { redact } from '../redaction.ts';
import type { FindClientCredentials } from '../store/client-credentials.ts';
import type { Database } from '../store/database.ts';
import { createRevocationStore } from '../store/revocation-store.ts';
import { createStatusRangeStore } from '../store/status-store.ts';
import { createClientWithdrawal, type ClientWithdrawal } from './client-withdrawal.ts';
import { createFetchRecord } from './fetch-record.ts';
import { createIntrospect, createStandsStill, type Introspect, type StandsStill } from './introspection.ts';
import { createOwnTokenReader, type ReadOwnToken } from './own-token.ts';
import { createRevokeOwn, type RevokeOwn } from './revocation.ts';
import { createStatusListPublisher } from './status-list-publisher.ts';
import { createStatusRanges } from './status-ranges.ts';
import type { AssignStatus } from './token-status.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** All that withdraws tokens, and tells what was withdrawn. */
export interface Withdrawal {
  readonly assignStatus: AssignStatus;
  readonly readOwnToken: ReadOwnToken;
  readonly standsStill: StandsStill;
  readonly introspect: Introspect;
  readonly signAnswer: (answer: object, audience: string) => Promise<string>;
  readonly revoke: RevokeOwn;
  readonly tokens: Tokens;
  readonly clients: ClientWithdrawal;
  readonly statusListRoute: Route;
  readonly statusAggregationRoute: Route;
}

/** Dependencies of {@link createWithdrawal}. */
export interface WithdrawalDependencies {
  readonly issuer: string;
  /** The address below which status lists are published. */
  readonly statusBase: string;
  readonly statusListLifetimeSeconds: number;
  readonly database: Database;
  readonly ring: KeyRing;
  readonly findClient: FindClientCredentials;
  readonly report: ReportEvent;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Makes what withdraws tokens out of its parts. */
export function createWithdrawal(dependencies: WithdrawalDependencies): Withdrawal {
  const { issuer, statusBase, statusListLifetimeSeconds, database, ring, findClient, report, now } =
    dependencies;
  const store = createRevocationStore(database);
  const readOwnToken = createOwnTokenReader({ issuer, ring, now });
  const standsStill = createStandsStill(store, findClient, now);
  const publisher = createStatusListPublisher({
    issuer,
    statusBase,
    lifetimeSeconds: statusListLifetimeSeconds,
    store,
    currentKey: () => ring.current(),
    now,
  });
  const onFailure = (error: unknown): void => {
    const { name, message } = error instanceof Error ? error : new Error('unknown failure');
    report({ type: 'server_failed', name, message: redact(message) });
  };
  const { maxAgeSeconds } = publisher;
  return {
    readOwnToken,
    standsStill,
    assignStatus: createStatusRanges(createStatusRangeStore(database), now),
    introspect: createIntrospect(readOwnToken, standsStill),
    async signAnswer(answer, audience) {
      const claims = {
        iss: issuer,
        aud: audience,
        iat: Math.floor(now() / 1000),
        token_introspection: answer,
      };
      return await signJwt(ring.current(), 'token-introspection+jwt', claims);
    },
    revoke: createRevokeOwn(readOwnToken, store, report, now),
    tokens: createTokens({ store, readOwnToken, report, now }),
    clients: createClientWithdrawal(database),
    statusListRoute: createStatusListRoute({
      async find(listId) {
        // A key that must not be trusted any more signs no list.
        await ring.refresh();
        return await publisher.find(listId);
      },
      maxAgeSeconds,
      recordFetch: createFetchRecord({ readOwnToken, standsStill, findClient, store, now }),
      onFailure,
    }),
    statusAggregationRoute: createStatusAggregationRoute(
      async () => (await store.listLiving(now())).map((listId) => `${statusBase}/${listId}`),
      maxAgeSeconds,
      onFailure,
    ),
  };
}
