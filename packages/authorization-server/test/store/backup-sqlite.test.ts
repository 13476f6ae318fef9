import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import { basic, GRANT, registerWithSecret, requestToken, startServer } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { listClients } from './list-clients.ts';

describe('a backup of a database file', () => {
  let folder: string;
  beforeEach(() => void (folder = createTemporaryFolder()));

  it('taken while it serves holds the same clients, keys and used assertions', async () => {
    const running = await startServer({ database: join(folder, 'auth.db') });
    const { issuer } = running;
    const secret = await registerWithSecret(running, 'nightly');
    const signer = await registerWithKey(running, 'signer');
    const used = await signAssertion(signer.privateKey, claimsFor(signer, running));
    expect((await requestWithAssertion(running, used)).status).toBe(200);
    for (let i = 0; i < 300; i++) await registerWithSecret(running, `many-${i}`);

    const path = join(folder, 'backup.db');
    const over = new AbortController();
    const copied = running.server.backup(path).finally(() => over.abort());
    let served = 0;
    for (; !over.signal.aborted; served++) {
      expect((await requestToken(running, GRANT, basic('nightly', secret))).status).toBe(200);
    }
    await copied;
    expect(served).toBeGreaterThan(0);
    const [keys, clients] = [await (await fetch(`${issuer}/jwks`)).text(), await listClients(running)];
    await running.stop();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);

    const restored = await startServer({ database: path, issuer });
    expect(await (await fetch(`${restored.origin}/jwks`)).text()).toBe(keys);
    expect(await listClients(restored)).toEqual(clients);
    const at = { issuer: restored.origin };
    expect((await requestToken(at, GRANT, basic('nightly', secret))).status).toBe(200);
    expect((await requestWithAssertion(at, used)).status).toBe(401);
    await restored.stop();
  });

  it('overwrites nothing, and leaves nothing behind where it cannot be written', async () => {
    const running = await startServer({ database: join(folder, 'auth.db') });
    const path = join(folder, 'precious.db');
    await writeFile(path, 'precious');
    await expect(running.server.backup(path)).rejects.toMatchObject({ code: 'backup_not_possible' });
    await expect(running.server.backup(join(folder, 'no', 'x.db'))).rejects.toMatchObject({
      code: 'backup_not_possible',
    });
    expect((await stat(path)).size).toBe('precious'.length);
    expect((await readdir(folder)).filter((name) => name.includes('unfinished'))).toEqual([]);
    await running.stop();
  });
});
