import { afterAll, describe, expect, it, vi } from 'vitest';

import { createTestDatabase } from '../databases.ts';
import {
  GRANT,
  lastReason,
  MCP,
  OTHER_MCP,
  registerWithSecret,
  requestToken,
  startServer,
} from '../running-server.ts';

const { location, remove } = await createTestDatabase();
const issuer = 'https://auth.example.com';
const [one, two] = [
  await startServer({ database: location, issuer }),
  await startServer({ database: location, issuer }),
];
afterAll(async () => {
  await one.stop();
  await two.stop();
  await remove();
});

async function askTwo(clientId: string, secret: string, parameters: Record<string, string> = {}) {
  return await requestToken(
    { issuer: two.origin },
    { ...GRANT, client_id: clientId, client_secret: secret, ...parameters },
  );
}

describe('two instances on one database', () => {
  it('see what is done to a client at the other on their next request', async () => {
    const secret = await registerWithSecret(one, 'shared');
    expect((await askTwo('shared', secret)).status).toBe(200);
    await one.server.clients.disable('shared');
    expect((await askTwo('shared', secret)).status).toBe(401);
    expect(lastReason(two)).toBe('client_disabled');
    await one.server.clients.enable('shared');
    expect((await askTwo('shared', secret)).status).toBe(200);

    const endsAt = new Date(Date.now() + 60_000).toISOString();
    const rotated = await one.server.clients.rotation.start('shared', { endsAt });
    expect((await askTwo('shared', rotated.secret)).status).toBe(200);
    await one.server.clients.rotation.finish('shared');
    expect((await askTwo('shared', secret)).status).toBe(401);

    await one.server.clients.update('shared', { access: [{ resource: OTHER_MCP, scopes: ['other:read'] }] });
    expect((await askTwo('shared', rotated.secret)).body['scope']).toBe('other:read');
    await one.server.clients.delete('shared');
    expect((await askTwo('shared', rotated.secret)).status).toBe(401);
    expect(lastReason(two)).toBe('client_unknown');
  });

  it('change a client one after the other: of two with the same revision one succeeds', async () => {
    await registerWithSecret(one, 'contended');
    for (let round = 0; round < 5; round++) {
      const read = await one.server.clients.get('contended');
      const ifRevision = read?.revision as string;
      const results = await Promise.allSettled(
        [one, two, one, two].map(
          async ({ server }, i) =>
            await server.clients.update('contended', { label: `${round} ${i}`, ifRevision }),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    const endsAt = new Date(Date.now() + 60_000).toISOString();
    const starts = await Promise.allSettled(
      [one, two, one, two].map(
        async ({ server }) => await server.clients.rotation.start('contended', { endsAt }),
      ),
    );
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('see the resources that were registered at the other, and what became of them', async () => {
    const resource = 'https://registered.example.com';
    await two.server.resources.list();
    await one.server.resources.create({ resource, scopes: ['a', 'b'] });
    const secret = await registerWithSecret(one, 'of-registered', ['a', 'b'], [resource]);
    await vi.waitFor(
      async () => expect((await askTwo('of-registered', secret)).body['scope']).toBe('a b'),
      10_000,
    );
    await one.server.resources.update(resource, { scopes: ['a'] });
    await vi.waitFor(
      async () => expect((await askTwo('of-registered', secret)).body['scope']).toBe('a'),
      10_000,
    );
    await one.server.resources.delete(resource, { removeAccess: true });
    expect((await askTwo('of-registered', secret)).body['error']).toBe('invalid_target');
  });

  it('tell each other when a secret was last used', async () => {
    const secret = await registerWithSecret(one, 'used', ['deploy:read'], [MCP]);
    expect((await askTwo('used', secret)).status).toBe(200);
    const lastUse = async () => (await one.server.clients.secrets.list('used'))[0]?.lastUsedAt;
    await vi.waitFor(async () => expect(await lastUse()).toEqual(expect.any(String)), 30_000);
  });
});
