import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

it('the example of the README refuses a request without a token and says where to get one', async () => {
  process.env.PORT = '0';
  const { app } = await import('../examples/server.ts');
  const origin = `http://localhost:${(app.server.address() as AddressInfo).port}`;
  try {
    const refused = await fetch(`${origin}/mcp`, { method: 'POST', body: '{}' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer scope="deploy:read", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
    );
    const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.json()).toMatchObject({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['deploy:read', 'deploy:write'],
    });
  } finally {
    await app.close();
  }
});

it('the scoped example of the README protects the scope, and no more', async () => {
  const { app } = await import('../examples/scope.ts');
  const statusOf = async (url: string): Promise<number> => (await app.inject(url)).statusCode;
  expect(await statusOf('/services/mcp')).toBe(401);
  expect(await statusOf('/.well-known/oauth-protected-resource/services/mcp')).toBe(200);
  expect(await statusOf('/health')).toBe(200);
  await app.close();
});
