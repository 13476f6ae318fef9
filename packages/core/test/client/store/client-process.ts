// One client process of several, run by `client-fleet.ts`: renews when told to, and says what came of it.
import { guardStore } from '../../../src/client/store/guarded-store.ts';
import { createRedisTokenStore } from '../../../src/client/store/redis-token-store.ts';
import { renewShared } from '../../../src/client/store/renew-shared.ts';
import { tokenKey } from '../../../src/client/store/token-key.ts';
import type { StoredToken } from '../../../src/client/store/token-record.ts';
import { REDIS_CLIENTS } from './redis-clients.ts';

/** What a process is started with. */
export interface ProcessSettings {
  readonly client: string;
  readonly socketPath: string;
  readonly tokenEndpoint: string;
  readonly authorization: string;
  readonly resource: string;
  readonly encryptionKey: string;
  readonly storeTimeoutMilliseconds: number;
  readonly leaseMilliseconds: number;
}

/** What a process is told to do: so many renewals at once, on a clock that is so far ahead. */
export interface RenewCommand {
  readonly round: number;
  readonly callers: number;
  readonly aheadMilliseconds: number;
}

/** What a process says. */
export type ProcessReport =
  | { readonly type: 'ready' | 'acquiring' }
  | { readonly type: 'store_failure'; readonly message: string }
  | {
      readonly type: 'renewed';
      readonly round: number;
      readonly tokens: readonly string[];
      readonly failures: readonly string[];
    };

const settings = JSON.parse(process.argv[2] ?? '') as ProcessSettings;
const { resource } = settings;
const report = (message: ProcessReport): void => void process.send?.(message);
let aheadMilliseconds = 0;
const now = () => Date.now() + aheadMilliseconds;

async function acquire(): Promise<StoredToken> {
  report({ type: 'acquiring' });
  const requestedAt = now();
  const response = await fetch(settings.tokenEndpoint, {
    method: 'POST',
    headers: { authorization: settings.authorization },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const { access_token: accessToken, expires_in: lifetimeSeconds } = (await response.json()) as {
    access_token: string;
    expires_in: number;
  };
  return { accessToken, tokenType: 'Bearer', lifetimeSeconds, requestedAt, scopes: [], requestedScopes: [] };
}

const connect = REDIS_CLIENTS[settings.client];
if (connect === undefined) throw new Error(`no Redis client is called ${settings.client}`);
const { command } = await connect(settings.socketPath);
const store = guardStore(createRedisTokenStore({ command, encryptionKey: settings.encryptionKey, now }), {
  timeoutMilliseconds: settings.storeTimeoutMilliseconds,
  onFailure: ({ message }) => report({ type: 'store_failure', message }),
});
const key = await tokenKey({
  issuer: settings.tokenEndpoint,
  clientId: 'fleet',
  resource,
  scopes: undefined,
});

async function renew(): Promise<string> {
  const renewal = await renewShared({
    store,
    key,
    isUsable: ({ requestedAt, lifetimeSeconds = 0 }) => requestedAt + lifetimeSeconds * 1000 > now(),
    acquire,
    now,
    leaseMilliseconds: settings.leaseMilliseconds,
    waitMilliseconds: 15_000,
  });
  if (renewal.outcome !== 'obtained') throw new Error(renewal.outcome);
  return renewal.token.accessToken;
}

process.on('message', ({ round, callers, aheadMilliseconds: ahead }: RenewCommand) => {
  aheadMilliseconds = ahead;
  void Promise.allSettled(Array.from({ length: callers }, renew)).then((outcomes) =>
    report({
      type: 'renewed',
      round,
      tokens: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
      failures: outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [String(outcome.reason)] : [],
      ),
    }),
  );
});
process.on('disconnect', () => process.exit());
report({ type: 'ready' });
