import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';

it('the example of the README issues a token to the client it creates', async () => {
  process.env.PORT = '0';
  process.env.AUTH_DATABASE = ':memory:';
  process.env.AUTH_SECRET_KEY = randomBytes(48).toString('base64');
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const { server } = await import('../examples/server.ts');
  const [clientId, secret] = printed.mock.calls[0] as [string, string];
  printed.mockRestore();
  try {
    const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(await response.json()).toMatchObject({ token_type: 'Bearer', scope: 'deploy:read deploy:write' });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
