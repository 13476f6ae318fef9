import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestAuthority, type TestAuthority } from '../src/index.ts';
import { postForm } from './post-form.ts';

let authority: TestAuthority;
beforeEach(async () => {
  authority = await createTestAuthority({ audience: 'https://mcp.example.com/mcp' });
  authority.registerClient({ clientId: 'mcp server', secret: 's+%' });
});
afterEach(() => authority.close());

const post = (token: string, headers?: Record<string, string>) =>
  postForm(authority.introspectionEndpoint, { token }, ['mcp server', 's+%'], headers);
const introspect = async (token: string) => (await post(token)).json() as Promise<Record<string, unknown>>;

test('an opaque token is described by its claims', async () => {
  const token = authority.mintOpaque({ scope: 'deploy:read', client_id: 'worker' });
  expect(token).not.toContain('.');
  expect(await introspect(token)).toMatchObject({
    active: true,
    token_type: 'Bearer',
    scope: 'deploy:read',
    client_id: 'worker',
    iss: authority.issuer,
    aud: 'https://mcp.example.com/mcp',
  });
});

test('a token is inactive once it has expired, before its time, and when it is revoked', async () => {
  const token = authority.mintOpaque({}, { expiresInSeconds: 60 });
  const later = authority.mintOpaque(
    { nbf: Math.floor(authority.now() / 1000) + 100 },
    { expiresInSeconds: 600 },
  );
  expect(await introspect(token)).toMatchObject({ active: true });
  expect(await introspect(later)).toEqual({ active: false });
  authority.advanceSeconds(101);
  expect(await introspect(token)).toEqual({ active: false });
  expect(await introspect(later)).toMatchObject({ active: true });
  authority.revoke(later);
  expect(await introspect(later)).toEqual({ active: false });
});

test("a JWT is active while the authority publishes its key, and nobody else's is", async () => {
  await using other = await createTestAuthority({ audience: 'https://mcp.example.com/mcp' });
  const token = authority.mint();
  await authority.rotate();
  expect(await introspect(token)).toMatchObject({ active: true, sub: 'test-client' });
  expect(await introspect(authority.mint({ iss: other.issuer }))).toEqual({ active: false });
  expect(await introspect(other.mint())).toEqual({ active: false });
  expect(await introspect('nonsense')).toEqual({ active: false });
  authority.revoke(token);
  expect(await introspect(token)).toEqual({ active: false });
  const next = authority.mint();
  await authority.rotateHard();
  expect(await introspect(next)).toEqual({ active: false });
});

test('any claim can be hostile', async () => {
  const token = authority.mintOpaque({ active: 'yes', exp: 'never', aud: undefined });
  const description = await introspect(token);
  expect(description).toMatchObject({ active: 'yes', exp: 'never' });
  expect(description).not.toHaveProperty('aud');
});

test('the caller has to authenticate, and to name a token', async () => {
  const url = authority.introspectionEndpoint;
  expect((await postForm(url, { token: authority.mintOpaque() })).status).toBe(401);
  expect((await postForm(url, { token: 'x' }, ['mcp server', 'wrong'])).status).toBe(401);
  expect((await postForm(url, {}, ['mcp server', 's+%'])).status).toBe(400);
});

test('the answer is signed for a caller who accepts that', async () => {
  const response = await post(authority.mintOpaque(), { accept: 'application/token-introspection+jwt' });
  expect(response.headers.get('content-type')).toBe('application/token-introspection+jwt');
  const { payload } = await jwtVerify(await response.text(), createRemoteJWKSet(new URL(authority.jwksUri)), {
    issuer: authority.issuer,
    audience: 'mcp server',
    typ: 'token-introspection+jwt',
  });
  expect(payload['token_introspection']).toMatchObject({ active: true, client_id: 'test-client' });
});
