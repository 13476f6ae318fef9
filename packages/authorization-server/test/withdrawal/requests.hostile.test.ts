import { describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, seconds, signAssertion } from '../assertion.ts';
import { basic, MCP, post, registerWithSecret, type Answer, type Parameters } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';

const running = await startServerForFile();
const secret = await registerWithSecret(running, 'nightly');
const signer = await registerWithKey(running, 'signer');
const grantTypes = ['client_credentials', 'introspection'] as const;
const access = [{ resource: MCP, scopes: ['deploy:read'] }];
for (const clientId of ['nightly', 'signer'])
  await running.server.clients.update(clientId, { access, grantTypes: [...grantTypes] });
const TOKEN = { token: 'x' };
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const withAssertion = (assertion: string) => ({
  ...TOKEN,
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertion,
});

describe.each(['introspect', 'revoke'])('a request to /%s', (endpoint) => {
  const ask = async (parameters: Parameters, headers: Record<string, string> = {}): Promise<Answer> =>
    await post(`${running.issuer}/${endpoint}`, new URLSearchParams(parameters), headers);
  const inBody = { client_id: 'nightly', client_secret: secret };

  it('A4: with the secret in the body or, encoded, in HTTP Basic is answered', async () => {
    const encoded = secret.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`);
    expect((await ask({ ...TOKEN, ...inBody })).status).toBe(200);
    expect((await ask(TOKEN, basic('nightly', encoded))).status).toBe(200);
  });

  it('A1, A2, A29: that authenticates in two ways is refused as malformed', async () => {
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    for (const answer of [
      await ask({ ...TOKEN, ...inBody }, basic('nightly', secret)),
      await ask({ ...TOKEN, client_id: 'both' }, basic('nightly', secret)),
      await ask(withAssertion(assertion), basic('nightly', secret)),
    ]) {
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    }
  });

  it('A9: with a repeated parameter is refused as malformed', async () => {
    for (const name of ['token', 'client_id', 'client_secret'] as const) {
      const once = { ...TOKEN, ...inBody };
      const answer = await ask([...Object.entries(once), [name, once[name]]]);
      expect([name, answer.status, answer.body['error']]).toEqual([name, 400, 'invalid_request']);
    }
  });

  it('A31: of 60 kB is refused for its size', async () => {
    expect((await ask({ ...TOKEN, ...inBody, padding: 'x'.repeat(60_000) })).status).toBe(413);
  });

  const now = seconds();
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['A17: with a second audience', { aud: [running.issuer, 'https://evil.example.com'] }, {}],
    ['A19: that has expired', { iat: now - 600, exp: now - 300 }, {}],
    ['A20: without exp', { exp: undefined }, {}],
    ['A20: without jti', { jti: undefined }, {}],
    ['A22: issued in an hour', { iat: now + 3600, exp: now + 3660 }, {}],
    ['A23: whose issuer is not its subject', { iss: 'nightly' }, {}],
    ['A30: of the type of an access token', {}, { typ: 'at+jwt' }],
  ])('refuses an assertion %s', async (_name, claims, header) => {
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running, claims), header);
    const answer = await ask(withAssertion(assertion));
    expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
  });

  it('A15: an assertion used there is used everywhere', async () => {
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    expect((await ask(withAssertion(assertion))).status).toBe(200);
    for (const path of ['introspect', 'revoke', 'token']) {
      const parameters = { ...withAssertion(assertion), grant_type: 'client_credentials' };
      const answer = await post(`${running.issuer}/${path}`, new URLSearchParams(parameters));
      expect([path, answer.status, answer.body['error']]).toEqual([path, 401, 'invalid_client']);
    }
  });

  it('A24, A25, A28: refuses an assertion by another key, by HMAC with the public one, or unsigned', async () => {
    const claims = claimsFor(signer, running);
    const other = await registerWithKey(running, `other-${endpoint}`);
    const publicText = new TextEncoder().encode(JSON.stringify(signer.publicKey));
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const assertion of [
      await signAssertion(other.privateKey, claims),
      await signAssertion(publicText, claims, { alg: 'HS256' }),
      `${encode({ alg: 'none' })}.${encode(claims)}.`,
    ]) {
      const answer = await ask(withAssertion(assertion));
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
    }
  });

  it('A26, A27: refuses an assertion where a secret is registered, and a secret where a key is', async () => {
    const claims = claimsFor({ clientId: 'nightly' }, running);
    const bySecret = await signAssertion(new TextEncoder().encode(secret), claims, { alg: 'HS256' });
    expect((await ask(withAssertion(bySecret))).status).toBe(401);
    expect((await ask({ ...TOKEN, client_id: 'signer', client_secret: secret })).status).toBe(401);
  });
});
