import { createTokenSources, type TokenSource, type TokenSourcesOptions } from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { createScene, type Scene } from '../scene.ts';

/** One client of the scene's authority, and an MCP server on every path of one host. */
export interface ClientScene {
  readonly scene: Scene;
  /** For further clients: what they have in common. */
  readonly client: TokenSourcesOptions;
  /** Paths whose metadata never comes. */
  readonly hanging: Set<string>;
  /** Paths whose metadata comes when the promise is fulfilled. */
  readonly delayed: Map<string, Promise<void>>;
  /** The paths whose metadata has been asked for. */
  readonly discovered: () => string[];
  /** The server on a path. */
  readonly resourceOf: (path: string) => string;
  readonly createClient: (options?: Partial<TokenSourcesOptions>) => (path: string) => TokenSource;
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Sets the scene. */
export async function createClientScene(): Promise<ClientScene> {
  const scene = await createScene();
  const hanging = new Set<string>();
  const delayed = new Map<string, Promise<void>>();
  const server = await startLoopbackServer(async ({ url }) => {
    if (!url.startsWith(WELL_KNOWN)) return { status: 401 };
    const path = url.slice(WELL_KNOWN.length);
    if (hanging.has(path)) return () => undefined;
    await delayed.get(path);
    return { json: { resource: resourceOf(path), authorization_servers: [scene.authority.issuer] } };
  });
  const resourceOf = (path: string) => `${server.origin}${path}`;
  const { resource: _resource, ...client } = scene.options;
  return {
    scene,
    client,
    hanging,
    delayed,
    resourceOf,
    discovered: () =>
      server.requests
        .filter(({ url }) => url.startsWith(WELL_KNOWN))
        .map(({ url }) => url.slice(WELL_KNOWN.length)),
    createClient: (options = {}) => {
      const sources = createTokenSources({ ...client, ...options });
      return (path) => sources.sourceFor(resourceOf(path));
    },
  };
}
