import { once } from 'node:events';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { startScene, type StartedConnection } from 'broken-connections';
import { describe, expect, it, onTestFinished } from 'vitest';

import { argumentsOf } from '../command-line.ts';
import { PROGRAM, startProgram } from '../running-program.ts';

type Mode = 'legacy' | { pin: string };

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
] as const)('mcp-m2m bridge, revision %s', (_revision, mode) => {
  it('lists and calls the tools of the protected server, and hands on its words where it wants a person', async () => {
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
    await expect(client.callTool({ name: 'approve_production', arguments: { id: 1 } })).rejects.toThrow(
      /needs a person, and this access token is a machine's/,
    );
  });
});

describe('mcp-m2m bridge, as a process', () => {
  it('writes JSON-RPC and nothing else, and ends with 0 when standard input ends', async () => {
    await using connection = await startScene();
    const { args, environment } = await argumentsOf(connection.settings);
    const bridge = startProgram(['bridge', connection.settings.url, ...args], environment);
    const { stdin, stdout } = bridge.process;
    const info = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    };
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: info })}\n`);
    stdin.write('this is not JSON\n');
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'ping' })}\n`);
    while (bridge.out().split('\n').length < 3) await once(stdout, 'data');
    stdin.end();
    expect(await bridge.exited()).toBe(0);
    const lines = bridge.out().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ jsonrpc: '2.0' }),
      expect.objectContaining({ jsonrpc: '2.0' }),
    ]);
    expect(bridge.err()).not.toContain(connection.settings.clientSecret);
  });

  it('is ended by a signal', async () => {
    await using connection = await startScene();
    const { args, environment } = await argumentsOf(connection.settings);
    const bridge = startProgram(['bridge', connection.settings.url, ...args], environment);
    bridge.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })}\n`);
    await once(bridge.process.stdout, 'data');
    bridge.process.kill('SIGTERM');
    expect(await bridge.exited()).toBe(0);
  });
});
