import { createServer } from 'node:http';
import { protectRequest, writeAnswer } from '@mcp-m2m/core/node';
import { createResourceServer } from '@mcp-m2m/core/server';

const resourceServer = createResourceServer({
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://auth.example.com'],
  dpop: { required: true, nonce: true },
});
export const server = createServer((request, response) => {
  void (async () => {
    const metadata = await resourceServer.answerMetadata(request.method ?? '', request.url ?? '');
    if (metadata !== undefined) return writeAnswer(response, metadata);
    const result = await protectRequest(resourceServer, request, response);
    if (!result.ok) return writeAnswer(response, result.answer);
    response.writeHead(200, result.headers).end(`hello, ${result.caller.clientId}`);
  })();
}).listen(Number(process.env.PORT ?? 3000));
