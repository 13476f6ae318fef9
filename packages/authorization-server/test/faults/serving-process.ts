// Run as a child process: serves from a database once it is told to, until it is killed or its parent is gone.
// Beside the server's own paths, POST /create registers the client that the body names.
import { text } from 'node:stream/consumers';

import { MCP, OTHER_MCP, startServer } from '../running-server.ts';

process.once('disconnect', () => process.exit());

const [database = '', secretKey = '', issuer = ''] = process.argv.slice(2);
process.once('message', () => void serve());
process.send?.('standing by');

async function serve(): Promise<void> {
  const { origin } = await startServer({
    database,
    secretKey,
    issuer,
    mount: (server) => (request, response) => {
      if (request.url !== '/create') {
        server.handler(request, response);
        return;
      }
      void text(request)
        .then(
          async (clientId) =>
            await server.clients.create({
              clientId,
              authentication: { method: 'secret' },
              access: [MCP, OTHER_MCP].map((resource) => ({ resource, scopes: ['deploy:read'] })),
            }),
        )
        .then(
          ({ secret }) => response.end(JSON.stringify({ secret })),
          () => response.writeHead(503).end('{}'),
        );
    },
  });
  process.send?.({ origin });
}
