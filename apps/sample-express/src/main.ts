import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';

const authorizationServer = process.env.AUTHORIZATION_SERVER;
if (authorizationServer === undefined) {
  console.error(
    'Set AUTHORIZATION_SERVER to the issuer whose tokens are accepted, such as https://auth.example.com',
  );
  process.exit(2);
}

const server = createServer();
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const resource = process.env.RESOURCE ?? `http://127.0.0.1:${port}/mcp`;
  server.on(
    'request',
    createApp({
      resource,
      authorizationServer,
      onDecision: (decision) => console.error(JSON.stringify(decision)),
    }),
  );
  console.log(`Deploy desk ready at ${resource}`);
});

process.once('SIGTERM', () => server.close());
