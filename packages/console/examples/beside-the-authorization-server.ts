import { createServer } from 'node:http';
import { createAuthorizationServer } from '@mcp-m2m/authorization-server';
import { createConsole } from '@mcp-m2m/console';

const issuer = 'http://localhost:4000'; // https://auth.example.com
const secretKey = process.env.AUTH_SECRET_KEY ?? ''; // openssl rand -base64 48
const options = { issuer, secretKey, resources: [], database: 'auth.sqlite', adminApi: true };
const auth = await createAuthorizationServer(options);
const web = createConsole({ issuer, secretKey, connections: 'connections.sqlite' });

export const server = createServer((req, res) => web.handler(req, res, () => auth.handler(req, res)));
server.listen(Number(process.env.PORT ?? 4000));
const first = await auth.ensureBootstrapClient('administrator.json');
console.log(`${web.url}: sign in with the client id and secret in ${first?.file ?? 'administrator.json'}`);
