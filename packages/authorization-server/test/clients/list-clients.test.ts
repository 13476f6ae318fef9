import { afterAll, describe, expect, it } from 'vitest';

import type { ListClientsOptions } from '../../src/index.ts';
import { MCP, OTHER_MCP, startServer } from '../running-server.ts';

const running = await startServer();
afterAll(async () => await running.stop());
const { clients } = running.server;

const access = [{ resource: MCP, scopes: ['deploy:read'] }];
await clients.create({
  clientId: 'alpha',
  label: 'Überwachung STRASSE',
  owner: 'Team Ä',
  authentication: { method: 'secret' },
  access,
});
await clients.create({
  clientId: 'beta',
  label: '100% done',
  owner: 'Team B',
  description: 'first line\nsecond line',
  authentication: { method: 'workload' },
  access: [{ resource: OTHER_MCP, scopes: [] }, ...access],
});
await clients.create({
  clientId: 'gamma_x',
  authentication: { method: 'secret' },
  access: [{ resource: OTHER_MCP, scopes: ['other:read'] }],
});
await clients.disable('gamma_x');

async function idsOf(options: ListClientsOptions): Promise<readonly string[]> {
  return (await clients.list(options)).clients.map(({ clientId }) => clientId);
}

describe('list', () => {
  it.each<[string, ListClientsOptions, readonly string[]]>([
    ['state', { state: 'disabled' }, ['gamma_x']],
    ['state', { state: 'enabled' }, ['alpha', 'beta']],
    ['method', { method: 'workload' }, ['beta']],
    ['resource', { resource: MCP }, ['alpha', 'beta']],
    ['resource, in another spelling', { resource: 'https://MCP.example.com:443/mcp' }, ['alpha', 'beta']],
    ['owner', { owner: 'Team B' }, ['beta']],
    ['owner in another case', { owner: 'team b' }, []],
    ['part of the label, in another case, beyond ASCII', { search: 'ÜBERWACHUNG strasse' }, ['alpha']],
    ['part of the owner', { search: 'TEAM' }, ['alpha', 'beta']],
    ['part of the id', { search: 'GAMMA' }, ['gamma_x']],
    ['part of the description', { search: 'second' }, ['beta']],
    ['a percent sign, which is no wildcard', { search: '0% d' }, ['beta']],
    ['a percent sign alone', { search: '%' }, ['beta']],
    ['an underscore, which is no wildcard', { search: 'gamma_' }, ['gamma_x']],
    ['a backslash', { search: '\\' }, []],
    ['a quote', { search: `' or 1=1 --` }, []],
    ['several at once', { search: 'team', method: 'secret', resource: MCP }, ['alpha']],
    ['nothing', {}, ['alpha', 'beta', 'gamma_x']],
  ])('filters by %s', async (_name, options, expected) => {
    expect(await idsOf(options)).toEqual(expected);
  });

  it('filters before it makes pages', async () => {
    const first = await clients.list({ resource: OTHER_MCP, limit: 1 });
    expect(first.clients.map(({ clientId }) => clientId)).toEqual(['beta']);
    expect(first.nextAfter).toBe('beta');
    const second = await clients.list({ resource: OTHER_MCP, limit: 1, after: 'beta' });
    expect(second.clients.map(({ clientId }) => clientId)).toEqual(['gamma_x']);
    expect(second.nextAfter).toBeUndefined();
  });

  it('finds what an update wrote, and no longer what was there before', async () => {
    await clients.update('gamma_x', { label: 'Archive' });
    expect(await idsOf({ search: 'archive' })).toEqual(['gamma_x']);
    await clients.update('gamma_x', { label: null });
    expect(await idsOf({ search: 'archive' })).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{ limit: 1001 }, 'limit must be'],
    [{ limit: 1.5 }, 'limit must be'],
    [{ state: 'gone' }, 'state must be one of'],
    [{ method: 'none' }, 'method must be one of'],
    [{ resource: 'mcp' }, 'resource must be'],
    [{ search: 'a\0b' }, 'search must be'],
    [{ search: '\uD800' }, 'search must be'],
    [{ search: 'x'.repeat(2049) }, 'search must be'],
    [{ after: 7 }, 'after must be'],
    [{ serach: 'x' }, 'did you mean "search"'],
  ])('refuses %j', async (options, message) => {
    await expect(clients.list(options as ListClientsOptions)).rejects.toThrow(message);
  });
});
