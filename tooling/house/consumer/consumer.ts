// Uses every package as its users do: compiled and run from the packed tarballs.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthorizationServer } from '@mcp-m2m/authorization-server';
import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { authorizedFetch, clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import type { Caller } from '@mcp-m2m/core/server';
import { mcpAuth } from '@mcp-m2m/express';
import { createTestAuthority } from '@mcp-m2m/testing';
import express from 'express';

const app = express();
const mcpServer = createServer(app).listen(0, '127.0.0.1');
await once(mcpServer, 'listening');
const resource = `http://127.0.0.1:${(mcpServer.address() as AddressInfo).port}/mcp`;

await using authority = await createTestAuthority({ audience: resource });
authority.registerClient({ clientId: 'consumer', secret: 'not a secret' });
const auth = mcpAuth({ resource, authorizationServers: [authority.issuer] });
app.use(auth.metadata());
app.all('/mcp', auth.protect(), (request, response) => {
  const caller: Caller | undefined = request.auth;
  response.json({
    jsonrpc: '2.0',
    id: 1,
    result: { clientId: caller?.clientId, ...clientCredentialsCapabilities() },
  });
});

const tokens = createTokenSource({
  resource,
  issuer: authority.issuer,
  clientId: 'consumer',
  authentication: clientSecretBasic({ clientSecret: 'not a secret' }),
});
const call: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
};
const refused = await fetch(resource, call);
const allowed = await authorizedFetch(tokens)(resource, call);
console.log(`${refused.status} then ${allowed.status}`);

const authorizationServer = await createAuthorizationServer({
  issuer: 'https://auth.example.com',
  resources: [{ resource, scopes: ['deploy:read'] }],
  database: ':memory:',
  secretKey: crypto.getRandomValues(new Uint8Array(32)),
});
await authorizationServer.close();
mcpServer.close();
mcpServer.closeAllConnections();
