import { Provider, errors, type Adapter, type AdapterFactory } from 'oidc-provider';

import type { ClientCredentials, FindClientCredentials } from '../store/client-credentials.ts';
import type { ReplayGuard } from '../store/replay-guard.ts';
import { toEngineClient } from './client-metadata.ts';

/** Dependencies of {@link createEngineAdapter}. */
export interface EngineAdapterDependencies {
  readonly findClient: FindClientCredentials;
  readonly replay: ReplayGuard;
}

/** The client a request claimed to come from. */
export interface ClaimedClient {
  readonly clientId: string;
  readonly known: boolean;
}

// By request, so that a refusal can be reported with the client it claimed.
const claims = new WeakMap<object, ClaimedClient>();

/** The client a request claimed to come from, if it got as far as that. */
export function claimedClient(request: object): ClaimedClient | undefined {
  return claims.get(request);
}

// Stands in for every client that does not exist, so that asking for one takes the same steps as a wrong
// secret, once the client's own has been read for the first time (for assertions see stand-in-verification).
// No secret matches it, it may use no resource, and its id cannot be registered.
const NOBODY: ClientCredentials = {
  clientId: '(nobody)',
  method: 'secret',
  secretMacs: [],
  keys: [],
  access: [],
};

/**
 * Connects the engine's two needs, clients and replay detection, to the store. Any other model is refused:
 * what is not offered is not stored.
 */
export function createEngineAdapter(dependencies: EngineAdapterDependencies): AdapterFactory {
  return (model) => {
    switch (model) {
      case 'Client':
        return createClientAdapter(dependencies.findClient);
      case 'ReplayDetection':
        return createReplayAdapter(dependencies.replay);
      default:
        return refuseAll(model);
    }
  };
}

function createClientAdapter(findClient: FindClientCredentials): Adapter {
  return {
    ...refuseAll('Client'),
    async find(clientId) {
      const credentials = await findClient(clientId);
      if (Provider.ctx !== undefined)
        claims.set(Provider.ctx, { clientId, known: credentials !== undefined });
      return toEngineClient(credentials ?? NOBODY);
    },
  };
}

function createReplayAdapter(replay: ReplayGuard): Adapter {
  return {
    ...refuseAll('ReplayDetection'),
    // The engine looks first and inserts afterwards, which lets parallel requests through. Here the insert
    // alone decides: `exp` is the assertion's expiry plus the tolerance, so it outlives every acceptance.
    find: async () => undefined,
    async upsert(id, { iss, exp }) {
      if (typeof exp !== 'number' || !(await replay.use(`${String(iss)} ${id}`, exp))) {
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
      }
    },
  };
}

function refuseAll(model: string): Adapter {
  const refuse = async (): Promise<never> => {
    throw new Error(`${model} is not kept by this authorization server`);
  };
  return {
    upsert: refuse,
    find: refuse,
    findByUserCode: refuse,
    findByUid: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
