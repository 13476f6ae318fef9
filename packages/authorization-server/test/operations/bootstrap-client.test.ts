import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { basic, GRANT, requestToken, startServer, type RunningServer } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

interface Credential {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly resource: string;
  readonly scope: string;
}

describe('the first administrator', () => {
  let folder: string;
  let database: string;
  let file: string;
  let time: number;
  const servers: RunningServer[] = [];

  beforeEach(() => {
    folder = createTemporaryFolder();
    database = join(folder, 'auth.sqlite');
    file = join(folder, 'credential.json');
    time = Date.now();
  });
  afterEach(async () => {
    for (const running of servers.splice(0)) await running.stop();
  });

  const ISSUER = 'http://127.0.0.1:4999';
  async function start(): Promise<RunningServer> {
    const running = await startServer({
      database,
      issuer: ISSUER,
      adminApi: true,
      now: () => time,
    });
    servers.push(running);
    return running;
  }

  async function restart(): Promise<RunningServer> {
    await servers.pop()?.stop();
    return await start();
  }

  const read = () => JSON.parse(readFileSync(file, 'utf8')) as Credential;

  it('has a credential in a file of its owner alone, with which it gets tokens for the administration', async () => {
    const running = await start();
    expect(await running.server.ensureBootstrapClient(file)).toEqual({
      clientId: 'bootstrap-administrator',
      file,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.includes('credential'))).toEqual(['credential.json']);
    const { clientId, clientSecret, resource, scope } = read();
    expect([resource, scope]).toEqual([`${ISSUER}/admin`, 'admin:read admin:write']);
    const answer = await requestToken(
      { issuer: running.origin },
      { ...GRANT, resource },
      basic(clientId, clientSecret),
    );
    expect(answer.body).toMatchObject({ scope });
    expect(JSON.stringify(running.events)).not.toContain(clientSecret);
    const { entries } = await running.server.audit.list({ type: 'client_created' });
    expect(entries).toMatchObject([{ actor: 'server', clientId }]);
  });

  it('is made once: neither a further start nor its deletion brings it back', async () => {
    const running = await start();
    await running.server.ensureBootstrapClient(file);
    const before = read();
    rmSync(file);
    expect(await running.server.ensureBootstrapClient(file)).toBeUndefined();
    await running.server.clients.delete(before.clientId);
    const again = await restart();
    expect(await again.server.ensureBootstrapClient(file)).toBeUndefined();
    expect(await again.server.clients.get(before.clientId)).toBeUndefined();
    expect(readdirSync(folder)).not.toContain('credential.json');
  });

  it('does not overwrite a file, and is made at the next start when that is gone', async () => {
    writeFileSync(file, 'mine');
    const running = await start();
    await expect(running.server.ensureBootstrapClient(file)).rejects.toMatchObject({
      code: 'bootstrap_file_exists',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    rmSync(file);
    expect(await running.server.ensureBootstrapClient(file)).toMatchObject({ file });
  });

  it('is not left without a credential by a file that cannot be written', async () => {
    const missing = join(folder, 'missing');
    const running = await start();
    await expect(running.server.ensureBootstrapClient(join(missing, 'credential.json'))).rejects.toThrow(
      'ENOENT',
    );
    expect(await running.server.clients.get('bootstrap-administrator')).toBeUndefined();
    mkdirSync(missing);
    expect(await running.server.ensureBootstrapClient(join(missing, 'credential.json'))).toBeDefined();
  });

  it('is taken up again after a crash between the client and its file', async () => {
    const running = await start();
    const access = [{ resource: `${ISSUER}/admin`, scopes: ['admin:read', 'admin:write'] }];
    // What such a crash leaves: the client, and nobody who knows its secret.
    await running.server.clients.create({
      clientId: 'bootstrap-administrator',
      authentication: { method: 'secret' },
      access,
    });
    expect(await running.server.ensureBootstrapClient(file)).toBeUndefined();
    time += 61_000;
    expect(await running.server.ensureBootstrapClient(file)).toMatchObject({ file });
    const { clientId, clientSecret } = read();
    const answer = await requestToken({ issuer: running.origin }, GRANT, basic(clientId, clientSecret));
    expect(answer.status).toBe(200);
  });

  it('is made by one of several that start at the same moment', async () => {
    const running = await start();
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, async () => await running.server.ensureBootstrapClient(file)),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    const { clientId, clientSecret } = read();
    const answer = await requestToken({ issuer: running.origin }, GRANT, basic(clientId, clientSecret));
    expect(answer.status).toBe(200);
  });
});
