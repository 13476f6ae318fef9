import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { readConfiguration } from '../../src/program/program-configuration.ts';
import { MCP, SECRET_KEY } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

const DATABASE = 'postgresql://auth@db.internal/auth?sslmode=disable';

describe('the configuration of the program', () => {
  let folder: string;
  beforeEach(() => (folder = createTemporaryFolder()));

  function write(settings: unknown): string {
    const path = join(folder, 'config.json');
    writeFileSync(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
    return path;
  }

  function mistakes(settings: unknown, environment: Record<string, string> = {}): string[] {
    try {
      readConfiguration(write(settings), environment);
    } catch (error) {
      if (error instanceof TypeError) return error.message.split('\n');
      throw error;
    }
    return [];
  }

  const GOOD = { issuer: 'https://auth.example.com', database: 'auth.sqlite' };
  const KEY = { MCP_M2M_SECRET_KEY: SECRET_KEY };

  it('comes from a file, with the secret key in a file of its own', () => {
    const secretKeyFile = join(folder, 'key');
    writeFileSync(secretKeyFile, `${SECRET_KEY}\n`);
    const resources = [{ resource: MCP, scopes: ['deploy:read'] }];
    const configuration = readConfiguration(
      write({ ...GOOD, secretKeyFile, resources, trustedProxies: ['loopback'], log: { level: 'warn' } }),
      {},
    );
    expect(configuration).toEqual({
      server: {
        ...GOOD,
        secretKey: SECRET_KEY,
        resources,
        adminApi: true,
        trustedProxies: ['loopback'],
      },
      listen: { host: '127.0.0.1', port: 4000, tls: undefined },
      operations: undefined,
      logLevel: 'warn',
      bootstrapCredentialFile: 'bootstrap-credential.json',
      shutdown: { delaySeconds: 5, withinSeconds: 10 },
    });
  });

  it('comes from the environment alone, where nothing else is needed', () => {
    const configuration = readConfiguration(undefined, {
      ...KEY,
      MCP_M2M_ISSUER: 'https://auth.example.com',
      MCP_M2M_DATABASE: DATABASE,
      MCP_M2M_HOST: '0.0.0.0',
      MCP_M2M_PORT: '8080',
      MCP_M2M_OPERATIONS_PORT: '9000',
      MCP_M2M_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8',
      MCP_M2M_LOG_LEVEL: 'debug',
      PATH: '/bin',
    });
    expect(configuration).toMatchObject({
      server: { database: DATABASE, trustedProxies: ['loopback', '10.0.0.0/8'] },
      listen: { host: '0.0.0.0', port: 8080 },
      operations: { host: '127.0.0.1', port: 9000 },
      logLevel: 'debug',
    });
  });

  it('has the environment go before the file, setting by setting', () => {
    const path = write({ ...GOOD, listen: { host: '::1', port: 1234 } });
    const { listen, server } = readConfiguration(path, { ...KEY, MCP_M2M_PORT: '4321', MCP_M2M_ISSUER: '' });
    expect(listen).toEqual({ host: '::1', port: 4321, tls: undefined });
    expect(server.issuer).toBe(GOOD.issuer);
  });

  it('is refused with all its mistakes at once', () => {
    const found = mistakes(
      {
        issuer: 'auth.example.com',
        databse: 'auth.sqlite',
        resources: [{ resource: 'mcp', scopes: [] }],
        accessTokenLifetimeSeconds: 5,
        listen: { port: 70_000 },
        log: { level: 'loud' },
        shutdown: { delaySeconds: -1 },
        throttling: { windowSeconds: 0 },
      },
      { MCP_M2M_PROT: '1' },
    );
    for (const expected of [
      'issuer must be',
      'did you mean "database"',
      'database must be',
      'resources[0].resource',
      'accessTokenLifetimeSeconds must be',
      'listen.port must be',
      'log.level must be one of',
      'shutdown.delaySeconds must be',
      'throttling.windowSeconds must be',
      'secretKeyFile (or MCP_M2M_SECRET_KEY) is missing',
      'did you mean "MCP_M2M_PORT"',
    ]) {
      expect(found.filter((mistake) => mistake.includes(expected))).toHaveLength(1);
    }
    expect(found).toHaveLength(11);
  });

  it('S1: is refused with a secret key in it, which is not repeated', () => {
    const found = mistakes({ ...GOOD, secretKey: SECRET_KEY }, KEY);
    expect(found).toEqual([expect.stringContaining('secretKey does not belong into the configuration')]);
    expect(found.join()).not.toContain(SECRET_KEY);
  });

  it.each([
    ['{ "issuer": "canary" // comment', 'is not JSON'],
    ['[]', 'must be a JSON object'],
  ])('is refused when it is %s, which is not repeated', (text, expected) => {
    const [mistake] = mistakes(text, KEY);
    expect(mistake).toContain(expected);
    expect(mistake).not.toContain('canary');
  });

  it.each([
    [{ secretKeyFile: '/nowhere/key' }, {}, 'secretKeyFile cannot be read: ENOENT'],
    [{ secretKeyFile: 'key' }, KEY, 'are both set'],
    [{}, { MCP_M2M_SECRET_KEY: 'short' }, 'secretKey must be at least 32'],
    [{ now: 5 }, KEY, 'unknown option "now"'],
    [{ listen: { certificateFile: 'cert.pem' } }, KEY, 'must both name a file'],
    [
      { listen: { certificateFile: '/nowhere/c', privateKeyFile: '/nowhere/k' } },
      KEY,
      'listen.certificateFile cannot be read',
    ],
    [{ operations: { port: 'x' } }, KEY, 'operations.port must be a whole number'],
    [{}, { ...KEY, MCP_M2M_PORT: 'http' }, 'listen.port must be a whole number'],
    [{ bootstrapCredentialFile: 7 }, KEY, 'bootstrapCredentialFile must be the path'],
  ])('is refused with %o and %o', (settings, environment, expected) => {
    const found = mistakes({ ...GOOD, ...settings }, environment);
    expect(found).toEqual([expect.stringContaining(expected)]);
  });

  it('is refused when certificate and private key are none', () => {
    const file = write('neither');
    const found = mistakes({ ...GOOD, listen: { certificateFile: file, privateKeyFile: file } }, KEY);
    expect(found).toEqual([expect.stringContaining('must hold a certificate and its private key')]);
  });
});
