import { startCluster } from 'local-postgresql';
import { expect, it, onTestFinished } from 'vitest';

import { createFolder, runCommand } from './command-line.ts';
import { findFreePort } from './free-port.ts';
import { startProgram } from './running-program.ts';

it('mcp-m2m serve keeps everything in PostgreSQL, and several share it', async () => {
  const cluster = await startCluster();
  onTestFinished(() => cluster.close());
  const url = await cluster.createDatabase('auth');
  const folder = await createFolder();
  const [first, second] = [await findFreePort(), await findFreePort()];
  const issuer = ['--issuer', `http://localhost:${first}`, '--no-console', '--data', folder];
  const one = startProgram(['serve', '--port', String(first), ...issuer], { MCP_M2M_DATABASE_URL: url });
  await one.says('Ctrl-C stops it');
  expect(one.err()).toContain('(PostgreSQL, by MCP_M2M_DATABASE_URL)');
  expect(one.err() + one.out()).not.toContain(url);
  const two = startProgram(
    ['serve', '--port', String(second), ...issuer, '--database-url-env', 'ELSEWHERE'],
    { ELSEWHERE: url },
  );
  await two.says('Ctrl-C stops it');
  const administrator = { MCP_M2M_ADMIN_CREDENTIAL_FILE: `${folder}/administrator.json` };
  expect((await runCommand(['clients', 'list'], administrator)).out).toContain('bootstrap-administrator');
  for (const program of [one, two]) {
    program.process.kill('SIGINT');
    expect(await program.exited()).toBe(0);
  }
});
