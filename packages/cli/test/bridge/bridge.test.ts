import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { startScene, type StartedConnection } from 'broken-connections';
import { describe, expect, it, onTestFinished } from 'vitest';

import { argumentsOf } from './command-line.ts';

const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), '../dist/main.js');

type Mode = 'legacy' | { pin: string } | 'auto';

/** The official stdio client, with the bridge as its server. */
async function connect({ settings }: StartedConnection, mode: Mode): Promise<Client> {
  const { args, environment } = await argumentsOf(settings);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  onTestFinished(() => client.close());
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, 'bridge', settings.url, ...args],
      env: { PATH: process.env.PATH ?? '', MCP_M2M_CONFIG: '/nonexistent', ...environment },
      stderr: 'pipe',
    }),
  );
  return client;
}

describe.each([
  ['2025-11-25', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
  ['whichever it finds', 'auto'],
] as const)('mcp-m2m bridge, revision %s', (_revision, mode) => {
  it('lists and calls the tools of the protected server', async () => {
    await using connection = await startScene();
    const client = await connect(connection, mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_deployments',
      'start_deployment',
      'approve_production',
    ]);
    const result = await client.callTool({
      name: 'start_deployment',
      arguments: { service: 'api', environment: 'staging' },
    });
    expect(result.content).toEqual([
      { type: 'text', text: 'Started: #2 api to staging: running, started by nightly-report' },
    ]);
  });

  it('hands on the words of the server where it wants a person', async () => {
    await using connection = await startScene();
    const client = await connect(connection, mode);
    await expect(client.callTool({ name: 'approve_production', arguments: { id: 1 } })).rejects.toThrow(
      /needs a person, and this access token is a machine's/,
    );
  });
});
