import { discoverAuthorizationServerMetadata as discoverByClient2 } from '@modelcontextprotocol/client';
import { discoverAuthorizationServerMetadata as discoverBySdk1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { afterEach, describe, expect, it } from 'vitest';

import { startServer, type RunningServer } from './running-server.ts';

const GRANTS = [
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];

describe('the metadata', () => {
  let running: RunningServer;
  afterEach(async () => await running.stop());

  it('says what is enforced and nothing else', async () => {
    running = await startServer();
    const { issuer } = running;
    const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
    const algorithms = ['ES', 'PS', 'RS'].flatMap((family) =>
      [256, 384, 512].map((bits) => `${family}${bits}`),
    );
    algorithms.splice(3, 0, 'EdDSA', 'Ed25519');
    expect(await response.json()).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      scopes_supported: ['deploy:read', 'deploy:write', 'deploy:approve', 'other:read'],
      response_types_supported: [],
      grant_types_supported: GRANTS,
      authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
      token_endpoint_auth_methods_supported: [...methods, 'none'],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      dpop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
      revocation_endpoint: `${issuer}/revoke`,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint: `${issuer}/introspect`,
      introspection_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_signing_alg_values_supported: ['ES256', 'EdDSA', 'RS256'],
      status_list_aggregation_endpoint: `${issuer}/status`,
    });
  });

  it('does not follow the Host header', async () => {
    running = await startServer();
    const response = await fetch(`${running.issuer}/.well-known/oauth-authorization-server`, {
      headers: { 'x-forwarded-host': 'evil.example.com', 'x-forwarded-proto': 'https' },
    });
    expect(await response.text()).not.toContain('evil');
  });

  it.each([
    ['', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    [
      '/tenant/one',
      [
        '/.well-known/oauth-authorization-server/tenant/one',
        '/.well-known/openid-configuration/tenant/one',
        '/tenant/one/.well-known/openid-configuration',
      ],
    ],
    ['/', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
  ])('of an issuer with the path "%s" is at the well-known locations', async (issuerPath, paths) => {
    running = await startServer({ issuerPath });
    for (const path of paths) {
      const response = await fetch(running.origin + path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(await response.json()).toMatchObject({
        issuer: running.issuer,
        token_endpoint: `${running.issuer.replace(/\/$/, '')}/token`,
      });
    }
  });

  it.each(['', '/tenant/one'])(
    'of an issuer with the path "%s" is accepted by both official SDK lines',
    async (issuerPath) => {
      running = await startServer({ issuerPath });
      for (const discover of [discoverBySdk1, discoverByClient2]) {
        const metadata = await discover(running.issuer);
        expect(metadata).toMatchObject({
          issuer: running.issuer,
          grant_types_supported: GRANTS,
        });
      }
    },
  );

  it('as an OpenID document is accepted by both official SDK lines', async () => {
    running = await startServer();
    const onlyOpenId = async (input: string | URL, init?: RequestInit) =>
      String(input).includes('oauth-authorization-server')
        ? new Response(null, { status: 404 })
        : await fetch(input, init);
    for (const discover of [discoverBySdk1, discoverByClient2]) {
      const metadata = await discover(running.issuer, { fetchFn: onlyOpenId });
      expect(metadata).toMatchObject({ issuer: running.issuer, id_token_signing_alg_values_supported: [] });
    }
  });

  it('names an authorization endpoint that refuses everything and says what to use instead', async () => {
    running = await startServer();
    for (const method of ['GET', 'POST']) {
      const response = await fetch(
        `${running.issuer}/authorize?response_type=code&client_id=x&redirect_uri=https://evil.example.com`,
        { method, redirect: 'manual' },
      );
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
      const body = (await response.json()) as Record<string, string>;
      expect(body['error']).toBe('unsupported_response_type');
      expect(body['error_description']).toContain('client_credentials');
    }
  });

  it('is served to GET and HEAD alone', async () => {
    running = await startServer();
    const url = `${running.issuer}/.well-known/oauth-authorization-server`;
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    const response = await fetch(url, { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('names no endpoint that the engine has and this server does not offer', async () => {
    running = await startServer();
    for (const path of [
      '/auth',
      '/me',
      '/reg',
      '/token/introspection',
      '/token/revocation',
      '/session/end',
      '/request',
    ]) {
      for (const method of ['GET', 'POST']) {
        expect([path, (await fetch(running.issuer + path, { method })).status]).toEqual([path, 404]);
      }
    }
  });
});
