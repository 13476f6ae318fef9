import { describe, expect, it } from 'vitest';

import * as published from '../src/index.ts';
import { createAuthorizationServer, type AuthorizationServerOptions } from '../src/index.ts';
import { MCP, SECRET_KEY } from './running-server.ts';

const GOOD: AuthorizationServerOptions = {
  issuer: 'https://auth.example.com',
  resources: [{ resource: MCP, scopes: ['deploy:read'] }],
  database: ':memory:',
  secretKey: SECRET_KEY,
};

describe('createAuthorizationServer', () => {
  it('accepts the required options alone, a key of bytes included', async () => {
    for (const secretKey of [SECRET_KEY, new Uint8Array(32).fill(7)]) {
      const server = await createAuthorizationServer({ ...GOOD, secretKey });
      expect(server.issuer).toBe(GOOD.issuer);
      await server.close();
    }
  });

  it.each([
    ['issuer', undefined, 'issuer must be an absolute URL'],
    ['issuer', 'http://auth.example.com', 'issuer must use https'],
    ['issuer', 'https://auth.example.com?x=1', 'issuer must not contain a query'],
    ['resources', undefined, 'resources must list at least one'],
    ['resources', [], 'resources must list at least one'],
    ['resources', [{ resource: MCP }], 'resources[0].scopes must be an array'],
    [
      'resources',
      [{ resource: 'http://mcp.example.com', scopes: [] }],
      'resources[0].resource must use https',
    ],
    ['resources', [{ resource: MCP, scopes: ['a b'] }], 'resources[0].scopes'],
    ['resources', [{ resource: MCP, scopes: ['a', 'a'] }], 'resources[0].scopes names a scope twice'],
    ['resources', [{ resource: MCP, scope: ['a'] }], 'did you mean "scopes"'],
    [
      'resources',
      [
        { resource: MCP, scopes: [] },
        { resource: MCP, scopes: [] },
      ],
      'listed twice',
    ],
    ['database', undefined, 'database must be the path'],
    ['database', 'postgres://localhost/x', 'database must be the path'],
    ['database', 'file:x.db', 'database must be the path'],
    ['secretKey', undefined, 'secretKey must be at least 32'],
    ['secretKey', 'short', 'secretKey must be at least 32'],
    ['secretKey', new Uint8Array(31), 'secretKey must be at least 32'],
    ['accessTokenLifetimeSeconds', 59, 'accessTokenLifetimeSeconds must be a whole number from 60 to 86400'],
    ['accessTokenLifetimeSeconds', 86_401, 'accessTokenLifetimeSeconds'],
    ['accessTokenLifetimeSeconds', 60.5, 'accessTokenLifetimeSeconds'],
    ['accessTokenLifetimeSeconds', '300', 'accessTokenLifetimeSeconds'],
    ['now', 5, 'now must be a function'],
    ['onEvent', 'log', 'onEvent must be a function'],
    ['onevent', () => {}, 'did you mean "onEvent"'],
  ])('refuses %s: %j', async (option, value, message) => {
    const creating = createAuthorizationServer({ ...GOOD, [option]: value });
    await expect(creating).rejects.toThrow(TypeError);
    await expect(creating).rejects.toThrow(message);
  });

  it('does not let a listener that throws change an answer', async () => {
    const server = await createAuthorizationServer({
      ...GOOD,
      onEvent: () => {
        throw new Error('listener');
      },
    });
    await expect(
      server.clients.create({
        authentication: { method: 'secret' },
        access: [{ resource: MCP, scopes: [] }],
      }),
    ).resolves.toMatchObject({ secret: expect.any(String) });
    await server.close();
  });

  it('is published with exactly these names', () => {
    expect(Object.keys(published).toSorted()).toEqual([
      'AuthorizationServerError',
      'createAuthorizationServer',
    ]);
  });
});
