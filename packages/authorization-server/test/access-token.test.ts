import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from './assertion.ts';
import {
  GRANT,
  MCP,
  OTHER_MCP,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from './running-server.ts';

describe('an access token', () => {
  let running: RunningServer;
  afterEach(async () => await running.stop());

  /** Verifies as any resource server would: keys by way of the served metadata, nothing of ours. */
  async function verify(token: string, audience: string, currentDate = new Date()) {
    const metadata = (await (
      await fetch(`${running.origin}/.well-known/oauth-authorization-server`)
    ).json()) as { issuer: string; jwks_uri: string };
    return await jwtVerify(token, createRemoteJWKSet(new URL(metadata.jwks_uri)), {
      issuer: metadata.issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
      currentDate,
    });
  }

  it('verifies with jose against the served metadata, whichever way the client authenticated', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'nightly');
    const signer = await registerWithKey(running, 'signer', ['deploy:read', 'deploy:write']);
    const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
    for (const [clientId, answer] of [
      ['nightly', await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: secret })],
      ['signer', await requestWithAssertion(running, assertion)],
    ] as const) {
      const { payload, protectedHeader } = await verify(String(answer.body['access_token']), MCP);
      expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
      expect(payload).toEqual({
        iss: running.issuer,
        aud: MCP,
        sub: clientId,
        client_id: clientId,
        scope: 'deploy:read deploy:write',
        jti: expect.stringMatching(/^[\w-]{20,}\.1\.\d+$/),
        status: { status_list: { idx: expect.any(Number), uri: `${running.issuer}/status/1` } },
        iat: expect.any(Number),
        exp: Number(payload.iat) + 300,
      });
    }
  });

  it('is for exactly the resource asked for, and not accepted for another', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'both', ['deploy:read'], [MCP, OTHER_MCP]);
    const answer = await requestToken(running, {
      ...GRANT,
      client_id: 'both',
      client_secret: secret,
      resource: OTHER_MCP,
    });
    const token = String(answer.body['access_token']);
    expect((await verify(token, OTHER_MCP)).payload.aud).toBe(OTHER_MCP);
    await expect(verify(token, MCP)).rejects.toThrow('"aud"');
  });

  it('has its own id every time', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'nightly');
    const ids = new Set();
    for (let i = 0; i < 5; i++) {
      const answer = await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: secret });
      ids.add((await verify(String(answer.body['access_token']), MCP)).payload.jti);
    }
    expect(ids.size).toBe(5);
  });

  it('lives as long as configured, by the injected clock', async () => {
    const now = Date.UTC(2031, 0, 1);
    running = await startServer({ accessTokenLifetimeSeconds: 3600, now: () => now });
    const secret = await registerWithSecret(running, 'nightly');
    const answer = await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: secret });
    expect(answer.body['expires_in']).toBe(3600);
    const { payload } = await verify(String(answer.body['access_token']), MCP, new Date(now));
    expect([payload.iat, payload.exp]).toEqual([now / 1000, now / 1000 + 3600]);
  });

  it('of a client without scopes has none', async () => {
    running = await startServer({ resources: [{ resource: MCP, scopes: [] }] });
    const secret = await registerWithSecret(running, 'plain', []);
    const credentials = { ...GRANT, client_id: 'plain', client_secret: secret };
    const answer = await requestToken(running, credentials);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('scope');
    expect((await verify(String(answer.body['access_token']), MCP)).payload).not.toHaveProperty('scope');
    expect((await requestToken(running, { ...credentials, scope: 'any' })).body['error']).toBe(
      'invalid_scope',
    );
  });

  it('is for the canonical form of the resource, a bare origin without its slash', async () => {
    running = await startServer({ resources: [{ resource: 'https://MCP.example.com/', scopes: ['a'] }] });
    const secret = await registerWithSecret(running, 'bare', ['a'], ['https://mcp.example.com']);
    for (const resource of ['https://mcp.example.com', 'https://mcp.example.com/']) {
      const answer = await requestToken(running, {
        ...GRANT,
        client_id: 'bare',
        client_secret: secret,
        resource,
      });
      expect((await verify(String(answer.body['access_token']), 'https://mcp.example.com')).payload.aud).toBe(
        'https://mcp.example.com',
      );
    }
  });

  it('names a key of the served set', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'nightly');
    const answer = await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: secret });
    const response = await fetch(`${running.issuer}/jwks`);
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const key = {
      kty: 'EC',
      crv: 'P-256',
      x: expect.any(String),
      y: expect.any(String),
      alg: 'ES256',
      use: 'sig',
    };
    const { kid } = decodeProtectedHeader(String(answer.body['access_token']));
    // The other is the next one.
    expect(keys).toEqual([
      { ...key, kid },
      { ...key, kid: expect.not.stringMatching(`^${kid}$`) },
    ]);
  });

  it('is reported with its client, resource and scopes', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'nightly');
    await requestToken(running, { ...GRANT, client_id: 'nightly', client_secret: secret });
    expect(running.events.at(-1)).toEqual({
      type: 'token_issued',
      at: expect.any(Number),
      clientId: 'nightly',
      resource: MCP,
      scopes: ['deploy:read', 'deploy:write'],
      tokenId: expect.any(String),
      expiresAt: expect.any(Number),
      remoteAddress: '127.0.0.1',
    });
  });
});
