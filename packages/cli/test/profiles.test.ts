import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { startScene } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { createFolder, runCommand } from './command-line.ts';

async function createHome(): Promise<{ file: string; environment: { MCP_M2M_CONFIG: string } }> {
  const file = path.join(await createFolder(), 'sub', 'config.json');
  return { file, environment: { MCP_M2M_CONFIG: file } };
}

describe('profiles', () => {
  it('a profile is all that a command needs, and holds no secret', async () => {
    await using connection = await startScene();
    const { url, issuer = '', clientId = '', clientSecret = '' } = connection.settings;
    const { file, environment } = await createHome();
    const secretFile = path.join(path.dirname(path.dirname(file)), 'secret');
    await writeFile(secretFile, clientSecret);
    const set = ['profile', 'set', 'nightly', '--url', url, '--issuer', issuer, '--client-id', clientId];
    expect((await runCommand([...set, '--secret-file', secretFile], environment)).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).not.toContain(clientSecret);
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const { out, exitCode } = await runCommand(['tools', '--profile', 'nightly'], environment);
    expect(out).toContain('list_deployments');
    expect(exitCode).toBe(0);
    const called = await runCommand(['call', '-', 'list_deployments', '--profile', 'nightly'], environment);
    expect(called.out).toContain('#1 web');
  });

  it('are listed and removed', async () => {
    const { environment } = await createHome();
    await runCommand(['profile', 'set', 'one', '--url', 'https://mcp.example.com/mcp'], environment);
    expect((await runCommand(['profile', 'list'], environment)).out).toBe(
      'one: https://mcp.example.com/mcp, client not said at an issuer not said, no credential\n',
    );
    expect((await runCommand(['profile', 'remove', 'one'], environment)).exitCode).toBe(0);
    expect((await runCommand(['profile', 'list', '--json'], environment)).out).toContain('"profiles": {}');
  });

  it.each([
    [{ clientSecret: 'pasted' }, /secrets stay out of the configuration file/],
    [{ secret: 'pasted' }, /secrets stay out of the configuration file/],
    [{ secert: { env: 'X' } }, /unknown member "secert"/],
    [{ secret: { env: 'X', file: 'y' } }, /secret is not of the form/],
    [{ scopes: 'deploy:read' }, /scopes is not of the form/],
    ['text', /must be an object/],
  ])('one that is wrong is named: %j', async (profile, words) => {
    const folder = await createFolder();
    const file = path.join(folder, 'config.json');
    await writeFile(file, JSON.stringify({ profiles: { wrong: profile } }));
    const { err, exitCode } = await runCommand(['tools', '--profile', 'wrong'], { MCP_M2M_CONFIG: file });
    expect(err).toMatch(words);
    expect(err).not.toContain('pasted');
    expect(exitCode).toBe(2);
  });

  it('one that is not there is said, with those that are', async () => {
    const { environment } = await createHome();
    await runCommand(['profile', 'set', 'one', '--url', 'https://mcp.example.com/mcp'], environment);
    const { err, exitCode } = await runCommand(['tools', '--profile', 'two'], environment);
    expect(err).toMatch(/There is no profile "two" in .*; known are one\./);
    expect(exitCode).toBe(2);
  });
});

describe('help', () => {
  it.each(['', 'doctor', 'token', 'tools', 'call', 'bridge', 'profile', 'serve', 'init', 'clients', 'trust'])(
    'mcp-m2m %s --help',
    async (command) => {
      const { out, exitCode } = await runCommand([...(command === '' ? [] : [command]), '--help']);
      expect(out).toMatch(/Usage: mcp-m2m/);
      expect(exitCode).toBe(0);
    },
  );

  it('a command that is not there is answered with one that is', async () => {
    const { err, exitCode } = await runCommand(['docter']);
    expect(err).toMatch(/Did you mean doctor\?/);
    expect(exitCode).toBe(2);
  });
});
