// The authorization server's process: bound to a free port first, because the resources it issues tokens for are
// known only once the MCP server has a port of its own.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthorizationServer, type AuthorizationServer } from '@mcp-m2m/authorization-server';
import type {
  AuthorizationServerReplies,
  AuthorizationServerRequest,
  ClientRegistration,
} from './authorization-server-messages.ts';

const systemNow = Date.now;
let clockShiftSeconds = 0;
Date.now = () => systemNow() + clockShiftSeconds * 1000;

const database = process.argv[2];
if (database === undefined) throw new Error('Give the path of the database.');

const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
let authorizationServer: AuthorizationServer | undefined;

process.on('message', (request: AuthorizationServerRequest) => {
  handle(request).then(
    (reply) => answer({ reply }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : 'unknown' }),
  );
});
process.once('disconnect', () => {
  void authorizationServer?.close().finally(() => process.exit(0));
});
answer({ reply: { issuer } });

/** Whether the demo still listens does not matter: when it has gone, this process ends too. */
function answer(message: { readonly reply: unknown } | { readonly error: string }): void {
  process.send?.(message, () => undefined);
}

async function handle(
  request: AuthorizationServerRequest,
): Promise<AuthorizationServerReplies[keyof AuthorizationServerReplies]> {
  switch (request.type) {
    case 'start':
      authorizationServer = await createAuthorizationServer({
        issuer,
        resources: request.resources,
        database: database ?? ':memory:',
        secretKey: randomBytes(32),
      });
      server.on('request', authorizationServer.handler);
      return { issuer };
    case 'register':
      return register(request.client);
    case 'shift_clock':
      clockShiftSeconds = request.seconds;
      return {};
  }
}

async function register({
  clientId,
  access,
  publicKey,
}: ClientRegistration): Promise<{ clientSecret?: string }> {
  if (authorizationServer === undefined) throw new Error('The authorization server is not started yet.');
  const { secret } = await authorizationServer.clients.create({
    clientId,
    access,
    authentication: publicKey === undefined ? { method: 'secret' } : { method: 'private_key_jwt', publicKey },
  });
  return secret === undefined ? {} : { clientSecret: secret };
}
