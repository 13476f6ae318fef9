import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createTestAuthority } from '@mcp-m2m/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createFolder, runCommand } from '../command-line.ts';
import { findFreePort } from '../free-port.ts';
import { readCatalogVersions, VERSIONS } from './catalog-versions.ts';

const OWN = fileURLToPath(new URL('../../', import.meta.url));

/** Links what npm would install. Nest wants to be there once: it is the one that its adapter has. */
async function install(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const owner = name.startsWith('@nestjs/') ? path.join(OWN, '../nestjs') : OWN;
    const link = path.join(folder, 'node_modules', name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(name === 'mcp-m2m' ? OWN : path.join(owner, 'node_modules', name), link);
  }
}

describe.each(['express', 'koa', 'nestjs'])('mcp-m2m init %s', (framework) => {
  it('writes a server that runs and is protected', async () => {
    const folder = path.join(await createFolder(), 'My Server');
    const written = await runCommand(['init', framework, folder]);
    expect(written.exitCode).toBe(0);
    expect(written.out).toContain(path.join(folder, 'server.ts'));
    expect(written.err).toContain('npm install');
    const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
      name: string;
      scripts: { start: string; build?: string };
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    expect(manifest.name).toBe('my-server');
    expect(manifest.dependencies).toHaveProperty(`@mcp-m2m/${framework}`);
    expect(await readFile(path.join(folder, 'README.md'), 'utf8')).toMatch(/^# my-server\n/);

    await install(folder, Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
    const tools = { PATH: `${path.join(OWN, 'node_modules/.bin')}:${process.env.PATH}` };
    const port = await findFreePort();
    const resource = `http://127.0.0.1:${port}/mcp`;
    await using authority = await createTestAuthority();
    authority.registerClient({
      clientId: 'nightly',
      secret: 'generated for this test, 4711',
      scopes: ['greetings:read', 'greetings:write'],
    });
    const environment = { RESOURCE: resource, PORT: String(port), AUTHORIZATION_SERVER: authority.issuer };
    if (manifest.scripts.build !== undefined) {
      await promisify(execFile)('sh', ['-c', manifest.scripts.build], { cwd: folder, env: tools });
    }
    const start = manifest.scripts.start.split('&& ').at(-1) ?? '';
    const server = spawn(process.execPath, start.split(' ').slice(1), {
      cwd: folder,
      env: { ...tools, ...environment },
    });
    onTestFinished(() => void server.kill('SIGKILL'));
    let text = '';
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (chunk) => (text += String(chunk)));
    const ended = once(server, 'close');
    while (!text.includes('MCP server at')) {
      await Promise.race([once(server.stdout, 'data'), ended]);
      if (server.exitCode !== null) throw new Error(text);
    }

    const client = ['--issuer', authority.issuer, '--client-id', 'nightly'];
    const secret = { MCP_M2M_CLIENT_SECRET: 'generated for this test, 4711' };
    const diagnosis = await runCommand(['doctor', resource, ...client, '--tool', 'greet'], secret);
    expect(diagnosis.out).toMatch(/The connection works/);
    expect(diagnosis.exitCode).toBe(0);
    const remembered = await runCommand(['call', resource, 'remember', '{"name":"Ada"}', ...client], secret);
    expect(remembered.out).toBe('nightly has introduced Ada.\n');
    expect((await runCommand(['call', resource, 'greet', ...client], secret)).out).toContain('Hello, Ada!');
    const forgotten = await runCommand(['call', resource, 'forget', ...client], secret);
    expect(forgotten.err).toMatch(/needs a person/);
    expect(forgotten.exitCode).toBe(4);
    expect((await fetch(resource, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('overwrites nothing', async () => {
    const folder = await createFolder();
    const mine = path.join(folder, 'server.ts');
    await writeFile(mine, 'mine');
    const { err, exitCode } = await runCommand(['init', framework, folder]);
    expect(err).toMatch(/server\.ts is there already/);
    expect(exitCode).toBe(2);
    expect(await readFile(mine, 'utf8')).toBe('mine');
  });
});

describe('mcp-m2m init', () => {
  it('what it installs has the versions of the workspace', async () => {
    // When they differ: pnpm --filter mcp-m2m generate
    expect(JSON.parse(await readFile(VERSIONS, 'utf8'))).toEqual(await readCatalogVersions());
  });

  it('names the templates there are', async () => {
    const { err, exitCode } = await runCommand(['init', 'fastify']);
    expect(err).toMatch(/there are express, koa, nestjs/);
    expect(exitCode).toBe(2);
  });
});
