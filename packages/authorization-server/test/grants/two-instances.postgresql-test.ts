import { createDpopProof, createTestAuthority, generateDpopKey, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, signAssertion } from '../assertion.ts';
import { createTestDatabase, type TestDatabase } from '../databases.ts';
import {
  basic,
  GRANT,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';
import { bear, JWT_BEARER, registerWorkload, trustSubject, workloadToken } from './scene.ts';

const ISSUER = 'http://127.0.0.1';

describe('two instances on one PostgreSQL database', () => {
  let database: TestDatabase;
  let instances: readonly [RunningServer, RunningServer];
  let authority: TestAuthority;
  const at = (index: number) => ({ issuer: (instances[index % 2] as RunningServer).origin });
  beforeEach(async () => {
    database = await createTestDatabase();
    authority = await createTestAuthority();
    const start = async () =>
      await startServer({ database: database.location, issuer: ISSUER, dpopNonces: true });
    instances = await Promise.all([start(), start()]);
  });
  afterEach(async () => {
    for (const instance of instances) await instance.stop();
    await authority.close();
    await database.remove();
  });

  it('D24, D26: share nonces, and give one token for fifty identical proofs', async () => {
    const secret = await registerWithSecret(instances[0], 'prover');
    const key = await generateDpopKey();
    const send = async (index: number, proof: string) =>
      await requestToken(at(index), GRANT, { ...basic('prover', secret), DPoP: proof });
    const prove = (nonce?: string) =>
      createDpopProof({
        key,
        method: 'POST',
        url: `${ISSUER}/token`,
        ...(nonce === undefined ? {} : { nonce }),
      });
    const nonce = (await send(0, prove())).headers.get('dpop-nonce') as string;
    const proof = prove(nonce);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => await send(index, proof)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body['error'] === 'invalid_dpop_proof')).toHaveLength(49);
  });

  it('A15: give one token for fifty identical assertions as the grant', async () => {
    const client = await registerWithKey(instances[0], 'signer');
    await instances[0].server.clients.update('signer', { grantTypes: [JWT_BEARER] });
    const assertion = await signAssertion(client.privateKey, claimsFor(client, { issuer: ISSUER }));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => await bear(at(index), assertion)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('know at once whom the other one trusts, and no longer does', async () => {
    const [first, second] = instances;
    await registerWorkload(first, 'pod');
    const token = () => workloadToken(authority, { issuer: ISSUER });
    expect((await bear(at(1), token())).body['error']).toBe('invalid_grant');
    await trustSubject(first, authority, 'pod');
    expect((await bear(at(1), token())).status).toBe(200);
    const [rule] = await second.server.trust.rules.list();
    await second.server.trust.rules.delete(rule?.id as string);
    expect((await bear(at(0), token())).body['error']).toBe('invalid_grant');
  });
});
