import type { Diagnosis } from '@mcp-m2m/doctor';
import { brokenConnections, startScene } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { argumentsOf, runCommand } from './command-line.ts';

describe('mcp-m2m doctor, on a broken connection', () => {
  it.each(brokenConnections.map((connection) => [connection.title, connection] as const))(
    '%s',
    async (_title, { start, verdict, says, works = false }) => {
      await using connection = await start();
      const { args, environment } = await argumentsOf(connection.settings);
      const { out, err, exitCode } = await runCommand(
        ['doctor', connection.settings.url, ...args, '--json'],
        environment,
      );
      const diagnosis = JSON.parse(out) as Diagnosis;
      expect(err).toBe('');
      expect(diagnosis.verdict?.code).toBe(verdict);
      expect(`${diagnosis.verdict?.message} ${diagnosis.verdict?.fix}`).toMatch(says);
      expect(exitCode).toBe(works ? 0 : 1);
      for (const secret of connection.secrets) expect(out).not.toContain(secret);
    },
  );
});

describe('mcp-m2m doctor', () => {
  it('shows the steps as a tree, and the verdict', async () => {
    await using connection = await startScene();
    const { args, environment } = await argumentsOf(connection.settings);
    const { out, exitCode } = await runCommand(['doctor', connection.settings.url, ...args], environment);
    expect(out).toMatch(/✔ Token request \d+ ms/);
    expect(out).toMatch(/✔ The connection works\. 3 tools\.\n$/);
    expect(exitCode).toBe(0);
  });

  it('wants the issuer beside a credential', async () => {
    await using connection = await startScene();
    const { out, err, exitCode } = await runCommand(['doctor', connection.settings.url, '--client-id', 'x'], {
      MCP_M2M_CLIENT_SECRET: 'a secret for tests',
    });
    expect(err).toMatch(/issuer must name the authorization server/);
    expect(exitCode).toBe(2);
    expect(out + err).not.toContain('a secret for tests');
  });
});
