import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startCluster } from 'local-postgresql';
import { expect, it } from 'vitest';

import { claimsFor, registerWithKey, requestWithAssertion, signAssertion } from '../assertion.ts';
import { basic, GRANT, registerWithSecret, requestToken, startServer } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { listClients } from './list-clients.ts';

const run = promisify(execFile);

it('a PostgreSQL database, dumped while it serves and restored into another, serves the same clients and keys', async () => {
  const cluster = await startCluster();
  try {
    const original = await cluster.createDatabase('original');
    const running = await startServer({ database: original });
    const { issuer } = running;
    const secret = await registerWithSecret(running, 'nightly');
    const signer = await registerWithKey(running, 'signer');
    const used = await signAssertion(signer.privateKey, claimsFor(signer, running));
    expect((await requestWithAssertion(running, used)).status).toBe(200);
    const dump = join(createTemporaryFolder(), 'auth.dump');
    await run(join(cluster.programs, 'pg_dump'), ['--format=custom', `--file=${dump}`, original]);
    const [keys, clients] = [await (await fetch(`${issuer}/jwks`)).text(), await listClients(running)];
    await running.stop();

    const copy = await cluster.createDatabase('copy');
    await run(join(cluster.programs, 'pg_restore'), [
      '--no-owner',
      '--exit-on-error',
      '--single-transaction',
      `--dbname=${copy}`,
      dump,
    ]);
    const restored = await startServer({ database: copy, issuer });
    expect(await (await fetch(`${restored.origin}/jwks`)).text()).toBe(keys);
    expect(await listClients(restored)).toEqual(clients);
    const at = { issuer: restored.origin };
    expect((await requestToken(at, GRANT, basic('nightly', secret))).status).toBe(200);
    expect((await requestWithAssertion(at, used)).status).toBe(401);
    await registerWithSecret(restored, 'new');
    await restored.stop();
  } finally {
    await cluster.close();
  }
});
