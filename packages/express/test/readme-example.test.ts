import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';

process.env.PORT = '0';

/** Where an example listens, until the test has finished. */
function originOf(server: Server): string {
  onTestFinished(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('the example of the README refuses a request without a token and says where to get one', async () => {
  const origin = originOf((await import('../examples/server.ts')).server);
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
});

it('the example with an error handler answers as protect() does, and logs the reason', async () => {
  const origin = originOf((await import('../examples/error-handler.ts')).server);
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  const refused = await fetch(`${origin}/mcp`, { method: 'POST', body: '{}' });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata=/);
  expect(await refused.json()).toEqual({ error_description: expect.stringContaining('access token') });
  expect(warn.mock.calls).toEqual([['POST', '/mcp', 'credentials_missing']]);
});
