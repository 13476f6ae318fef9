import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a hostile server does at one of its addresses. */
export type Trick = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that plays MCP server and authorization server in one, and goes wrong where it is told to. */
export interface HostileServer extends AsyncDisposable {
  readonly origin: string;
  readonly url: string;
  /** How many connections are open. */
  readonly connections: () => number;
}

/** The places at which it may go wrong, by what a client asks for there. */
export type Place =
  'challenge' | 'resource' | 'issuer' | 'token' | 'jwks' | 'initialize' | 'tools/list' | 'tools/call';

/** Sends JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** An opaque access token, known to the tests. */
export const OPAQUE_TOKEN = 'opaque-4711-Zm9yLXRoZS10ZXN0cy1vbmx5-token';

/**
 * Starts a server that is sound in all places but those given. It speaks revision 2025-11-25, and takes any token.
 *
 * @param tricks - by place
 * @param token - what its token endpoint issues
 */
export async function startHostileServer(
  tricks: Partial<Record<Place, Trick>>,
  token: string = OPAQUE_TOKEN,
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let origin = '';
  const listener: RequestListener = (request, response) => {
    void readBody(request).then((body) => {
      const place = placeOf(request, body);
      const trick = place === undefined ? undefined : tricks[place];
      if (trick !== undefined) return trick(request, response);
      return answer(place, response, body, { origin, token });
    });
  };
  const server = createServer({ maxHeaderSize: 1_000_000 }, listener);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/mcp`,
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function placeOf({ url = '', headers, method }: IncomingMessage, body: string): Place | undefined {
  if (url.includes('oauth-protected-resource')) return 'resource';
  if (url.includes('oauth-authorization-server') || url.includes('openid-configuration')) return 'issuer';
  if (url === '/token') return 'token';
  if (url === '/jwks') return 'jwks';
  if (method !== 'POST') return undefined;
  if (headers.authorization === undefined) return 'challenge';
  const called = /"method":"([^"]+)"/.exec(body)?.[1];
  return ['initialize', 'tools/list', 'tools/call'].find((name) => name === called) as Place | undefined;
}

function answer(
  place: Place | undefined,
  response: ServerResponse,
  body: string,
  { origin, token }: { readonly origin: string; readonly token: string },
): void {
  const { id } = (body.startsWith('{') ? JSON.parse(body) : {}) as { id?: unknown };
  const result = (value: unknown): void => json(response, { jsonrpc: '2.0', id, result: value });
  switch (place) {
    case 'challenge':
      response.writeHead(401, { 'www-authenticate': 'Bearer scope="read"' });
      return void response.end();
    case 'resource':
      return json(response, { resource: `${origin}/mcp`, authorization_servers: [origin] });
    case 'issuer':
      return json(response, {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        jwks_uri: `${origin}/jwks`,
      });
    case 'token':
      return json(response, { access_token: token, token_type: 'Bearer', expires_in: 300 });
    case 'jwks':
      return json(response, { keys: [] });
    case 'initialize':
      return result({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'hostile', version: '1' },
      });
    case 'tools/list':
      return result({ tools: [{ name: 'look', inputSchema: { type: 'object' } }] });
    case 'tools/call':
      return result({ content: [] });
    case undefined:
      response.writeHead(body.includes('notifications/') ? 202 : 400);
      return void response.end();
  }
}
