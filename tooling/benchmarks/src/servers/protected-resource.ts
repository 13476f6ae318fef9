// An MCP server that takes every token, in a process of its own: what is measured is the client.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [issuer = ''] = process.argv.slice(2);
const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';
const ANSWER = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: { content: [{ type: 'text', text: 'done' }] },
});

const server = createServer((request, response) => {
  const { origin } = new URL(`http://${request.headers.host}`);
  const sendJson = (body: string): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  request.resume().on('end', () => {
    if (request.url === METADATA_PATH) {
      sendJson(JSON.stringify({ resource: `${origin}/mcp`, authorization_servers: [issuer] }));
    } else if (request.headers.authorization === undefined) {
      const challenge = `Bearer resource_metadata="${origin}${METADATA_PATH}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    } else {
      sendJson(ANSWER);
    }
  });
});
// A connection that is closed for being idle while a request is on its way would count as a failure.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));
