import { generateKeyPairSync } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { MCP, startAuthorizationServer } from '../authorization-server.ts';
import { createFolder, runCommand, type CommandResult } from '../command-line.ts';

const ACCESS = ['--access', `${MCP} deploy:read`];

describe('mcp-m2m clients', () => {
  it('the file of the first administrator is all that is needed, by option, environment or profile', async () => {
    await using started = await startAuthorizationServer();
    const { administrator, credentialFile } = started;
    const { out, exitCode } = await runCommand(['clients', 'list'], administrator);
    expect(out).toMatch(/^CLIENT +STATE +METHOD/);
    expect(out).toContain('bootstrap-administrator  enabled  secret');
    expect(exitCode).toBe(0);
    expect((await runCommand(['clients', 'list', '--credential-file', credentialFile])).exitCode).toBe(0);
    expect((await runCommand(['clients', 'list', '--dpop'], administrator)).exitCode).toBe(0);

    const home = { MCP_M2M_CONFIG: path.join(await createFolder(), 'config.json') };
    await runCommand(['profile', 'set', 'admin', '--credential-file', credentialFile], home);
    expect(await readFile(home.MCP_M2M_CONFIG, 'utf8')).not.toContain('mcpm2m_');
    const listed = await runCommand(['clients', 'list', '--profile', 'admin', '--json'], home);
    expect(JSON.parse(listed.out)).toMatchObject({ clients: [{ clientId: 'bootstrap-administrator' }] });
  });

  it('a secret goes to standard output alone, this once, and is right', async () => {
    await using started = await startAuthorizationServer();
    const { administrator, issuer } = started;
    const { out, err, exitCode } = await runCommand(
      ['clients', 'create', 'nightly', ...ACCESS],
      administrator,
    );
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^mcpm2m_[0-9A-Za-z]+\n$/);
    expect(err).toBe(
      'Client nightly is registered.\nThis is the secret; it is shown this once and cannot be read again.\n',
    );
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`nightly:${out.trim()}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(await answer.json()).toMatchObject({ scope: 'deploy:read' });
    const shown = await runCommand(['clients', 'show', 'nightly'], administrator);
    expect(shown.out).not.toContain(out.trim());
    expect(shown.out).toMatch(/access +https:\/\/mcp\.example\.com\/mcp \(deploy:read\)/);
  });

  it.each([
    ['--secret-out', /^mcpm2m_\w+\n$/],
    [
      '--credential-out',
      /^\{\s+"issuer": "http:[^"]+",\s+"clientId": "nightly",\s+"clientSecret": "mcpm2m_\w+",\s+"resource": "https:[^"]+"\s+\}\n$/,
    ],
  ] as const)('%s: into a file of its owner, which is never overwritten', async (option, form) => {
    await using started = await startAuthorizationServer();
    const { administrator } = started;
    const file = path.join(await createFolder(), 'out');
    const create = ['clients', 'create', 'nightly', ...ACCESS, option, file];
    const { out, err, exitCode } = await runCommand(create, administrator);
    expect(out).toBe('');
    expect(err).toContain(file);
    expect(exitCode).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const held = await readFile(file, 'utf8');
    expect(held).toMatch(form);

    const again = await runCommand(['clients', 'create', 'other', ...ACCESS, option, file], administrator);
    expect(again.err).toMatch(/is there already; secrets overwrite nothing/);
    expect(again.exitCode).toBe(2);
    expect(await readFile(file, 'utf8')).toBe(held);
    expect((await runCommand(['clients', 'show', 'other'], administrator)).exitCode).toBe(1);
  });

  it('what the server refuses leaves no file, and is said in its own words', async () => {
    await using started = await startAuthorizationServer();
    const file = path.join(await createFolder(), 'out');
    const access = ['--access', `${MCP} deploy:unheard`];
    const { err, exitCode } = await runCommand(
      ['clients', 'create', 'x', ...access, '--secret-out', file],
      started.administrator,
    );
    expect(err).toMatch(/deploy:unheard/);
    expect(exitCode).toBe(1);
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  it('a client with a public key has no secret, and a private key does not leave', async () => {
    await using started = await startAuthorizationServer();
    const { administrator } = started;
    const folder = await createFolder();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const files = { public: path.join(folder, 'key.pub.pem'), private: path.join(folder, 'key.pem') };
    await writeFile(files.public, publicKey.export({ type: 'spki', format: 'pem' }));
    await writeFile(files.private, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const wrong = await runCommand(
      ['clients', 'create', 'deployer', ...ACCESS, '--public-key', files.private],
      administrator,
    );
    expect(wrong.err).toMatch(/holds a private key, which stays with the client/);
    expect(wrong.exitCode).toBe(2);
    const created = await runCommand(
      ['clients', 'create', 'deployer', ...ACCESS, '--public-key', files.public],
      administrator,
    );
    expect(created.out).toMatch(/method +private_key_jwt/);
    const listed = await runCommand(['client-keys', 'list', 'deployer', '--json'], administrator);
    const { keys } = JSON.parse(listed.out) as { keys: { id: string }[] };
    const [{ id } = { id: '' }] = keys;
    const expire = ['client-keys', 'expire', 'deployer', id, '--expires', '30d'];
    expect((await runCommand(expire, administrator)).exitCode).toBe(0);
    const removal = ['client-keys', 'remove', 'deployer', id];
    expect((await runCommand(removal, administrator)).err).toMatch(/Add --yes to do it/);
    expect((await runCommand([...removal, '--yes'], administrator)).exitCode).toBe(0);
  });

  it('is changed, and a change that is too late is refused', async () => {
    await using started = await startAuthorizationServer();
    const { administrator } = started;
    await runCommand(['clients', 'create', 'nightly', ...ACCESS], administrator);
    const show = async (): Promise<{ revision: string; access: unknown; label?: string }> =>
      JSON.parse((await runCommand(['clients', 'show', 'nightly', '--json'], administrator)).out) as never;
    const { revision } = await show();
    const update = ['clients', 'update', 'nightly'];
    const scopes = ['--access', `${MCP} deploy:read deploy:write`];
    const changed = await runCommand([...update, '--label', 'Nightly', ...scopes], administrator);
    expect(changed.exitCode).toBe(0);
    expect(await show()).toMatchObject({
      label: 'Nightly',
      access: [{ resource: MCP, scopes: ['deploy:read', 'deploy:write'] }],
    });
    const late = await runCommand([...update, '--label', 'Late', '--revision', revision], administrator);
    expect(late.err).toMatch(/repeat the change with the revision it prints/);
    expect(late.exitCode).toBe(1);
    await runCommand([...update, '--label', 'none'], administrator);
    expect((await show()).label).toBeUndefined();
  });

  it('is disabled and deleted only when that is meant', async () => {
    await using started = await startAuthorizationServer();
    const { administrator } = started;
    await runCommand(['clients', 'create', 'nightly', ...ACCESS], administrator);
    const run = async (...args: readonly string[]): Promise<CommandResult> =>
      await runCommand(['clients', ...args], administrator);
    const unsure = await run('disable', 'nightly');
    expect(unsure.err).toMatch(/will get no tokens.*Add --yes/);
    expect(unsure.exitCode).toBe(2);
    expect((await run('disable', 'nightly', '--yes')).err).toBe('Client nightly is disabled.\n');
    expect((await run('list', '--state', 'disabled')).out).toContain('nightly');
    expect((await run('enable', 'nightly')).exitCode).toBe(0);

    const declined = await runCommand(['clients', 'delete', 'nightly'], administrator, { answers: 'n\n' });
    expect(declined.err).toMatch(/Go on\? \(y\/N\) Nothing was changed\.\n$/);
    expect(declined.exitCode).toBe(1);
    const closed = await runCommand(['clients', 'delete', 'nightly'], administrator, { answers: '' });
    expect(closed.err).toMatch(/Nothing was changed\.\n$/);
    expect(closed.exitCode).toBe(1);
    const meant = await runCommand(['clients', 'delete', 'nightly'], administrator, { answers: 'y\n' });
    expect(meant.exitCode).toBe(0);
    const gone = await run('show', 'nightly');
    expect(gone.err).toBe('There is no such client.\n');
    expect(gone.exitCode).toBe(1);
  });

  it('lists all pages', async () => {
    await using started = await startAuthorizationServer();
    const { server, administrator } = started;
    const access = [{ resource: MCP, scopes: ['deploy:read'] }];
    for (let count = 0; count < 1005; count++) {
      await server.clients.create({ authentication: { method: 'workload' }, access }, { actor: 'test' });
    }
    const { out } = await runCommand(['clients', 'list', '--json'], administrator);
    expect((JSON.parse(out) as { clients: object[] }).clients).toHaveLength(1006);
  });

  it('labels of any script stay in their column, and lines stay as wide as the terminal', async () => {
    await using started = await startAuthorizationServer();
    const { server, administrator } = started;
    await server.clients.create(
      {
        clientId: 'hostile',
        label: '漢字 👩‍👩‍👧 '.repeat(12).trim(),
        authentication: { method: 'workload' },
        access: [{ resource: MCP, scopes: ['deploy:read'] }],
      },
      { actor: 'test' },
    );
    const { out } = await runCommand(['clients', 'list'], administrator);
    expect(
      out
        .split('\n')
        .map((line) => stringWidth(line))
        .filter((width) => width > 100),
    ).toEqual([]);
    expect(out).toMatch(/hostile +enabled +workload +漢字.*…/);
  });
});

describe('an administrator', () => {
  it('that is none is told so, and ends with 3', async () => {
    await using started = await startAuthorizationServer();
    const { server, issuer } = started;
    const { secret = '' } = await server.clients.create(
      {
        clientId: 'nightly',
        authentication: { method: 'secret' },
        access: [{ resource: MCP, scopes: ['deploy:read'] }],
      },
      { actor: 'test' },
    );
    const { err, out, exitCode } = await runCommand(
      ['clients', 'list', '--issuer', issuer, '--client-id', 'nightly'],
      { MCP_M2M_CLIENT_SECRET: secret },
    );
    expect(exitCode).toBe(3);
    expect(err + out).not.toContain(secret);
  });

  it('who may only read is refused what changes, and ends with 4', async () => {
    await using started = await startAuthorizationServer();
    const { server, issuer } = started;
    const { secret = '' } = await server.clients.create(
      {
        clientId: 'auditor',
        authentication: { method: 'secret' },
        access: [{ resource: `${issuer}/admin`, scopes: ['admin:read'] }],
      },
      { actor: 'test' },
    );
    const auditor = { MCP_M2M_ISSUER: issuer, MCP_M2M_CLIENT_ID: 'auditor', MCP_M2M_CLIENT_SECRET: secret };
    expect((await runCommand(['clients', 'list'], auditor)).exitCode).toBe(0);
    const { err, exitCode } = await runCommand(['clients', 'create', 'x', ...ACCESS], auditor);
    expect(err).toMatch(/scope/);
    expect(exitCode).toBe(4);
  });

  it.each(['{"clientSecret":"mcpm2m_pasted"}', 'mcpm2m_pasted', '[]', ''])(
    'whose file is none is told so, and nothing of it is shown: %j',
    async (text) => {
      const file = path.join(await createFolder(), 'administrator.json');
      await writeFile(file, text);
      const { err, exitCode } = await runCommand(['clients', 'list'], {
        MCP_M2M_ADMIN_CREDENTIAL_FILE: file,
      });
      expect(err).toMatch(/is not a credential file: it must be a JSON object with issuer/);
      expect(err).not.toContain('pasted');
      expect(exitCode).toBe(2);
    },
  );

  it('that nobody names is asked for', async () => {
    const { err, exitCode } = await runCommand(['clients', 'list']);
    expect(err).toMatch(/--credential-file \(or MCP_M2M_ADMIN_CREDENTIAL_FILE\)/);
    expect(exitCode).toBe(2);
  });
});

describe('an answer that is lost on the way', () => {
  it('is asked for again, and nothing is done twice', async () => {
    await using started = await startAuthorizationServer();
    const { server, administrator } = started;
    let lost = 0;
    started.intercept(({ method, url }, response) => {
      if (method !== 'POST' || url !== '/admin/v1/clients' || lost > 0) return false;
      lost++;
      // The server does it, and its answer gets nowhere.
      response.end = () => {
        response.destroy();
        return response;
      };
      return false;
    });
    const { out, exitCode } = await runCommand(['clients', 'create', ...ACCESS], administrator);
    expect(lost).toBe(1);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^mcpm2m_/);
    expect((await server.clients.list()).clients).toHaveLength(2);
  });
});
