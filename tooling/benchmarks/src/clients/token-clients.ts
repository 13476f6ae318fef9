import { createTestAuthority } from '@mcp-m2m/testing';
import { startServer } from '../server-process.ts';
import { googleAuthLibrary } from './google-auth-library.ts';
import { mcpM2m } from './mcp-m2m.ts';
import { msalNode } from './msal-node.ts';
import { officialClient } from './official-client.ts';
import { openidClient } from './openid-client.ts';
import { CLIENT_ID, CLIENT_SECRET, type TokenClient, type TokenScene } from './token-client.ts';

/** How a library is set up in a scene. */
export type TokenClientFactory = (scene: TokenScene) => TokenClient | Promise<TokenClient>;

/** Every library that is compared, this project's first. */
export const tokenClients: readonly TokenClientFactory[] = [
  mcpM2m,
  officialClient,
  openidClient,
  msalNode,
  googleAuthLibrary,
];

/** Those of {@link tokenClients} that remember a token. */
export const rememberingClients: readonly TokenClientFactory[] = tokenClients.filter(
  (create) => create !== openidClient,
);

/** Sets a library up in a scene of its own, for as long as the work takes. Tokens live an hour. */
export async function withTokenClient<T>(
  create: TokenClientFactory,
  work: (client: TokenClient, scene: TokenScene) => Promise<T>,
): Promise<T> {
  await using authority = await createTestAuthority({
    // Some libraries renew five minutes before the end: a shorter life would be none to them.
    accessTokenLifetimeSeconds: 3600,
    // For MSAL Node, which names no resource but a scope.
    audience: 'https://mcp.example.com/mcp',
  });
  authority.registerClient({ clientId: CLIENT_ID, secret: CLIENT_SECRET });
  using server = await startServer('protected-resource.ts', [authority.issuer]);
  const scene = { authority, resource: server.url };
  return await work(await create(scene), scene);
}
