import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { GRANT, registerWithSecret, requestToken, startServer } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('the last use of a client', () => {
  it('outlives its server, and is of requests alone that prove who they are', async () => {
    const database = join(createTemporaryFolder(), 'auth.db');
    const at = new Date('2027-03-01T10:00:00Z');
    let running = await startServer({ database, now: () => at.getTime() });
    const secret = await registerWithSecret(running, 'used');
    await registerWithSecret(running, 'unused');
    await requestToken(running, { ...GRANT, client_id: 'unused', client_secret: secret });
    const answer = await requestToken(running, {
      ...GRANT,
      client_id: 'used',
      client_secret: secret,
      scope: 'x',
    });
    expect(answer.body['error']).toBe('invalid_scope');
    const { revision } = (await running.server.clients.get('used')) ?? {};
    await running.stop();

    running = await startServer({ database });
    const used = await running.server.clients.get('used');
    expect(used).toMatchObject({
      lastUsedAt: at.toISOString(),
      authentication: { secrets: [{ lastUsedAt: at.toISOString() }] },
    });
    // Being used changes nothing of a client.
    expect(used?.revision).toBe(revision);
    expect((await running.server.clients.get('unused'))?.lastUsedAt).toBeUndefined();
    await running.stop();
  });
});
