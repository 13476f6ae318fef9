import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { run } from './running-koa.ts';

it('the example of the README refuses a request without a token and says where to get one', async () => {
  process.env.PORT = '0';
  const { server } = await import('../examples/server.ts');
  const { port } = server.address() as AddressInfo;
  try {
    const refused = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', body: '{}' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer scope="deploy:read", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
    );
    const metadata = await fetch(`http://127.0.0.1:${port}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.json()).toMatchObject({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['deploy:read', 'deploy:write'],
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

it('the mounted example of the README protects what is mounted, and no more', async () => {
  const { app } = await import('../examples/mounted.ts');
  await using server = await run(() => app.callback());
  const statusOf = async (path: string): Promise<number> => (await fetch(`${server.origin}${path}`)).status;
  expect(await statusOf('/services/mcp')).toBe(401);
  expect(await statusOf('/.well-known/oauth-protected-resource/services/mcp')).toBe(200);
  expect(await statusOf('/other')).toBe(200);
});
