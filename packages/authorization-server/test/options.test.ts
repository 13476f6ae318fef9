import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

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
    for (const secretKey of [SECRET_KEY, randomBytes(32), randomBytes(32).toString('hex')]) {
      const server = await createAuthorizationServer({ ...GOOD, secretKey });
      expect(server.issuer).toBe(GOOD.issuer);
      await server.close();
    }
  });

  it.each([
    ['issuer', undefined, 'issuer must be an absolute URL'],
    ['issuer', 'http://auth.example.com', 'issuer must use https'],
    ['issuer', 'https://auth.example.com?x=1', 'issuer must not contain a query'],
    ['resources', undefined, 'resources must list the MCP servers'],
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
    ['database', 'mysql://localhost/x', 'database must be the path'],
    ['database', 'file:x.db', 'database must be the path'],
    ['secretKey', undefined, 'secretKey must be at least 32'],
    ['secretKey', 'short', 'secretKey must be at least 32'],
    ['secretKey', new Uint8Array(31), 'secretKey must be at least 32'],
    ['secretKey', new Uint8Array(32), 'secretKey is not random'],
    ['secretKey', 'a'.repeat(32), 'openssl rand -base64 48'],
    ['secretKey', 'changeme-please!'.repeat(3), 'secretKey is not random'],
    ['secretKey', `${'0'.repeat(40)}1`, 'secretKey is not random'],
    ['secretKey', Uint8Array.from({ length: 32 }, (_, index) => index), 'secretKey is not random'],
    ['accessTokenLifetimeSeconds', 59, 'accessTokenLifetimeSeconds must be a whole number from 60 to 86400'],
    ['accessTokenLifetimeSeconds', 86_401, 'accessTokenLifetimeSeconds'],
    ['accessTokenLifetimeSeconds', 60.5, 'accessTokenLifetimeSeconds'],
    ['accessTokenLifetimeSeconds', '300', 'accessTokenLifetimeSeconds'],
    ['now', 5, 'now must be a function'],
    ['onEvent', 'log', 'onEvent must be a function'],
    ['trustedProxies', ['everybody'], 'trustedProxies[0] must be an IPv4 or IPv6 address'],
    ['throttling', { failuresPerClient: -1 }, 'throttling.failuresPerClient must be a whole number'],
    ['dangerouslyDisableThrottling', 'yes', 'dangerouslyDisableThrottling must be true or false'],
    ['audit', { retentionDays: 0 }, 'audit.retentionDays must be a whole number'],
    ['audit', { issuedTokens: 1 }, 'audit.issuedTokens must be true or false'],
    ['requestTimeoutSeconds', 0, 'requestTimeoutSeconds must be a whole number from 1 to 300'],
    ['onevent', () => {}, 'did you mean "onEvent"'],
  ])('refuses %s: %j', async (option, value, message) => {
    const creating = createAuthorizationServer({ ...GOOD, [option]: value });
    await expect(creating).rejects.toThrow(TypeError);
    await expect(creating).rejects.toThrow(message);
  });

  it('refuses rules for a throttle that is switched off', async () => {
    const creating = createAuthorizationServer({
      ...GOOD,
      throttling: {},
      dangerouslyDisableThrottling: true,
    });
    await expect(creating).rejects.toThrow('throttling has no effect');
  });

  it('tells all mistakes at once', async () => {
    const wrong = { issuer: 'x', resources: [{ resource: 'y' }, { resource: 'z' }], databse: 1 };
    const error: unknown = await createAuthorizationServer(wrong as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message.split('\n').toSorted()).toEqual([
      expect.stringContaining('did you mean "database"'),
      expect.stringContaining('database must be the path'),
      expect.stringContaining('issuer must be an absolute URL'),
      expect.stringContaining('resources[0].resource'),
      expect.stringContaining('resources[1].resource'),
      expect.stringContaining('secretKey must be'),
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', async () => await Promise.reject(new Error('listener'))],
  ])('does not let a listener that %s change an answer', async (_name, onEvent) => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const server = await createAuthorizationServer({ ...GOOD, onEvent });
    await expect(
      server.clients.create({
        authentication: { method: 'secret' },
        access: [{ resource: MCP, scopes: [] }],
      }),
    ).resolves.toMatchObject({ secret: expect.any(String) });
    await server.close();
    await setImmediate();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('is published with exactly these names', () => {
    expect(Object.keys(published).toSorted()).toEqual([
      'AuthorizationServerError',
      'createAuthorizationServer',
      'createEventLog',
      'prepareGracefulStop',
    ]);
  });
});
