import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';

import { createFolder, runCommand } from './command-line.ts';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);
const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));
const NEEDED = ['authorization-server', 'cli', 'console', 'core', 'doctor', 'express'];

/** Packs what is installed, as it would be published. */
async function pack(folder: string): Promise<Readonly<Record<string, string>>> {
  await mkdir(folder);
  for (const name of NEEDED) {
    await run('pnpm', ['pack', '--pack-destination', folder], { cwd: path.join(PACKAGES, name) });
  }
  const tarballs: Record<string, string> = {};
  for (const file of await readdir(folder)) {
    const { stdout } = await run('tar', ['-xzOf', path.join(folder, file), 'package/package.json']);
    const { name } = JSON.parse(stdout) as { name: string };
    tarballs[name] = `file:${path.join(folder, file)}`;
  }
  return tarballs;
}

/** Takes the packages of this project from their tarballs, those that others need of them too. */
async function pointToTarballs(folder: string, tarballs: Readonly<Record<string, string>>): Promise<void> {
  const file = path.join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, string>>;
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) {
      if (tarballs[name] !== undefined) manifest[kind] = { ...manifest[kind], [name]: tarballs[name] };
    }
  }
  await writeFile(file, JSON.stringify({ ...manifest, overrides: tarballs }));
}

/** A newcomer's shell: not one that npm itself has started, which tells npm of another folder. */
function withoutNpm(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name)));
}

/** A shell command that goes on running, as in a terminal of its own. */
async function start(command: string, cwd: string, env: NodeJS.ProcessEnv, until: RegExp): Promise<string> {
  const child = spawn('sh', ['-c', `exec ${command}`], { cwd, env, detached: true });
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const ended = once(child, 'close');
  while (!until.test(text)) {
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
    if (child.exitCode !== null && !until.test(text)) throw new Error(text);
  }
  return text;
}

it('from nothing to the first call with a token, with the packages as they are published', async () => {
  const folder = await createFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const tarballs = await pack(path.join(folder, 'tarballs'));
  const project = path.join(folder, 'my-server');
  const [port, mcpPort] = [await findFreePort(), await findFreePort()];
  const resource = `http://localhost:${mcpPort}/mcp`;
  const env: NodeJS.ProcessEnv = {
    ...withoutNpm(process.env),
    PORT: String(mcpPort),
    AUTHORIZATION_SERVER: `http://localhost:${port}`,
    MCP_M2M_CONFIG: path.join(folder, 'config.json'),
  };
  const commands: string[] = [];
  const began = performance.now();
  const took: string[] = [];
  const measure = async <T>(command: string, work: () => Promise<T>): Promise<T> => {
    commands.push(command);
    const from = performance.now();
    const result = await work();
    took.push(`${((performance.now() - from) / 1000).toFixed(1)} s  ${command}`);
    return result;
  };
  const sh = async (command: string): Promise<string> =>
    await measure(command, async () => (await run('sh', ['-c', command], { cwd: project, env })).stdout);

  await measure(`npx mcp-m2m init express my-server`, async () => {
    expect((await runCommand(['init', 'express', project])).exitCode).toBe(0);
  });
  await pointToTarballs(project, tarballs);
  await sh('npm install --no-audit --no-fund');
  const scopes = '--scope greetings:read --scope greetings:write';
  const serve = `npx mcp-m2m serve --port ${port} --resource ${resource} ${scopes}`;
  const said = await measure(serve, () => start(serve, project, env, /writes an MCP server/));
  await measure('npm start', () => start('npm start', project, env, /MCP server at/));
  const [, variable = '', value = ''] = /export (\w+)=(\S+)/.exec(said) ?? [];
  const [, create = ''] = /^ {2}((?:npx )?mcp-m2m clients create .*)$/m.exec(said) ?? [];
  env[variable] = value;
  commands.push(`export ${variable}=…`);
  await sh(create.startsWith('npx') ? create : `npx ${create}`);
  const answer = await sh('npx mcp-m2m call - greet --credential-file my-first-client.json');
  expect(answer).toBe('Hello, world!\n');
  const seconds = (performance.now() - began) / 1000;
  expect(commands).toHaveLength(7);
  console.log(
    `First start to first call: ${commands.length} commands, ${seconds.toFixed(1)} s\n${took.join('\n')}`,
  );
});
