import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { toEngineClient } from '../../src/provider/client-metadata.ts';
import {
  basic,
  GRANT,
  lastReason,
  MCP,
  OTHER_MCP,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('a client of before a change of configuration', () => {
  let folder: string;
  let running: RunningServer;
  beforeEach(() => void (folder = createTemporaryFolder()));
  afterEach(async () => await running.stop());

  it('gets what both its registration and the configuration still know', async () => {
    const database = join(folder, 'auth.db');
    running = await startServer({ database });
    const secret = await registerWithSecret(running, 'old', ['deploy:read'], [MCP, OTHER_MCP]);
    await running.stop();

    running = await startServer({ database, resources: [{ resource: MCP, scopes: ['deploy:other'] }] });
    const ask = async (parameters: Record<string, string>) =>
      await requestToken(running, { ...GRANT, ...parameters }, basic('old', secret));
    const answer = await ask({});
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('scope');
    expect((await ask({ scope: 'deploy:read' })).body['error']).toBe('invalid_scope');
    expect((await ask({ scope: 'deploy:other' })).body['error']).toBe('invalid_scope');
    expect((await ask({ resource: OTHER_MCP })).body['error']).toBe('invalid_target');
  });

  it('is told that it may use no resource when none of its own is left', async () => {
    const database = join(folder, 'auth.db');
    running = await startServer({ database });
    const secret = await registerWithSecret(running, 'old', ['deploy:read'], [OTHER_MCP]);
    await running.stop();

    running = await startServer({ database, resources: [{ resource: MCP, scopes: ['deploy:read'] }] });
    const answer = await requestToken(running, GRANT, basic('old', secret));
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_target']);
    expect(answer.body['error_description']).toContain('may use none');
  });
});

describe('the placeholder the engine is given for a secret', () => {
  it('authenticates nobody', async () => {
    const running = await startServer();
    await registerWithSecret(running, 'nightly');
    const metadata = toEngineClient({
      clientId: 'any',
      revision: '1',
      method: 'secret',
      state: 'enabled',
      expiresAt: undefined,
      grantTypes: ['client_credentials'],
      defaultResource: undefined,
      tokenLifetimeSeconds: undefined,
      senderConstraint: undefined,
      addresses: undefined,
      secrets: [],
      keys: [],
      jwksUri: undefined,
      assertionAudience: undefined,
      access: [],
    });
    const placeholder = String((metadata as Record<string, unknown>)['client_secret']);
    expect(placeholder).toMatch(/^[\w-]{43}$/);
    for (const clientId of ['nightly', '(nobody)', 'unknown']) {
      const answer = await requestToken(running, {
        ...GRANT,
        client_id: clientId,
        client_secret: placeholder,
      });
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
      expect(lastReason(running)).toBe(clientId === 'nightly' ? 'secret_wrong' : 'client_unknown');
    }
    await running.stop();
  });
});
