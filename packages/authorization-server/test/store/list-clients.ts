import type { RunningServer } from '../running-server.ts';

/** Every client as it is shown, without when it was last used, which is written a little later. */
export async function listClients({ server }: RunningServer): Promise<unknown> {
  const page = await server.clients.list();
  return JSON.parse(
    JSON.stringify(page, (key, value: unknown) => (key === 'lastUsedAt' ? undefined : value)),
  );
}
