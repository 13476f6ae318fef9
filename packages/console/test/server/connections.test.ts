import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createTestAuthority } from '@mcp-m2m/testing';
import { startScene } from 'broken-connections';
import { describe, expect, it, onTestFinished } from 'vitest';

import { connectionBody } from '../connection-body.ts';
import { startConsole, type ConsoleSceneOptions } from '../console-scene.ts';
import { runTest } from '../test-lines.ts';

async function start(options: ConsoleSceneOptions = {}) {
  const scene = await startConsole(options);
  onTestFinished(() => scene.stop());
  return { scene, browser: await scene.signedIn() };
}

function temporaryFile(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-m2m-console-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, name);
}

const SECRET = 'generated for the console, 4711 0815';
const SETTINGS = {
  url: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  credential: { kind: 'secret', secret: SECRET },
};

describe('"Add" ends in a saved connection or a sentence', () => {
  const sentences: readonly [string, object, RegExp][] = [
    [
      'a grant for people',
      { grant: 'authorization_code' },
      /begins with a person who signs in.*Client credentials/,
    ],
    ['the device grant', { grant: 'device_code' }, /begins with a person who signs in/],
    ['the password grant', { grant: 'password' }, /begins with a person who signs in/],
    ['no issuer', { issuer: undefined }, /fill in the issuer/],
    ['no client id', { clientId: undefined }, /fill in "Client ID"/],
    ['no credential', { credential: undefined }, /add its secret or private key/],
    ['no URL', { url: 'mcp.example.com' }, /url must be/],
    ['an address that is no URL of the web', { url: 'ftp://mcp.example.com' }, /url must use https/],
    ['an issuer that is no URL', { issuer: 'auth' }, /issuer must be/],
    ['no subject token', { grant: 'token_exchange' }, /fill in "Subject token"/],
    ['a workload without a token', { grant: 'workload' }, /choose a source of them, or paste one/],
    [
      'a workload token as the credential of another grant',
      { credential: { kind: 'assertion', assertion: 'eyJ' } },
      /choose "Workload token" as the grant/,
    ],
    [
      'a source that is not there',
      { grant: 'workload', credential: { kind: 'workload_token', source: 'kubernetes' } },
      /operator sets the option workloadTokens/,
    ],
    [
      'a key that is none',
      { credential: { kind: 'private_key', privateKeyPem: 'not a key' } },
      /not saved: .*key/,
    ],
  ];
  it.each(sentences)('%s', async (_what, change, sentence) => {
    const { browser } = await start();
    const { status, body, text } = await browser.post('api/connections', { ...SETTINGS, ...change });
    expect(status, text).toBe(422);
    expect(body.detail).toMatch(/^This connection was not saved: /);
    expect(body.detail).toMatch(sentence);
    expect(text).not.toContain(SECRET);
    expect((await browser.get('api/connections')).body.connections).toEqual([]);
  });

  it('with the sources of workload tokens that the operator gave', async () => {
    await using authority = await createTestAuthority();
    const { browser } = await start({
      allowLoopback: true,
      workloadTokens: {
        cluster: {
          name: 'the cluster',
          getAssertion: () => Promise.resolve(authority.mint({ sub: 'workload' }, { typ: 'JWT' })),
        },
      },
    });
    expect((await browser.get('api/connections')).body.workloadTokens).toEqual(['cluster']);
    const added = await browser.post('api/connections', {
      url: 'https://mcp.example.com/mcp',
      issuer: 'https://auth.example.com',
      grant: 'workload',
      credential: { kind: 'workload_token', source: 'cluster' },
    });
    expect(added.status, added.text).toBe(201);
    expect(added.body).toMatchObject({ grant: 'workload', credential: 'workload_token' });
  });
});

describe('the credential of a saved connection', () => {
  it('is encrypted in a file that its owner alone can read, and survives a restart', async () => {
    const file = temporaryFile('connections.sqlite');
    await using connection = await startScene();
    const { timeoutMilliseconds: _timeout, ...settings } = connectionBody(connection.settings) as Record<
      string,
      unknown
    >;
    const first = await startConsole({ connections: file, allowLoopback: true });
    const { body } = await (await first.signedIn()).post('api/connections', settings);
    expect(statSync(file).mode & 0o077).toBe(0);
    await first.stop();
    for (const name of readdirSync(path.dirname(file))) {
      const bytes = readFileSync(path.join(path.dirname(file), name));
      for (const secret of [...connection.secrets, 'nightly-report']) {
        expect(bytes.includes(secret), `${name} has ${secret}`).toBe(false);
      }
    }
    const { browser } = await start({ connections: file, allowLoopback: true });
    const { last } = await runTest(browser, `api/connections/${body.id}/test`);
    expect(last.outcome).toBe('healthy');
  });

  it('opens under the same secret key only, and otherwise it is said what to do', async () => {
    const file = temporaryFile('connections.sqlite');
    const first = await startConsole({ connections: file });
    const { body } = await (await first.signedIn()).post('api/connections', SETTINGS);
    await first.stop();
    const { browser } = await start({
      connections: file,
      secretKey: 'another secret key for tests, long enough: 9876',
    });
    const listed = await browser.get('api/connections');
    expect(listed.body.connections).toMatchObject([{ id: body.id, readable: false, url: '' }]);
    const { last } = await runTest(browser, `api/connections/${body.id}/test`);
    expect(last.message).toMatch(/another secretKey/);
    expect((await browser.delete(`api/connections/${body.id}`)).status).toBe(204);
  });

  it.each(['secret', 'private_key', 'assertion', 'token'])('of kind %s never comes out', async (kind) => {
    const { browser, scene } = await start();
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const hidden = {
      secret: SECRET,
      private_key: privateKey,
      assertion: `eyJ${SECRET.replaceAll(' ', '')}`,
      token: 'token-4711-0815-abcdef',
    }[kind] as string;
    const credential = {
      secret: { kind, secret: hidden },
      private_key: { kind, privateKeyPem: hidden },
      assertion: { kind, assertion: hidden },
      token: { kind, token: hidden },
    }[kind];
    const grant = kind === 'assertion' ? { grant: 'workload' } : {};
    const added = await browser.post('api/connections', { ...SETTINGS, credential, ...grant });
    expect(added.status, added.text).toBe(201);
    const tested = await runTest(browser, `api/connections/${added.body.id}/test`);
    const all = [
      added.text,
      tested.text,
      (await browser.get('api/connections')).text,
      (await browser.get(`api/connections/${added.body.id}`)).text,
      JSON.stringify(scene.events),
    ].join('\n');
    for (const line of hidden.split('\n').filter((part) => part.length > 20)) expect(all).not.toContain(line);
    expect(all).not.toContain(hidden);
  });
});

describe('connections lead to public addresses only, unless the operator opens others', () => {
  it.each([
    'http://127.0.0.1:PORT/mcp',
    'http://localhost:PORT/mcp',
    'http://[::1]:PORT/mcp',
    'https://10.0.0.1/mcp',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00::1]/mcp',
    'https://0.0.0.0/mcp',
    'https://2130706433/mcp',
    'https://[::ffff:127.0.0.1]/mcp',
  ])('%s is not called, and it is said why and who can open it', async (address) => {
    const seen: string[] = [];
    const inner = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void inner.close());
    const url = address.replace('PORT', String((inner.address() as AddressInfo).port));
    const { browser } = await start();
    const { last, text } = await runTest(browser, 'api/connection-tests', { url });
    expect(last, text).toMatchObject({ outcome: 'broken', verdict: { code: 'address_refused' } });
    expect(last.verdict.fix).toMatch(/allowedNetworks, allowLoopback/);
    expect(seen).toEqual([]);
  });

  it('an authorization server inside is not called either, and gets no credential', async () => {
    const seen: string[] = [];
    const inner = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.2', resolve));
    onTestFinished(() => void inner.close());
    const issuer = `http://127.0.0.2:${(inner.address() as AddressInfo).port}`;
    await using connection = await startScene({ client: () => ({ issuer }) });
    // The MCP server's own network is open, and that of the authorization server is not.
    const { browser } = await start({ allowedNetworks: ['127.0.0.1/32'] });
    const { last } = await runTest(browser, 'api/connection-tests', connectionBody(connection.settings));
    expect(last.outcome).toBe('broken');
    expect(seen).toEqual([]);
  });
});

describe('a test', () => {
  it('comes line by line while it runs, and ends when nobody listens', async () => {
    await using connection = await startScene({
      prepare: ({ authority }) => authority.endpoints.token.hang(),
    });
    const { browser, scene } = await start({ allowLoopback: true });
    const controller = new AbortController();
    const response = await fetch(new URL('api/connection-tests', scene.console.url), {
      method: 'POST',
      signal: controller.signal,
      headers: {
        origin: scene.origin,
        'x-mcp-m2m-console': '1',
        'content-type': 'application/json',
        cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
      },
      body: JSON.stringify({ ...connectionBody(connection.settings), timeoutMilliseconds: 30_000 }),
    });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toContain('"name":"connection"');
    controller.abort();
    // Its place is free again: eight more can run.
    for (let turn = 0; turn < 9; turn++) {
      const { last } = await runTest(browser, 'api/connection-tests', { url: 'https://10.0.0.1/mcp' });
      expect(last.type).toBe('diagnosis');
    }
  });

  it('names of tools come as the server has them, without what turns or hides text', async () => {
    const { browser } = await start({ allowLoopback: true });
    await using connection = await startScene();
    const { last } = await runTest(browser, 'api/connection-tests', connectionBody(connection.settings));
    expect(last.tools.map(({ name }: { name: string }) => name)).toContain('approve_production');
  });

  it('needs somebody who is signed in and may change things', async () => {
    const { scene } = await start();
    expect((await scene.browser().post('api/connection-tests', { url: 'https://a.example' })).status).toBe(
      401,
    );
    const reader = scene.browser();
    await reader.post('api/session', await scene.administratorWith(['admin:read']));
    expect((await reader.post('api/connection-tests', { url: 'https://a.example' })).status).toBe(403);
  });
});
