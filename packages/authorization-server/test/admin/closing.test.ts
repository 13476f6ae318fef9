import { request } from 'node:http';

import { expect, it } from 'vitest';

import { MCP } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

it('an administrative request that had begun is answered before the server closes, and none after that', async () => {
  const { call, issuer, server, token } = await startAdmin();
  const body = JSON.stringify({
    clientId: 'late',
    authentication: { method: 'workload' },
    access: [{ resource: MCP, scopes: [] }],
  });
  const sent = request(`${issuer}/admin/v1/clients`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  });
  const status = new Promise((resolve, reject) => {
    sent.on('response', (response) => resolve(response.resume().statusCode));
    sent.on('error', reject);
  });
  sent.write(body.slice(0, 10));
  // Another request, sent later and answered, shows that the first has arrived.
  await call('GET', '/server');
  const closing = server.close();
  const refused = await call('GET', '/clients');
  expect(refused).toMatchObject({ status: 503, body: { code: 'server_stopping' } });
  expect(refused.headers.get('retry-after')).toBe('5');
  sent.end(body.slice(10));
  expect(await status).toBe(201);
  await closing;
});
