// The authorization server's process: bound to a free port first, because the resources it issues tokens for are
// known only once the MCP server has a port of its own.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type ClientAuthenticationOptions,
} from '@mcp-m2m/authorization-server';
import type {
  AuthorizationServerReplies,
  AuthorizationServerRequest,
  ClientRegistration,
  TrustedPods,
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
        statusListLifetimeSeconds: 10,
      });
      server.on('request', authorizationServer.handler);
      return { issuer };
    case 'register':
      return register(request.client);
    case 'start_rotation': {
      const endsAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
      const { secret } = await started().clients.rotation.start(request.clientId, { endsAt });
      return { clientSecret: secret };
    }
    case 'finish_rotation':
      await started().clients.rotation.finish(request.clientId);
      return {};
    case 'disable':
      await started().clients.disable(request.clientId);
      return {};
    case 'trust_pods':
      await trustPods(request.pods);
      return {};
    case 'dry_run':
      return { summary: (await started().trust.dryRun({ token: request.token })).summary };
    case 'shift_clock':
      clockShiftSeconds = request.seconds;
      return {};
  }
}

function started(): AuthorizationServer {
  if (authorizationServer === undefined) throw new Error('The authorization server is not started yet.');
  return authorizationServer;
}

async function register(client: ClientRegistration): Promise<{ clientSecret?: string }> {
  const { clientId, access } = client;
  const authentication = authenticationOf(client);
  const { secret } = await started().clients.create({ clientId, access, authentication });
  return secret === undefined ? {} : { clientSecret: secret };
}

function authenticationOf({ publicKey, workload }: ClientRegistration): ClientAuthenticationOptions {
  if (workload === true) return { method: 'workload' };
  return publicKey === undefined ? { method: 'secret' } : { method: 'private_key_jwt', publicKey };
}

async function trustPods({ clientId, ...pods }: TrustedPods): Promise<void> {
  const { trust } = started();
  const filled = trust.fillTemplate('kubernetes', pods);
  const { id: issuerId } = await trust.issuers.create({ issuer: filled.issuer, kind: 'workload' });
  await trust.rules.create({ issuerId, clientId, conditions: filled.conditions });
}
