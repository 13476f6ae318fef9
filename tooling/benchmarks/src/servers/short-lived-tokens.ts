// An authorization server that takes its time, and MCP servers that refuse its tokens once they have expired, in one
// process of their own. The client's name says how many seconds its tokens live.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

const [latency = '0'] = process.argv.slice(2);
const METADATA = '/.well-known/oauth-protected-resource';
let issued = 0;

async function issueToken(request: IncomingMessage): Promise<object> {
  await setTimeout(Number(latency));
  const credentials = (request.headers.authorization ?? '').replace('Basic ', '');
  const [client = ''] = Buffer.from(credentials, 'base64').toString().split(':');
  const lifetime = Number(/^lives-(\d+)$/.exec(client)?.[1]);
  issued += 1;
  // The token says itself when it ends: nobody here is to be kept out.
  const token = `${Date.now() + lifetime * 1000}.${issued}`;
  return { access_token: token, token_type: 'Bearer', expires_in: lifetime };
}

async function answer(request: IncomingMessage, origin: string): Promise<{ status: number; json?: object }> {
  const { url = '/' } = request;
  await text(request);
  if (url === '/token') return { status: 200, json: await issueToken(request) };
  if (url.startsWith(METADATA)) {
    const resource = origin + url.slice(METADATA.length);
    return { status: 200, json: { resource, authorization_servers: [origin] } };
  }
  if (url.startsWith('/.well-known/')) {
    return {
      status: 200,
      json: {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
        grant_types_supported: ['client_credentials'],
        response_types_supported: ['code'],
      },
    };
  }
  const [, expiresAt] = /^Bearer (\d+)\./.exec(request.headers.authorization ?? '') ?? [];
  return Number(expiresAt) > Date.now() ? { status: 200, json: { done: true } } : { status: 401 };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const origin = `http://${request.headers.host}`;
  const { status, json = {} } = await answer(request, origin);
  const metadata = origin + METADATA + (request.url ?? '');
  const challenge = status === 401 ? { 'www-authenticate': `Bearer resource_metadata="${metadata}"` } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...challenge }).end(JSON.stringify(json));
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy());
});
// A connection that is closed for being idle while a request is on its way would count as a failure.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));
