import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { startScene, type StartedConnection } from 'broken-connections';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';

import { argumentsOf, createFolder, runCommand, type CommandResult } from './command-line.ts';

async function run(
  { settings }: StartedConnection,
  command: string,
  ...more: readonly string[]
): Promise<CommandResult> {
  const { args, environment } = await argumentsOf(settings);
  const [first, ...rest] = more;
  const positional = first === undefined || first.startsWith('-') ? more : [first];
  return await runCommand(
    [command, settings.url, ...positional, ...(positional === more ? [] : rest), ...args],
    environment,
  );
}

describe('mcp-m2m token', () => {
  it('prints the token and nothing else', async () => {
    await using connection = await startScene();
    const { out, err, exitCode } = await run(connection, 'token');
    expect(decodeJwt(out.trim())).toMatchObject({
      aud: connection.settings.url,
      client_id: 'nightly-report',
    });
    expect(out).toMatch(/^[\w.-]+\n$/);
    expect(err).toBe('');
    expect(exitCode).toBe(0);
  });

  it('--decode prints header and claims', async () => {
    await using connection = await startScene();
    const { out } = await run(connection, 'token', '--decode');
    expect(JSON.parse(out)).toMatchObject({
      header: { typ: 'at+jwt', alg: 'ES256' },
      claims: { aud: connection.settings.url, scope: 'deploy:read' },
    });
  });

  it('--json prints type, expiry and scopes with the token', async () => {
    await using connection = await startScene();
    const { out } = await run(connection, 'token', '--json');
    expect(JSON.parse(out)).toMatchObject({ token_type: 'Bearer', scope: 'deploy:read' });
  });

  it('says why there is none, and ends with 3', async () => {
    await using connection = await startScene({
      client: () => ({ clientSecret: 'another secret for tests' }),
    });
    const { out, err, exitCode } = await run(connection, 'token');
    expect(out).toBe('');
    expect(err).toMatch(/Check the client id and its secret or key/);
    expect(err).toMatch(/mcp-m2m doctor/);
    expect(err).not.toContain('another secret for tests');
    expect(exitCode).toBe(3);
  });

  it('signs assertions with a key from a file', async () => {
    await using connection = await startScene({
      client: ({ privateKeyPem }) => ({ clientSecret: undefined as never, privateKeyPem }),
    });
    expect((await run(connection, 'token')).exitCode).toBe(0);
  });
});

describe('mcp-m2m tools', () => {
  it('lists the tools with their parameters', async () => {
    await using connection = await startScene();
    const { out, exitCode } = await run(connection, 'tools');
    expect(out).toContain('start_deployment(service, environment)\n    Starts a deployment.');
    expect(exitCode).toBe(0);
  });

  it('--json prints them as the server describes them', async () => {
    await using connection = await startScene();
    const { out } = await run(connection, 'tools', '--json');
    const { tools } = JSON.parse(out) as { tools: { name: string; inputSchema: object }[] };
    expect(tools.map(({ name }) => name)).toContain('start_deployment');
    expect(tools[0]?.inputSchema).toMatchObject({ type: 'object' });
  });
});

describe('mcp-m2m call', () => {
  it('prints what the tool answers', async () => {
    await using connection = await startScene();
    const { out, exitCode } = await run(connection, 'call', 'list_deployments');
    expect(out).toBe('#1 web to production: running, started by release-bot\n');
    expect(exitCode).toBe(0);
  });

  it('steps up to the scope that a tool needs', async () => {
    await using connection = await startScene();
    const { out } = await run(
      connection,
      'call',
      'start_deployment',
      '{"service":"api","environment":"staging"}',
    );
    expect(out).toMatch(/^Started: #2 api to staging: running, started by nightly-report/);
  });

  it('a tool for people: the server’s sentence, and 4', async () => {
    await using connection = await startScene();
    const { out, err, exitCode } = await run(connection, 'call', 'approve_production', '{"id":1}');
    expect(out).toBe('');
    expect(err).toMatch(/needs a person, and this access token is a machine's/);
    expect(exitCode).toBe(4);
  });

  it.each(['[1]', '{', '"text"'])('arguments that are no JSON object are refused: %s', async (json) => {
    await using connection = await startScene();
    const { err, exitCode } = await run(connection, 'call', 'list_deployments', json);
    expect(err).toMatch(/must be a JSON object/);
    expect(exitCode).toBe(2);
  });
});

describe('where a secret comes from', () => {
  it.each([
    ['a file', async (secret: string) => ['--secret-file', await fileWith(secret)], {}],
    ['a command', async (secret: string) => ['--secret-command', `cat ${await fileWith(secret)}`], {}],
    ['a variable by name', () => ['--secret-env', 'OF_MY_OWN'], 'OF_MY_OWN'],
  ] as const)('%s', async (_source, flags, variable) => {
    await using connection = await startScene();
    const { url, issuer = '', clientId = '', clientSecret = '' } = connection.settings;
    const { exitCode, err } = await runCommand(
      ['token', url, '--issuer', issuer, '--client-id', clientId, ...(await flags(clientSecret))],
      typeof variable === 'string' ? { [variable]: clientSecret } : {},
    );
    expect(err).toBe('');
    expect(exitCode).toBe(0);
  });

  it('not an argument', async () => {
    const { exitCode, err } = await runCommand(['token', 'https://mcp.example.com/mcp', '--secret', 'x']);
    expect(err).toMatch(/unknown option '--secret'/);
    expect(exitCode).toBe(2);
  });

  it('nobody to ask is said, and not waited for', async () => {
    const flags = ['--issuer', 'https://auth.example.com', '--client-id', 'x', '--secret-prompt'];
    const { exitCode, err } = await runCommand(['token', 'https://mcp.example.com/mcp', ...flags]);
    expect(err).toMatch(/Nobody is here to be asked/);
    expect(exitCode).toBe(2);
  });

  it('a command that fails is named, and what it wrote is not shown', async () => {
    const flags = ['--issuer', 'https://auth.example.com', '--client-id', 'x', '--secret-command', 'false'];
    const { exitCode, err } = await runCommand(['token', 'https://mcp.example.com/mcp', ...flags]);
    expect(err).toMatch(/The command false, which gives the secret of the client x, failed \(exit code 1\)/);
    expect(exitCode).toBe(3);
  });
});

async function fileWith(text: string): Promise<string> {
  const file = path.join(await createFolder(), 'secret');
  await writeFile(file, `${text}\n`, { mode: 0o600 });
  return file;
}
