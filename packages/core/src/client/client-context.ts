import { createNotifier } from '../listener.ts';
import type { TokenClientSettings } from './client-options.ts';
import {
  createAuthorizationServerCache,
  type AuthorizationServerCache,
} from './discovery/authorization-server-cache.ts';
import { createAcquisitionGate, type AcquisitionGate } from './renewal/acquisition-gate.ts';
import { createCredentialOrder, type CredentialOrder } from './renewal/credential-order.ts';
import { guardStore, type GuardedStore } from './store/guarded-store.ts';
import type { TokenEvent } from './token-event.ts';

/** What the sources of one client share: what is known of the authorization server, and how it took the credentials. */
export interface ClientContext {
  readonly settings: TokenClientSettings;
  readonly authorizationServers: AuthorizationServerCache;
  readonly credentials: CredentialOrder;
  readonly gate: AcquisitionGate;
  /** Where tokens are shared with others, if anywhere. */
  readonly store: GuardedStore | undefined;
  readonly emit: (event: TokenEvent) => void;
}

/** Creates what the sources of one client share. */
export function createClientContext(settings: TokenClientSettings): ClientContext {
  const { issuer, clientId, authentications, store, now, timeoutMilliseconds } = settings;
  const emit = createNotifier(settings.onEvent);
  return {
    settings,
    authorizationServers: createAuthorizationServerCache(issuer, now),
    credentials: createCredentialOrder(authentications, now),
    gate: createAcquisitionGate(now, timeoutMilliseconds),
    store:
      store === undefined
        ? undefined
        : guardStore(store, {
            onFailure: (error) => emit({ type: 'store_failed', issuer, clientId, error }),
          }),
    emit,
  };
}
