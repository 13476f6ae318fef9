import { generateKeyPairSync } from 'node:crypto';

import { clientSecretBasic, privateKeyJwt } from '@mcp-m2m/core/server';
import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { claimsFor, signAssertion } from '../assertion.ts';
import { MCP, OTHER_MCP, post, requestToken, GRANT, startServer } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import { startResourceServer } from './resource-server.ts';
import { introspect, registerClient, registerResourceServer } from './tokens-of-clients.ts';

const running = await startServerForFile();
const caller = await registerResourceServer(running);

async function ask(token: string, headers = caller.headers) {
  const { status, body } = await introspect(running, token, headers);
  return [status, body];
}

describe('the introspection endpoint', () => {
  it('tells the resource server of a token all that RFC 7662 names', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    const answer = await introspect(running, token, caller.headers, { token_type_hint: 'refresh_token' });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const { iat, exp, jti } = decodeJwt(token);
    expect(answer.body).toEqual({
      active: true,
      iss: running.issuer,
      aud: MCP,
      sub: client.clientId,
      client_id: client.clientId,
      scope: 'deploy:read',
      token_type: 'Bearer',
      iat,
      exp,
      jti,
    });
  });

  it('tells to what a token is bound and who acts with it', async () => {
    const client = await registerClient(running);
    const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
    const agent = await running.server.clients.create({
      clientId: 'acting-agent',
      authentication: { method: 'secret' },
      grantTypes: [TOKEN_EXCHANGE],
      access: [{ resource: MCP, scopes: ['deploy:read'] }],
    });
    const key = await generateDpopKey();
    const answer = await requestToken(
      running,
      {
        grant_type: TOKEN_EXCHANGE,
        subject_token: await client.token(),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        client_id: agent.clientId,
        client_secret: String(agent.secret),
      },
      { DPoP: createDpopProof({ key, method: 'POST', url: `${running.issuer}/token` }) },
    );
    const token = String(answer.body['access_token']);
    expect(await ask(token)).toMatchObject([
      200,
      {
        active: true,
        token_type: 'DPoP',
        cnf: { jkt: key.thumbprint },
        sub: client.clientId,
        client_id: agent.clientId,
        act: { sub: agent.clientId },
      },
    ]);
    await running.server.clients.disable(agent.clientId);
    expect(await ask(token)).toEqual([200, { active: false }]);
  });

  it('tells nothing of a token for another resource', async () => {
    const client = await registerClient(running, [MCP, OTHER_MCP]);
    const token = await client.token({ resource: OTHER_MCP });
    expect(await ask(token)).toEqual([200, { active: false }]);
    const both = await registerResourceServer(running, [MCP, OTHER_MCP]);
    expect(await ask(token, both.headers)).toMatchObject([200, { active: true }]);
  });

  it('knows no token that it did not issue, or that was changed', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const forged = await new SignJWT({ ...decodeJwt(token) })
      .setProtectedHeader({ ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string }) })
      .sign(privateKey);
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
    for (const text of [
      'opaque',
      'a.b.c',
      forged,
      unsigned,
      `${header}.${payload}.${signature.slice(0, -8)}`,
      `${header}.${Buffer.from(JSON.stringify({ ...decodeJwt(token), scope: 'all' })).toString('base64url')}.${signature}`,
      'x'.repeat(30_000),
    ]) {
      expect([text.slice(0, 30), ...(await ask(text))]).toEqual([text.slice(0, 30), 200, { active: false }]);
    }
  });

  it('takes no other signed text of this server for a token', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    const list = await (await fetch(`${running.issuer}/status/1`)).text();
    const signed = await introspect(running, token, {
      ...caller.headers,
      accept: 'application/token-introspection+jwt',
    });
    for (const text of [list, signed.text]) {
      expect(text.split('.')).toHaveLength(3);
      expect(await ask(text)).toEqual([200, { active: false }]);
    }
  });

  it('knows no expired token', async () => {
    let now = Date.now();
    const clocked = await startServer({ now: () => now });
    try {
      const [client, own] = [await registerClient(clocked), await registerResourceServer(clocked)];
      const token = await client.token();
      now += 299_000;
      expect((await introspect(clocked, token, own.headers)).body['active']).toBe(true);
      now += 1000;
      expect((await introspect(clocked, token, own.headers)).body).toEqual({ active: false });
    } finally {
      await clocked.stop();
    }
  });

  it('knows no token of a client that has expired', async () => {
    let now = Date.now();
    const clocked = await startServer({ now: () => now });
    try {
      const [client, own] = [await registerClient(clocked), await registerResourceServer(clocked)];
      const token = await client.token();
      await clocked.server.clients.update(client.clientId, {
        expiresAt: new Date(now + 60_000).toISOString(),
      });
      expect((await introspect(clocked, token, own.headers)).body['active']).toBe(true);
      now += 60_000;
      expect((await introspect(clocked, token, own.headers)).body).toEqual({ active: false });
    } finally {
      await clocked.stop();
    }
  });

  it('is for clients that are registered for it; others are told so, once they are known', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    const refused = await introspect(running, token, client.headers);
    expect([refused.status, refused.body['error']]).toEqual([400, 'unauthorized_client']);
    expect(refused.body['error_description']).toContain('introspection');
    expect(running.events.at(-1)).toMatchObject({
      type: 'request_refused',
      endpoint: 'introspection',
      clientId: client.clientId,
      reason: 'grant_type_not_registered',
    });
    expect((await introspect(running, token, {})).status).toBe(400);
    expect((await introspect(running, token, { authorization: `Bearer ${token}` })).status).toBe(400);
    const disabled = await registerResourceServer(running);
    await running.server.clients.disable(disabled.clientId);
    expect((await introspect(running, token, disabled.headers)).status).toBe(401);
  });

  it('gives no token to a client that may only introspect', async () => {
    const { clientId, secret = '' } = await running.server.clients.create({
      authentication: { method: 'secret' },
      grantTypes: ['introspection'],
      access: [{ resource: MCP, scopes: [] }],
    });
    const answer = await requestToken(running, { ...GRANT, client_id: clientId, client_secret: secret });
    expect([answer.status, answer.body['error']]).toEqual([400, 'unauthorized_client']);
  });

  it('takes assertions, each once', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await running.server.clients.create({
      clientId: 'asserting-resource-server',
      authentication: { method: 'private_key_jwt', publicKey: publicKey.export({ format: 'jwk' }) as never },
      grantTypes: ['introspection'],
      access: [{ resource: MCP, scopes: [] }],
    });
    const token = await (await registerClient(running)).token();
    const form = new URLSearchParams({
      token,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signAssertion(privateKey, claimsFor(client, running)),
    });
    const answers = await Promise.all(
      [1, 2, 3].map(async () => await post(`${running.issuer}/introspect`, form)),
    );
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '401', '401']);
    const introspection = {
      clientId: client.clientId,
      authentication: privateKeyJwt({ key: privateKey.export({ format: 'jwk' }), algorithm: 'ES256' }),
      jwts: true,
    };
    const resourceServer = startResourceServer(running, {
      authorizationServers: [{ issuer: running.issuer, introspection }],
    });
    expect(await resourceServer.judge(token)).toBe(200);
  });

  it('signs its answer for who asks for that', async () => {
    const client = await registerClient(running);
    const token = await client.token();
    const accept = 'application/token-introspection+jwt';
    const answer = await introspect(running, token, { ...caller.headers, accept });
    expect(answer.headers.get('content-type')).toBe(accept);
    const keys = createRemoteJWKSet(new URL(`${running.issuer}/jwks`));
    const { payload } = await jwtVerify(answer.text, keys, {
      typ: 'token-introspection+jwt',
      issuer: running.issuer,
      audience: caller.clientId,
    });
    expect(payload).toEqual({
      iss: running.issuer,
      aud: caller.clientId,
      iat: expect.any(Number),
      token_introspection: expect.objectContaining({ active: true, client_id: client.clientId }),
    });
  });

  it.each([true, false])(
    'serves a resource server of this project, with signed answers: %s',
    async (signed) => {
      const client = await registerClient(running);
      const [token, revoked] = [await client.token(), await client.token()];
      const authentication = clientSecretBasic({ clientSecret: caller.secret });
      const introspection = {
        clientId: caller.clientId,
        authentication,
        jwts: true,
        cacheSeconds: 0,
        signed,
      };
      const resourceServer = startResourceServer(running, {
        authorizationServers: [{ issuer: running.issuer, introspection }],
      });
      expect([await resourceServer.judge(token), await resourceServer.judge(revoked)]).toEqual([200, 200]);
      await running.server.tokens.revoke({ token: revoked });
      expect([await resourceServer.judge(token), await resourceServer.judge(revoked)]).toEqual([200, 401]);
      await running.server.clients.delete(client.clientId);
      expect(await resourceServer.judge(token)).toBe(401);
    },
  );
});
