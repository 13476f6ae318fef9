import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';

import { createTestCertificate } from '@mcp-m2m/testing';

import type { BrokenConnection, StartedConnection } from '../connection.ts';
import { leadsNowhere, startScene, startServer } from '../scene.ts';

/** What goes wrong before anything is said about tokens. */
export const waysToTheServer: readonly BrokenConnection[] = [
  {
    id: 'name-unresolved',
    title: 'The name in the URL does not exist',
    verdict: 'name_unresolved',
    says: /Correct the name|name server/,
    start: () => leadsNowhere({ url: 'https://mcp.invalid/mcp' }),
  },
  {
    id: 'nothing-listens',
    title: 'Nothing listens on that port',
    verdict: 'unreachable',
    says: /Nothing listens on that port/,
    async start() {
      const server = createTcpServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      return await leadsNowhere({ url: `http://127.0.0.1:${port}/mcp` });
    },
  },
  {
    id: 'http-without-tls',
    title: 'A server elsewhere is configured with http',
    verdict: 'address_insecure',
    says: /by https/,
    start: () => leadsNowhere({ url: 'http://mcp.example.com/mcp' }),
  },
  {
    id: 'certificate-of-an-own-authority',
    title: 'The certificate is signed by nobody this machine knows',
    verdict: 'tls_failed',
    says: /NODE_EXTRA_CA_CERTS/,
    async start() {
      const server = createTlsServer(createTestCertificate('127.0.0.1'), (_request, response) => {
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return {
        settings: { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` },
        secrets: [],
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  },
  {
    id: 'https-to-an-http-port',
    title: 'https is spoken to a port that has http',
    verdict: 'tls_failed',
    says: /Check the port/,
    start: () =>
      startServer(
        (_request, response) => response.end(),
        (origin) => ({ url: `${origin.replace('http:', 'https:')}/mcp` }),
      ),
  },
  {
    id: 'wrong-path',
    title: 'The path in the URL is another',
    verdict: 'not_an_mcp_endpoint',
    says: /Check the path/,
    start: () => startScene({ client: ({ origin }) => ({ url: `${origin}/sse` }) }),
  },
  {
    id: 'slash-too-many',
    title: 'The URL has a slash at its end that the server does not',
    verdict: 'not_an_mcp_endpoint',
    says: /the slash at its end matters/,
    start: () =>
      startServer(
        ({ url }, response) => response.writeHead(url === '/mcp' ? 401 : 404).end(),
        (origin) => ({ url: `${origin}/mcp/` }),
      ),
  },
  {
    id: 'redirected',
    title: 'The server redirects to another address',
    verdict: 'redirected',
    says: /\/v2\/mcp.*|final address/,
    start: () =>
      startServer(
        (_request, response) => response.writeHead(308, { location: '/v2/mcp' }).end(),
        (origin) => ({ url: `${origin}/mcp` }),
      ),
  },
  {
    id: 'server-hangs',
    title: 'The server takes the request and never answers',
    verdict: 'timed_out',
    says: /does not answer within 700 ms/,
    start: () =>
      startServer(
        () => undefined,
        (origin) => ({ url: `${origin}/mcp`, timeoutMilliseconds: 700 }),
      ),
  },
  {
    id: 'connection-cut',
    title: 'The server cuts the connection',
    verdict: 'unreachable',
    says: /See whether the server runs/,
    start: () =>
      startServer(
        (request) => request.socket.destroy(),
        (origin) => ({ url: `${origin}/mcp` }),
      ),
  },
  {
    id: 'server-fails',
    title: 'The server fails before it looks at a token',
    verdict: 'server_failing',
    says: /log of the MCP server/,
    start: () => startScene({ before: () => (_request, response) => void response.status(502).end() }),
  },
  {
    id: 'firewall',
    title: 'A firewall refuses this machine',
    verdict: 'refused_without_challenge',
    says: /firewall/,
    start: () => startScene({ before: () => (_request, response) => void response.status(403).end() }),
  },
  {
    id: 'too-many-requests',
    title: 'The server refuses requests for now',
    verdict: 'rate_limited',
    says: /Wait 30 seconds/,
    start: () =>
      startScene({
        before: () => (_request, response) => void response.status(429).set('Retry-After', '30').end(),
      }),
  },
  {
    id: 'legacy-transport',
    title: 'The server speaks HTTP with Server-Sent Events, the transport of 2024',
    verdict: 'legacy_transport',
    says: /was replaced in 2025.*Streamable HTTP as well/,
    start: () =>
      startServer(
        (request, response) => {
          if (request.method !== 'GET') return response.writeHead(404).end('Cannot POST /sse');
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          return response.write('event: endpoint\ndata: /messages?sessionId=4711\n\n');
        },
        (origin) => ({ url: `${origin}/sse` }),
      ),
  },
  {
    id: 'legacy-transport-protected',
    title: 'The server speaks the transport of 2024, and wants a token for it',
    verdict: 'legacy_transport',
    says: /knows no POST/,
    start: () =>
      startServer(
        (request, response) =>
          request.method === 'GET'
            ? response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
            : response.writeHead(405).end(),
        (origin) => ({ url: `${origin}/sse` }),
      ),
  },
  {
    id: 'another-service',
    title: 'Another service listens on that port',
    verdict: 'answer_unreadable',
    says: /port is that of the MCP server/,
    start: () => startTcpServer('SSH-2.0-OpenSSH_9.2\r\n'),
  },
  {
    id: 'endless-headers',
    title: 'The server sends headers without end',
    verdict: 'answer_unreadable',
    says: /headers stay under 16 KiB/,
    start: () => startTcpServer(`HTTP/1.1 401 Unauthorized\r\nx-long: ${'a'.repeat(1_000_000)}\r\n\r\n`),
  },
];

/** A server that answers every connection with the same bytes. */
async function startTcpServer(answer: string): Promise<StartedConnection> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    settings: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` },
    secrets: [],
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
