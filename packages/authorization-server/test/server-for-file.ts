import { afterAll } from 'vitest';

import { startServer, type RunningServer } from './running-server.ts';

/** Starts the server that all tests of a file share; it stops after the last of them. */
export async function startServerForFile(): Promise<RunningServer> {
  const running = await startServer();
  afterAll(async () => await running.stop());
  return running;
}
