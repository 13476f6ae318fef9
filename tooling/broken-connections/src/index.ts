import { access } from './table/access.ts';
import { identityProviders } from './table/identity-providers.ts';
import { metadata } from './table/metadata.ts';
import { ownAuthorizationServer } from './table/own-authorization-server.ts';
import { proxiesAndSessions } from './table/proxies-and-sessions.ts';
import { tokenRequests } from './table/token-requests.ts';
import { tokens } from './table/tokens.ts';
import { waysToTheServer } from './table/ways-to-the-server.ts';

import type { BrokenConnection } from './connection.ts';

export type {
  BrokenConnection,
  ConnectionSettings,
  StagedConnection,
  StartedConnection,
} from './connection.ts';
export { hostedIdentityProviders } from './table/hosted-identity-providers.ts';
export { startOwnScene, type OwnScene } from './own-scene.ts';
export { HEALTHY_SERVERS } from './table/proxies-and-sessions.ts';
export { startScene, startServer, type Scene, type SceneOptions } from './scene.ts';

/** Connections with one thing wrong each, in the order a client comes by them. */
export const brokenConnections: readonly BrokenConnection[] = [
  ...waysToTheServer,
  ...metadata,
  ...tokenRequests,
  ...ownAuthorizationServer,
  ...identityProviders,
  ...tokens,
  ...access,
  ...proxiesAndSessions,
];
