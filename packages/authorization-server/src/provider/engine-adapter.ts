import {
  Provider,
  errors,
  type Adapter,
  type AdapterFactory,
  type AdapterPayload,
  type KoaContextWithOIDC,
} from 'oidc-provider';

import type { ClientAddress } from '../http/client-address.ts';
import type { ClientCredentials, FindClientCredentials } from '../store/client-credentials.ts';
import type { RecordUse } from '../store/last-uses.ts';
import type { ReplayGuard } from '../store/replay-guard.ts';
import type { Throttle } from '../throttling/throttle.ts';
import type { GrantSupport } from '../grants/grant-support.ts';
import {
  judgePresented,
  presentedAssertion,
  ruleBehind,
  type PresentedAssertion,
} from '../grants/presented-assertion.ts';
import { toEngineClient, toProvenEngineClient } from './client-metadata.ts';
import { throttledError } from './counted-failures.ts';
import type { ResolveClientKeys } from './resolve-client-keys.ts';

/** Dependencies of {@link createEngineAdapter}. */
export interface EngineAdapterDependencies extends GrantSupport {
  readonly recordUse: RecordUse;
  readonly findClient: FindClientCredentials;
  readonly resolveKeys: ResolveClientKeys;
  readonly replay: ReplayGuard;
  readonly throttle: Throttle;
  readonly clientAddress: ClientAddress;
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
  revision: '(nobody)',
  method: 'secret',
  state: 'enabled',
  expiresAt: undefined,
  grantTypes: [],
  defaultResource: undefined,
  tokenLifetimeSeconds: undefined,
  senderConstraint: undefined,
  addresses: undefined,
  secrets: [],
  keys: [],
  jwksUri: undefined,
  assertionAudience: undefined,
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
        return createClientAdapter(dependencies);
      case 'ReplayDetection':
        return createReplayAdapter(dependencies.replay);
      default:
        return refuseAll(model);
    }
  };
}

function createClientAdapter(dependencies: EngineAdapterDependencies): Adapter {
  const { findClient, resolveKeys, throttle, clientAddress } = dependencies;
  const findPresented = createPresentedClients(dependencies);
  return {
    ...refuseAll('Client'),
    async find(clientId) {
      const { ctx } = Provider;
      const presented = presentedAssertion(ctx);
      if (ctx !== undefined && presented !== undefined) return await findPresented(ctx, clientId, presented);
      const throttled = ctx && throttle.check(clientId, clientAddress(ctx.req));
      if (throttled !== undefined) {
        // An address that tries many is recorded as such, whichever comes next.
        if (throttled.by === 'client') claims.set(ctx as object, { clientId, known: false });
        throw throttledError(throttled.seconds);
      }
      const credentials = await findClient(clientId);
      if (ctx !== undefined) claims.set(ctx, { clientId, known: credentials !== undefined });
      if (credentials === undefined) return toEngineClient(NOBODY);
      const resolved = resolveKeys(credentials, ctx?.oidc.params?.['client_assertion']);
      return toEngineClient(resolved instanceof Promise ? await resolved : resolved);
    },
  };
}

/** Finds the client that an assertion stands for, as one of which the engine asks no credential. */
function createPresentedClients({
  findClient,
  throttle,
  clientAddress,
  judgeAssertion,
  useAssertion,
  recordUse,
}: EngineAdapterDependencies) {
  return async (
    ctx: KoaContextWithOIDC,
    placeholder: string,
    presented: PresentedAssertion,
  ): Promise<AdapterPayload> => {
    const throttled = throttle.check(presented.clientId ?? placeholder, clientAddress(ctx.req));
    if (throttled !== undefined) throw throttledError(throttled.seconds);
    const proven = await judgePresented(presented, judgeAssertion, useAssertion);
    const clientId = proven ?? presented.clientId;
    if (clientId !== undefined) claims.set(ctx, { clientId, known: true });
    const credentials = proven === undefined ? undefined : await findClient(proven);
    const ruleId = proven === undefined ? undefined : ruleBehind(presented, proven);
    if (proven !== undefined && ruleId !== undefined) recordUse(proven, ruleId);
    // Where it was refused, the engine needs somebody to go on with; it is told before any grant.
    return toProvenEngineClient(credentials ?? NOBODY);
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
