import { createDpopProof, generateDpopKey, type DpopProofOptions } from '../dpop-proof.ts';
import type { ReceivedAnswer } from './contract-client.ts';
import { RESOURCE_ORIGIN, type ContractScene, type SceneRequest } from './contract-scene.ts';

/** A client with a key, and a token that is bound to it. */
export interface BoundClient {
  readonly token: string;
  readonly prove: (options?: Partial<DpopProofOptions>) => string;
  /** Sends a request with these proofs, or a fresh one. */
  readonly send: (request?: SceneRequest, ...proofs: readonly string[]) => Promise<ReceivedAnswer>;
}

/** Creates a client whose token is bound to its key. */
export async function createBoundClient({ authority, path, send }: ContractScene): Promise<BoundClient> {
  const key = await generateDpopKey();
  const token = authority.mint({ cnf: { jkt: key.thumbprint } });
  const prove: BoundClient['prove'] = (options = {}) =>
    createDpopProof({
      key,
      method: 'POST',
      url: `${RESOURCE_ORIGIN}${path}`,
      accessToken: token,
      ...options,
    });
  return {
    token,
    prove,
    send: ({ headers, ...request } = {}, ...proofs) =>
      send({
        ...request,
        headers: { Authorization: `DPoP ${token}`, DPoP: proofs.length === 0 ? prove() : proofs, ...headers },
      }),
  };
}
