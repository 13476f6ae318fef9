import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startScene } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { argumentsOf, createFolder, runCommand } from '../command-line.ts';
import { PROGRAM } from '../running-program.ts';

const INSPECTOR = fileURLToPath(new URL('../../node_modules/.bin/mcp-inspector', import.meta.url));

describe('the MCP Inspector', () => {
  it('lists and calls tools through the bridge as it does directly', async () => {
    await using connection = await startScene();
    const { url } = connection.settings;
    const { args, environment } = await argumentsOf(connection.settings);
    const { out } = await runCommand(['token', url, ...args], environment);
    const folder = await createFolder();
    const config = path.join(folder, 'mcp.json');
    const env = { MCP_M2M_CONFIG: '/nonexistent', ...environment };
    const servers = {
      bridged: { command: process.execPath, args: [PROGRAM, 'bridge', url, ...args], env },
      direct: { type: 'streamable-http', url, headers: { Authorization: `Bearer ${out.trim()}` } },
    };
    await writeFile(config, JSON.stringify({ mcpServers: servers }), { mode: 0o600 });
    const inspect = async (server: keyof typeof servers, ...method: readonly string[]): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(
        INSPECTOR,
        ['--cli', '--config', config, '--server', server, '--method', ...method],
        { env: { PATH: process.env.PATH, HOME: folder } },
      );
      return JSON.parse(stdout);
    };
    for (const method of [['tools/list'], ['tools/call', '--tool-name', 'list_deployments']]) {
      const [bridged, direct] = await Promise.all([
        inspect('bridged', ...method),
        inspect('direct', ...method),
      ]);
      expect(bridged).toEqual(direct);
      expect(JSON.stringify(bridged)).toMatch(/list_deployments|#1 web to production/);
    }
  });
});
