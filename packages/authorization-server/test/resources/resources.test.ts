import { afterAll, describe, expect, it } from 'vitest';

import type { CreateResourceOptions, UpdateResourceOptions } from '../../src/index.ts';
import { GRANT, MCP, OTHER_MCP, registerWithSecret, requestToken, startServer } from '../running-server.ts';

const running = await startServer();
afterAll(async () => await running.stop());
const { resources, clients } = running.server;

const NEW = 'https://new.example.com/mcp';
const TOOLS = [
  { name: 'start_deployment', description: 'Starts it.', scopes: ['new:write'] },
  { name: 'list', scopes: [] },
];

async function register(clientId: string, resource: string, scopes: readonly string[]) {
  const { secret } = await clients.create({
    clientId,
    authentication: { method: 'secret' },
    access: [{ resource, scopes }],
  });
  return async (parameters: Record<string, string> = {}) =>
    await requestToken(running, {
      ...GRANT,
      client_id: clientId,
      client_secret: secret as string,
      ...parameters,
    });
}

describe('resources', () => {
  it('that administrators register stand beside those of the configuration', async () => {
    const created = await resources.create({
      resource: 'https://NEW.example.com:443/mcp',
      label: 'New',
      scopes: ['new:read', 'new:write'],
      tools: TOOLS,
    });
    expect(created).toEqual({
      resource: NEW,
      source: 'administrator',
      label: 'New',
      scopes: ['new:read', 'new:write'],
      tools: TOOLS,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: created.createdAt,
      revision: expect.any(String),
    });
    expect(running.events.at(-1)).toMatchObject({ type: 'resource_created', resource: NEW, actor: 'owner' });
    expect(await resources.get(NEW)).toEqual(created);
    expect(await resources.get(MCP)).toEqual({
      resource: MCP,
      source: 'configuration',
      scopes: ['deploy:read', 'deploy:write', 'deploy:approve'],
    });
    expect(await resources.get('https://nowhere.example.com')).toBeUndefined();
    const listed = async (options = {}) =>
      (await resources.list(options)).resources.map(({ resource }) => resource);
    expect(await listed()).toEqual([MCP, NEW, OTHER_MCP]);
    expect(await listed({ source: 'configuration' })).toEqual([MCP, OTHER_MCP]);
    expect(await listed({ source: 'administrator' })).toEqual([NEW]);
    const page = await resources.list({ limit: 2 });
    expect(page.nextAfter).toBe(NEW);
    expect(await listed({ after: NEW })).toEqual([OTHER_MCP]);

    for (const document of ['oauth-authorization-server', 'openid-configuration']) {
      const metadata = await fetch(`${running.issuer}/.well-known/${document}`);
      const { scopes_supported: scopes } = (await metadata.json()) as Record<string, unknown>;
      expect(scopes).toEqual(expect.arrayContaining(['new:read', 'new:write', 'deploy:read']));
    }

    const ask = await register('of-new', NEW, ['new:read']);
    expect((await ask()).body).toMatchObject({ scope: 'new:read' });
  });

  it('lose scopes for every client at once, and give them back', async () => {
    const resource = 'https://narrowed.example.com';
    await resources.create({ resource, scopes: ['a', 'b'] });
    const ask = await register('of-narrowed', resource, ['a', 'b']);
    expect((await ask()).body['scope']).toBe('a b');
    const { revision } = await resources.update(resource, { scopes: ['a'], label: 'Narrowed' });
    expect(running.events.at(-1)).toMatchObject({ type: 'resource_updated', resource });
    expect((await ask()).body['scope']).toBe('a');
    expect((await ask({ scope: 'b' })).body['error']).toBe('invalid_scope');
    await expect(resources.update(resource, { scopes: [], ifRevision: 'other' })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    await resources.update(resource, { scopes: ['a', 'b', 'c'], ifRevision: revision as string });
    expect((await ask()).body['scope']).toBe('a b');
    expect(await resources.get(resource)).toMatchObject({ label: 'Narrowed', scopes: ['a', 'b', 'c'] });
  });

  it('that clients may use are deleted only with that access', async () => {
    const resource = 'https://leaving.example.com';
    await resources.create({ resource, scopes: ['x'] });
    const ask = await register('of-leaving', resource, ['x']);
    const both = await register('of-both', resource, ['x']);
    await clients.update('of-both', {
      access: [
        { resource, scopes: ['x'] },
        { resource: MCP, scopes: ['deploy:read'] },
      ],
      defaultResource: resource,
    });
    const deleting = resources.delete(resource);
    await expect(deleting).rejects.toMatchObject({ code: 'resource_in_use' });
    await expect(deleting).rejects.toThrow('of-both, of-leaving');
    await expect(resources.delete(resource, { removeAccess: true, ifRevision: 'x' })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    expect((await ask()).status).toBe(200);

    expect(await resources.delete(resource, { removeAccess: true })).toBe(true);
    expect(running.events.at(-1)).toMatchObject({ type: 'resource_deleted', resource });
    expect((await ask()).body['error']).toBe('invalid_target');
    expect((await both()).body['scope']).toBe('deploy:read');
    expect(await clients.get('of-both')).toMatchObject({ access: [{ resource: MCP }] });
    expect((await clients.get('of-both'))?.defaultResource).toBeUndefined();
    expect(await resources.delete(resource)).toBe(false);
    await expect(resources.update(resource, {})).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of the configuration are changed there', async () => {
    for (const changing of [
      resources.update(MCP, { label: 'x' }),
      resources.delete(MCP),
      resources.delete(MCP, { removeAccess: true }),
    ]) {
      await expect(changing).rejects.toMatchObject({ code: 'resource_configured' });
    }
    await expect(resources.create({ resource: MCP, scopes: [] })).rejects.toMatchObject({
      code: 'resource_exists',
    });
  });

  it('are registered once, however many ask at the same time', async () => {
    const resource = 'https://raced.example.com';
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, async () => await resources.create({ resource, scopes: [] })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each<[Partial<CreateResourceOptions> | Record<string, unknown>, string]>([
    [{ resource: 'mcp' }, 'resource must be'],
    [{ resource: 'http://mcp.example.org' }, 'resource must use https'],
    [{ resource: `${NEW}#x` }, 'fragment'],
    [{ scopes: undefined }, 'scopes must list'],
    [{ scopes: ['a b'] }, 'scopes contains'],
    [{ scopes: ['a', 'a'] }, 'scopes names a scope twice'],
    [{ label: '' }, 'label must be'],
    [{ tools: {} }, 'tools must be a list'],
    [{ tools: [{ name: 'x', scopes: ['unknown'] }] }, '"x" needs the scope "unknown"'],
    [{ tools: [{ name: '', scopes: [] }] }, 'tools[0].name must be'],
    [{ tools: [...TOOLS, TOOLS[1]].map((tool) => ({ ...tool, scopes: [] })) }, 'listed twice'],
    [{ tools: Array.from({ length: 1001 }, (_, i) => ({ name: `${i}`, scopes: [] })) }, 'at most 1000'],
    [{ scope: [] }, 'did you mean "scopes"'],
  ])('are refused with %j', async (change, message) => {
    const options = { resource: 'https://wrong.example.com', scopes: [], ...change };
    await expect(resources.create(options as CreateResourceOptions)).rejects.toThrow(message);
  });

  it('keep their tools within their scopes when either changes', async () => {
    const resource = 'https://tools.example.com';
    await resources.create({ resource, scopes: ['new:write'], tools: TOOLS });
    await expect(resources.update(resource, { scopes: [] })).rejects.toThrow('needs the scope');
    expect((await resources.update(resource, { scopes: [], tools: null })).tools).toBeUndefined();
    const bad = { tools: TOOLS } as UpdateResourceOptions;
    await expect(resources.update(resource, bad)).rejects.toThrow('needs the scope');
    expect(await resources.get(resource)).toMatchObject({ scopes: [] });
  });
});

describe('a server without configured resources', () => {
  it('serves those that are registered', async () => {
    const bare = await startServer({ resources: [] });
    await expect(registerWithSecret(bare, 'early')).rejects.toThrow('none is registered yet');
    await bare.server.resources.create({ resource: MCP, scopes: ['deploy:read', 'deploy:write'] });
    const secret = await registerWithSecret(bare, 'nightly');
    const answer = await requestToken(bare, { ...GRANT, client_id: 'nightly', client_secret: secret });
    expect([answer.status, answer.body['scope']]).toEqual([200, 'deploy:read deploy:write']);
    await bare.stop();
  });
});
