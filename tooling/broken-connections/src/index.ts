import { metadata } from './table/metadata.ts';
import { tokenRequests } from './table/token-requests.ts';
import { tokens } from './table/tokens.ts';
import { waysToTheServer } from './table/ways-to-the-server.ts';

import type { BrokenConnection } from './connection.ts';

export type { BrokenConnection, ConnectionSettings, StartedConnection } from './connection.ts';
export { startScene, type Scene, type SceneOptions } from './scene.ts';

/** Connections with one thing wrong each, in the order a client comes by them. */
export const brokenConnections: readonly BrokenConnection[] = [
  ...waysToTheServer,
  ...metadata,
  ...tokenRequests,
  ...tokens,
];
