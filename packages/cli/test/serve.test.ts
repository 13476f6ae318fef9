import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { createFolder, runCommand } from './command-line.ts';
import { findFreePort } from './free-port.ts';
import { startProgram, type RunningProgram } from './running-program.ts';

const RESOURCE = ['--resource', 'http://localhost:3000/mcp', '--scope', 'greetings:read'];

async function serve(
  folder: string,
  more: readonly string[] = [],
): Promise<{ program: RunningProgram; port: number }> {
  const port = await findFreePort();
  const program = startProgram(['serve', '--port', String(port), ...RESOURCE, ...more], {}, folder);
  await program.says('Ctrl-C stops it');
  return { program, port };
}

describe('mcp-m2m serve', () => {
  it('makes key and credential for its owner alone, and says what to do next in commands that work', async () => {
    const folder = await createFolder();
    const { program, port } = await serve(folder);
    const data = path.join(folder, 'mcp-m2m-data');
    await program.says('"mcp-m2m init" writes an MCP server');
    for (const name of ['secret-key', 'administrator.json', 'auth.sqlite']) {
      expect((await stat(path.join(data, name))).mode & 0o077, name).toBe(0);
    }
    const { clientSecret } = JSON.parse(await readFile(path.join(data, 'administrator.json'), 'utf8')) as {
      clientSecret: string;
    };
    const secretKey = (await readFile(path.join(data, 'secret-key'), 'utf8')).trim();
    for (const secret of [clientSecret, secretKey])
      expect(program.out() + program.err()).not.toContain(secret);

    // The commands as they are printed.
    const [setting = '', creation = '', diagnosis = ''] = program
      .err()
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .map((line) => line.trim());
    const [, variable = '', value = ''] = /^export (\w+)=(.*)$/.exec(setting) ?? [];
    const environment = { [variable]: value };
    const words = [...creation.matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    );
    const out = path.join(folder, words.at(-1) ?? '');
    const created = await runCommand([...words.slice(1, -1), out], environment);
    expect(created.err).toContain(out);
    expect(created.exitCode).toBe(0);
    expect(diagnosis).toMatch(/^mcp-m2m doctor --credential-file my-first-client\.json/);
    const examined = await runCommand(['doctor', '--credential-file', out, '--json'], environment);
    expect(JSON.parse(examined.out)).toMatchObject({ verdict: { code: expect.stringMatching(/\w/) } });

    const metadata = await fetch(`http://localhost:${port}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({ issuer: `http://localhost:${port}` });
    program.process.kill('SIGINT');
    expect(await program.exited()).toBe(0);

    const again = await serve(folder, ['--issuer', `http://localhost:${port}`, '--port', String(port)]);
    expect((await readFile(path.join(data, 'secret-key'), 'utf8')).trim()).toBe(secretKey);
    const listed = await runCommand(['clients', 'list'], environment);
    expect(listed.out).toContain('my-first-client');
    again.program.process.kill('SIGINT');
    expect(await again.program.exited()).toBe(0);

    await rm(path.join(data, 'secret-key'));
    const { err, exitCode } = await runCommand(['serve', '--data', data]);
    expect(err).toMatch(/secret-key is missing/);
    expect(exitCode).toBe(2);
  });

  it('has the console beside it', async () => {
    const { port } = await serve(await createFolder());
    const page = await fetch(`http://localhost:${port}/console/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src/);
  });

  it('says why it does not start', async () => {
    const folder = await createFolder();
    const { port } = await serve(folder, ['--no-console']);
    expect((await fetch(`http://localhost:${port}/console/`)).status).toBe(404);
    const taken = startProgram(['serve', '--port', String(port), '--data', path.join(folder, 'other')]);
    expect(await taken.exited()).toBe(1);
    expect(taken.err()).toMatch(
      /It cannot listen at 127\.0\.0\.1, port \d+ \(EADDRINUSE\): name another one/,
    );
  });

  it.each([
    [['--port', '0'], /--port must be a whole number/],
    [['--resource', 'http://localhost:3000/mcp'], /--resource and --scope belong together/],
    [['--issuer', 'http://auth.example.com'], /issuer/],
    [['--log-level', 'loud'], /log\.level must be one of/],
  ])('refuses %j', async (args, words) => {
    const data = path.join(await createFolder(), 'data');
    const { err, exitCode } = await runCommand(['serve', '--data', data, ...args]);
    expect(err).toMatch(words);
    expect(exitCode).toBe(2);
  });
});
