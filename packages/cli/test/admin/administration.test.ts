import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { startScene } from 'broken-connections';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { MCP, startAuthorizationServer, type StartedAuthorizationServer } from '../authorization-server.ts';
import {
  argumentsOf,
  createFolder,
  runCommand,
  type CommandResult,
  type RunOptions,
} from '../command-line.ts';

type Run = (line: string, options?: RunOptions) => Promise<CommandResult>;

/** Runs a command line, written as in a shell without quotes. */
function runner({ administrator }: StartedAuthorizationServer): Run {
  return async (line, options) => await runCommand(line.split(' '), administrator, options);
}

async function createClient({ server }: StartedAuthorizationServer, clientId: string): Promise<string> {
  const access = [{ resource: MCP, scopes: ['deploy:read'] }];
  const client = { clientId, authentication: { method: 'secret' as const }, access };
  return (await server.clients.create(client, { actor: 'test' })).secret ?? '';
}

async function requestToken(
  { issuer }: StartedAuthorizationServer,
  clientId: string,
  secret: string,
): Promise<number> {
  const { status } = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return status;
}

describe('mcp-m2m secrets', () => {
  it('rotates: both are valid, the status advises, the end is final', async () => {
    await using started = await startAuthorizationServer();
    const run = runner(started);
    const old = await createClient(started, 'nightly');
    expect((await run('secrets rotate status nightly')).err).toMatch(/secrets rotate start/);
    const { out } = await run('secrets rotate start nightly --ends 2d');
    const secret = out.trim();
    expect(secret).toMatch(/^mcpm2m_\w+$/);
    expect(await requestToken(started, 'nightly', secret)).toBe(200);
    expect(await requestToken(started, 'nightly', old)).toBe(200);
    expect((await run('secrets rotate status nightly')).out).toMatch(/verdict +\w+/);
    const finish = await run('secrets rotate finish nightly');
    expect(finish.exitCode).toBe(2);
    expect((await run('secrets rotate finish nightly --yes')).exitCode).toBe(0);
    expect(await requestToken(started, 'nightly', old)).toBe(401);

    const third = (await run('secrets rotate start nightly')).out.trim();
    expect((await run('secrets rotate cancel nightly --yes')).exitCode).toBe(0);
    expect(await requestToken(started, 'nightly', third)).toBe(401);
    expect(await requestToken(started, 'nightly', secret)).toBe(200);
  });

  it('are listed by hint, added and deleted', async () => {
    await using started = await startAuthorizationServer();
    const run = runner(started);
    await createClient(started, 'nightly');
    const created = await run('secrets create nightly --expires 30d --json');
    const { id, secret } = JSON.parse(created.out) as { id: string; secret: string };
    const listed = await run('secrets list nightly');
    expect(listed.out).toMatch(/^ID +HINT +STATE +CREATED +EXPIRES +LAST USED\n/);
    expect(listed.out).toContain(id);
    expect(listed.out).not.toContain(secret);
    expect((await run(`secrets delete nightly ${id} --yes`)).exitCode).toBe(0);
    expect((await run('secrets list nightly')).out).not.toContain(id);
  });
});

describe('mcp-m2m resources', () => {
  it('are registered, changed and deleted, with what clients may do there', async () => {
    await using started = await startAuthorizationServer();
    const run = runner(started);
    const url = 'https://new.example.com/mcp';
    expect((await run(`resources create ${url} -s new:read -s new:write --label New`)).exitCode).toBe(0);
    expect((await run('resources list')).out).toMatch(
      /new\.example\.com\/mcp +administrator +New +new:read new:write/,
    );
    await run(`resources update ${url} -s new:read`);
    expect((await run(`resources show ${url}`)).out).toMatch(/scopes +new:read\n/);
    await runCommand(['clients', 'create', 'user', '--access', `${url} new:read`], started.administrator);
    const inUse = await run(`resources delete ${url} --yes`);
    expect(inUse.err).toMatch(/--remove-access/);
    expect(inUse.exitCode).toBe(1);
    expect((await run(`resources delete ${url} --yes --remove-access`)).exitCode).toBe(0);
    expect((await run(`resources show ${url}`)).err).toBe('There is no such resource.\n');
    expect((await run(`resources delete ${MCP} --yes`)).exitCode).toBe(1);
  });

  it('takes over the tools of a server with the scopes they need, and says what has changed since', async () => {
    await using started = await startAuthorizationServer();
    await using connection = await startScene();
    const run = runner(started);
    const { settings } = connection;
    await run(`resources create ${settings.url} -s deploy:read -s deploy:write`);

    const folder = await createFolder();
    const secretFile = path.join(folder, 'secret');
    await writeFile(secretFile, settings.clientSecret ?? '');
    const home = { ...started.administrator, MCP_M2M_CONFIG: path.join(folder, 'config.json') };
    const set = ['profile', 'set', 'nightly', '--url', settings.url, '--issuer', settings.issuer ?? ''];
    await runCommand([...set, '--client-id', settings.clientId ?? '', '--secret-file', secretFile], home);
    const importing = ['resources', 'import-tools', settings.url, '--via', 'nightly'];
    const undecided = await runCommand(importing, home);
    expect(undecided.err).toMatch(/which scopes these tools need.*list_deployments/);
    expect(undecided.exitCode).toBe(2);
    const scopes = ['--read-scope', 'deploy:read', '--write-scope', 'deploy:write'];
    const imported = await runCommand(
      [...importing, ...scopes, '--tool', 'list_deployments=deploy:read'],
      home,
    );
    expect(imported.err).toMatch(/has 3 tools/);
    expect(imported.out).toContain('+ list_deployments (deploy:read)\n+ start_deployment (deploy:write)');
    expect((await runCommand(importing, home)).out).toBe('Nothing has changed since.\n');

    const { args, environment } = await argumentsOf(settings);
    const listed = await runCommand(['tools', settings.url, '--json', ...args], environment);
    const { tools } = JSON.parse(listed.out) as { tools: { name: string; description: string }[] };
    const changed = tools
      .filter(({ name }) => name !== 'approve_production')
      .map((tool) => ({ ...tool, description: 'Else.' }));
    const input = JSON.stringify({ tools: [...changed, { name: 'delete_everything' }] });
    const since = await run(
      `resources import-tools ${settings.url} --from - --write-scope deploy:write --dry-run`,
      { input },
    );
    expect(since.out).toBe(
      '+ delete_everything (deploy:write)\n- approve_production\n~ list_deployments is described in other words now\n~ start_deployment is described in other words now\n',
    );
    expect((await run(`resources show ${settings.url}`)).out).toContain('approve_production');
  });
});

describe('mcp-m2m trust', () => {
  it('a rule from a template, and a token that would be refused: the reason, step by step', async () => {
    await using started = await startAuthorizationServer();
    const run = runner(started);
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwks = path.join(await createFolder(), 'jwks.json');
    await writeFile(
      jwks,
      JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] }),
    );
    expect((await run('trust templates list')).out).toMatch(/github-actions +/);
    const fill =
      'trust templates fill github-actions --value repository=octo-org/app --value ref=refs/heads/main';
    expect((await run(fill)).out).toMatch(/issuer +https:\/\/token\.actions\.githubusercontent\.com/);

    const issuer = 'https://token.actions.githubusercontent.com';
    const id = (await run(`trust issuers create ${issuer} --jwks-file ${jwks} --label GitHub`)).out.trim();
    expect((await run('trust issuers list')).out).toContain('GitHub');
    await run(`trust issuers update ${id} --single-use`);
    expect((await run(`trust issuers show ${id}`)).out).toMatch(/single use +yes/);
    const workload = ['clients', 'create', 'ci', '--workload', '--access', `${MCP} deploy:read`];
    const grant = ['--grant', 'urn:ietf:params:oauth:grant-type:jwt-bearer'];
    expect((await runCommand([...workload, ...grant], started.administrator)).exitCode).toBe(0);
    const rule = `trust rules create --trusted-issuer ${id} --client ci --template github-actions --value repository=octo-org/app --value ref=refs/heads/main`;
    const ruleId = (await run(rule)).out.trim();
    expect((await run('trust rules list --client ci')).out).toContain('octo-org/app');
    expect((await run(`trust rules show ${ruleId}`)).out).toMatch(/condition +/);

    const token = async (ref: string): Promise<string> =>
      await new SignJWT({ repository: 'octo-org/app', ref, sub: `repo:octo-org/app:ref:${ref}` })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(issuer)
        .setAudience(started.issuer)
        .setIssuedAt()
        .setExpirationTime('5m')
        .setJti(crypto.randomUUID())
        .sign(privateKey);
    const other = await token('refs/heads/other');
    const refused = await run('trust dry-run', { input: other });
    expect(refused.out).toMatch(
      /✘ .*\n {4}ref: expected .*refs\/heads\/main.*, received .*refs\/heads\/other/,
    );
    expect(refused.exitCode).toBe(1);
    expect(refused.out + refused.err).not.toContain(other);
    const file = path.join(await createFolder(), 'token');
    await writeFile(file, `${await token('refs/heads/main')}\n`);
    const accepted = await run(`trust dry-run --token-file ${file}`);
    expect(accepted.out).toMatch(/✔ rule .* for ci/);
    expect(accepted.exitCode).toBe(0);
    const argument = await run(`trust dry-run ${other}`);
    expect(argument.exitCode).toBe(2);

    await run(`trust rules update ${ruleId} --label main`);
    expect((await run(`trust rules delete ${ruleId} --yes`)).exitCode).toBe(0);
    expect((await run(`trust issuers delete ${id} --yes`)).exitCode).toBe(0);
  });
});

describe('mcp-m2m keys', () => {
  it('are listed, rotated and retired', async () => {
    await using started = await startAuthorizationServer();
    const run = runner(started);
    expect((await run('keys list')).out).toMatch(/ES256 +current +database/);
    const rotated = await run('keys rotate --signing-algorithm EdDSA');
    expect(rotated.err).toMatch(/\(EdDSA\) signs from/);
    const listed = await run('keys list --json');
    const { keys } = JSON.parse(listed.out) as { keys: { keyId: string; state: string }[] };
    const current = keys.find(({ state }) => state === 'current')?.keyId ?? '';
    expect((await run(`keys retire ${current}`)).exitCode).toBe(2);
    const retired = await run(`keys retire ${current} --yes`);
    expect(retired.out).toMatch(/\w+/);
    expect((await run('keys list')).out).not.toContain(current);
  });
});

describe('mcp-m2m audit and usage', () => {
  it('say who did what, and how many tokens there were', async () => {
    await using started = await startAuthorizationServer();
    const run = runner(started);
    const secret = await createClient(started, 'nightly');
    await requestToken(started, 'nightly', secret);
    await requestToken(started, 'nightly', 'wrong');
    await expect
      .poll(async () => (await run('audit list --type token_refused --client nightly --since 1h')).out, {
        timeout: 10_000,
      })
      .toMatch(/token_refused +nightly/);
    expect((await run('audit list --oldest -n 1')).out.trim().split('\n')).toHaveLength(2);
    const { out } = await run('audit export');
    const entries = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(entries.map(({ type }) => type)).toContain('client_created');
    expect(out).not.toContain(secret);
    await expect
      .poll(async () => (await run('usage --client nightly')).out, { timeout: 10_000 })
      .toMatch(/nightly +https:\/\/mcp\.example\.com\/mcp +1 +\d/);
  });
});
