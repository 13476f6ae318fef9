import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a sample stands, told by its environment. */
export interface ProgramSettings {
  /** The URL clients connect to. */
  readonly resource: string;
  /** The issuer whose tokens are accepted. */
  readonly authorizationServer: string;
  /** Tells the log of every decision. */
  readonly onDecision: (decision: object) => void;
}

/**
 * Runs a sample as a program: `AUTHORIZATION_SERVER` is needed; `RESOURCE`, `HOST` and `PORT` have defaults. A port
 * is taken first, because the resource's URL may depend on it.
 */
export function runProgram(
  createListener: (settings: ProgramSettings) => RequestListener | Promise<RequestListener>,
): Server {
  const {
    AUTHORIZATION_SERVER: authorizationServer,
    HOST = '127.0.0.1',
    PORT = '3000',
    RESOURCE,
  } = process.env;
  if (authorizationServer === undefined) {
    console.error(
      'Set AUTHORIZATION_SERVER to the issuer whose tokens are accepted, such as https://auth.example.com',
    );
    process.exit(2);
  }
  const server = createServer();
  server.listen(Number(PORT), HOST, () => {
    const { port } = server.address() as AddressInfo;
    const resource = RESOURCE ?? `http://127.0.0.1:${port}/mcp`;
    const onDecision = (decision: object): void => console.error(JSON.stringify(decision));
    void (async () => {
      server.on('request', await createListener({ resource, authorizationServer, onDecision }));
      console.log(`Deploy desk ready at ${resource}`);
    })();
  });
  process.once('SIGTERM', () => server.close());
  return server;
}
