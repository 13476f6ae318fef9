import { createServer } from 'node:http';
import { createAuthorizationServer } from '@mcp-m2m/authorization-server';

const access = [{ resource: 'http://localhost:3000/mcp', scopes: ['deploy:read', 'deploy:write'] }];
const authorizationServer = await createAuthorizationServer({
  issuer: 'http://localhost:4000',
  resources: access,
  database: process.env.AUTH_DATABASE ?? 'auth.sqlite',
  secretKey: process.env.AUTH_SECRET_KEY ?? '', // openssl rand -base64 48
});
export const server = createServer(authorizationServer.handler).listen(Number(process.env.PORT ?? 4000));

const { clients } = authorizationServer;
const client = await clients.create({ authentication: { method: 'secret' }, access });
console.log(client.clientId, client.secret); // the secret is returned this once
