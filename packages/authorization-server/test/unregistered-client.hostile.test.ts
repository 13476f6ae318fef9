import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, describe, expect, it } from 'vitest';

import { basic, GRANT, lastReason, requestToken } from './running-server.ts';
import { startServerForFile } from './server-for-file.ts';

const running = await startServerForFile();
const fetched: string[] = [];
const somewhere = createServer((request, response) => {
  fetched.push(String(request.url));
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      client_id: clientId,
      token_endpoint_auth_method: 'none',
      grant_types: ['client_credentials'],
      redirect_uris: [`${new URL(clientId).origin}/callback`],
    }),
  );
});
await new Promise<void>((resolve) => somewhere.listen(0, '127.0.0.1', resolve));
afterAll(() => void somewhere.close());
const clientId = `http://127.0.0.1:${(somewhere.address() as AddressInfo).port}/client.json`;

describe('a client that nobody registered', () => {
  it('AS20: whose id is the address of a document is unknown like any other, and nothing is fetched', async () => {
    const { issuer } = running;
    const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
    expect(await response.json()).not.toHaveProperty('client_id_metadata_document_supported');
    for (const [parameters, headers] of [
      [{ ...GRANT, client_id: clientId }, {}],
      [{ ...GRANT, client_id: clientId, client_secret: 'x' }, {}],
      [GRANT, basic(encodeURIComponent(clientId), 'x')],
    ] as const) {
      const answer = await requestToken(running, parameters, headers);
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
      expect(lastReason(running)).toBe('client_unknown');
    }
    expect(fetched).toEqual([]);
  });

  it('AS5: gets no token, and cannot register itself', async () => {
    expect((await requestToken(running, { ...GRANT, client_id: 'public' })).status).toBe(401);
    const response = await fetch(`${running.issuer}/.well-known/oauth-authorization-server`);
    expect(await response.json()).not.toHaveProperty('registration_endpoint');
    for (const path of ['/register', '/reg']) {
      const { status } = await fetch(running.issuer + path, {
        method: 'POST',
        body: JSON.stringify({ redirect_uris: [], grant_types: ['client_credentials'] }),
        headers: { 'content-type': 'application/json' },
      });
      expect([path, status]).toEqual([path, 404]);
    }
  });
});
