import type { BrokenConnection } from '../connection.ts';
import { startOwnScene, type OwnScene } from '../own-scene.ts';
import { CLIENT_ID } from '../scene.ts';

/** All that the wire says is `invalid_client`; who administers the server finds the rest in its audit trail. */
const REASONS =
  /expired, withdrawn, rotated.*sees in its audit trail.*mcp-m2m audit list --type token_refused --client nightly-report/;

/** Registers the client, and tells its secret. */
async function register(
  { server, url }: OwnScene,
  changes: { readonly expiresAt?: string; readonly addresses?: readonly string[] } = {},
): Promise<string> {
  const { expiresAt, ...settings } = changes;
  const { secret = '' } = await server.clients.create({
    clientId: CLIENT_ID,
    authentication: { method: 'secret', ...(expiresAt === undefined ? {} : { expiresAt }) },
    access: [{ resource: url, scopes: ['deploy:read'] }],
    ...settings,
  });
  return secret;
}

/** What goes wrong with a credential of `@mcp-m2m/authorization-server`, which tells nobody outside why. */
export const ownAuthorizationServer: readonly BrokenConnection[] = [
  {
    id: 'own-secret-wrong',
    title: 'The secret was copied wrong',
    verdict: 'credential_refused',
    says: REASONS,
    start: () =>
      startOwnScene(async (scene) => ({ clientSecret: `${(await register(scene)).slice(0, -1)}_` })),
  },
  {
    id: 'own-secret-expired',
    title: 'The secret has expired',
    verdict: 'credential_refused',
    says: REASONS,
    start: () =>
      startOwnScene(async (scene) => {
        const clientSecret = await register(scene, {
          expiresAt: new Date(Date.now() + 60_000).toISOString(),
        });
        scene.advanceSeconds(120);
        return { clientSecret };
      }),
  },
  {
    id: 'own-client-disabled',
    title: 'An administrator has disabled the client',
    verdict: 'credential_refused',
    says: REASONS,
    start: () =>
      startOwnScene(async (scene) => {
        const clientSecret = await register(scene);
        await scene.server.clients.disable(CLIENT_ID);
        return { clientSecret };
      }),
  },
  {
    id: 'own-secret-rotated',
    title: 'The secret was replaced, and this program has the old one',
    verdict: 'credential_refused',
    says: REASONS,
    start: () =>
      startOwnScene(async (scene) => {
        const clientSecret = await register(scene);
        const [old] = await scene.server.clients.secrets.list(CLIENT_ID);
        await scene.server.clients.secrets.create(CLIENT_ID);
        await scene.server.clients.secrets.delete(CLIENT_ID, old?.id ?? '');
        return { clientSecret };
      }),
  },
  {
    id: 'own-client-elsewhere',
    title: 'The client may come from other addresses only',
    verdict: 'credential_refused',
    says: REASONS,
    start: () =>
      startOwnScene(async (scene) => ({
        clientSecret: await register(scene, { addresses: ['203.0.113.0/24'] }),
      })),
  },
  {
    id: 'own-resource-not-granted',
    title: 'The client was given access to another MCP server',
    verdict: 'resource_refused',
    says: /register this resource/,
    start: () =>
      startOwnScene(async ({ server }) => {
        await server.resources.create({ resource: 'https://other.example.com/mcp', scopes: ['other:read'] });
        const { secret: clientSecret = '' } = await server.clients.create({
          clientId: CLIENT_ID,
          authentication: { method: 'secret' },
          access: [{ resource: 'https://other.example.com/mcp', scopes: ['other:read'] }],
        });
        return { clientSecret };
      }),
  },
];
