import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createDpopProof,
  createTestAuthority,
  generateDpopKey,
  type DpopProofOptions,
  type SigningKey,
  type TestAuthority,
} from '../src/index.ts';
import { postForm } from './post-form.ts';

let authority: TestAuthority;
let key: SigningKey;
beforeEach(async () => {
  authority = await createTestAuthority({ audience: 'https://mcp.example.com/mcp' });
  authority.registerClient({ clientId: 'worker', secret: 'secret' });
  key = await generateDpopKey();
});
afterEach(() => authority.close());

const prove = (overrides: Partial<DpopProofOptions> = {}) =>
  createDpopProof({ key, method: 'POST', url: authority.tokenEndpoint, now: authority.now, ...overrides });
const request = (proof: string) =>
  postForm(authority.tokenEndpoint, { grant_type: 'client_credentials' }, ['worker', 'secret'], {
    dpop: proof,
  });

test('a proof binds the token to its key, and introspection says so', async () => {
  const body = (await (await request(prove())).json()) as { access_token: string; token_type: string };
  expect(body.token_type).toBe('DPoP');
  expect(decodeJwt(body.access_token)['cnf']).toEqual({ jkt: key.thumbprint });
  const introspected = await postForm(authority.introspectionEndpoint, { token: body.access_token }, [
    'worker',
    'secret',
  ]);
  expect(await introspected.json()).toMatchObject({
    active: true,
    token_type: 'DPoP',
    cnf: { jkt: key.thumbprint },
  });
});

test('D23: a proof is accepted once', async () => {
  const proof = prove();
  expect((await request(proof)).status).toBe(200);
  expect((await request(proof)).status).toBe(400);
});

test.each<[string, () => Partial<DpopProofOptions>]>([
  ['D4: no jti', () => ({ claims: { jti: undefined } })],
  ['D8: another type', () => ({ header: { typ: 'JWT' } })],
  ['D9: no signature', () => ({ algorithm: 'none' })],
  ['D13: another method', () => ({ method: 'GET' })],
  ['D14: another address', () => ({ url: authority.introspectionEndpoint })],
  ['D17: too old', () => ({ now: () => authority.now() - 301_000 })],
  ['D17: from the future', () => ({ now: () => authority.now() + 302_000 })],
])('%s is refused', async (_, overrides) => {
  const response = await request(prove(overrides()));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: 'invalid_dpop_proof' });
});

test('D10: a proof that another key signed is refused', async () => {
  const response = await request(prove({ signWith: await generateDpopKey() }));
  expect(await response.json()).toMatchObject({ error: 'invalid_dpop_proof' });
});
