import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { createApp } from 'sample-express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: Server;
let authority: TestAuthority;
let resource: string;
let folder: string;

const scopes = ['deploy:read', 'deploy:write'];

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  authority = await createTestAuthority({ audience: resource });
  server.on('request', createApp({ resource, authorizationServer: authority.issuer }));
  folder = await mkdtemp(path.join(tmpdir(), 'sample-worker-'));
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

function start(environment: Readonly<Record<string, string>>) {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  return spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      MCP_SERVER_URL: resource,
      AUTHORIZATION_SERVER: authority.issuer,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What a worker that runs again and again prints, until it has said so many times that it failed. */
async function outputOfRuns(
  environment: Readonly<Record<string, string>>,
  failures: number,
): Promise<string> {
  const child = start(environment);
  let output = '';
  for await (const chunk of child.stderr) {
    output += String(chunk);
    if ((output.match(/No token for/g)?.length ?? 0) >= failures) break;
  }
  child.kill();
  return output;
}

async function work(
  environment: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; output: string }> {
  const child = start(environment);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, output };
}

describe('the worker', () => {
  it('calls the tools with a secret, one token request for each set of scopes', async () => {
    authority.registerClient({ clientId: 'with-secret', secret: 's3cret%+ü', scopes, resources: [resource] });
    authority.clearRequests();
    const { exitCode, output } = await work({ CLIENT_ID: 'with-secret', CLIENT_SECRET: 's3cret%+ü' });
    expect(output).toContain('#1 web to production');
    expect(output).toContain('nightly-report to staging: running, started by with-secret');
    expect(exitCode).toBe(0);
    const requested = authority.endpoints.token.requests.map(({ body }) => new URLSearchParams(body));
    // The first token has what the challenge asked for, the second what the tool needs.
    expect(requested.map((parameters) => parameters.get('scope'))).toEqual([
      'deploy:read',
      'deploy:read deploy:write',
    ]);
    expect(requested.every((parameters) => parameters.get('resource') === resource)).toBe(true);
  });

  it('declares the client-credentials extension to the server', async () => {
    authority.registerClient({ clientId: 'declaring', secret: 'declared', scopes, resources: [resource] });
    const bodies: string[] = [];
    const record = (request: IncomingMessage): void => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    };
    server.prependListener('request', record);
    await work({ CLIENT_ID: 'declaring', CLIENT_SECRET: 'declared' });
    server.off('request', record);
    const declared = bodies.filter((body) => body.includes('io.modelcontextprotocol/clientCapabilities'));
    expect(declared).not.toEqual([]);
    for (const body of declared)
      expect(body).toContain('"io.modelcontextprotocol/oauth-client-credentials":{}');
  });

  it('goes on when one run of several fails', async () => {
    const failing = { CLIENT_ID: 'nobody', CLIENT_SECRET: 'nothing', EVERY_SECONDS: '1' };
    const runs = await outputOfRuns(failing, 2);
    expect(runs.match(/No token for/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('calls the tools with a signed assertion', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keyFile = path.join(folder, 'key.pem');
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    authority.registerClient({
      clientId: 'with-key',
      publicKey: publicKey.export({ format: 'jwk' }),
      scopes,
      resources: [resource],
    });
    const { exitCode, output } = await work({ CLIENT_ID: 'with-key', CLIENT_PRIVATE_KEY_FILE: keyFile });
    expect(output).toContain('started by with-key');
    expect(exitCode).toBe(0);
  });

  it('says what is wrong with a secret that is refused, and does not print it', async () => {
    authority.registerClient({ clientId: 'mistaken', secret: 'right', scopes, resources: [resource] });
    const { exitCode, output } = await work({ CLIENT_ID: 'mistaken', CLIENT_SECRET: 'canary-of-a-secret' });
    expect(exitCode).toBe(1);
    expect(output).toContain('invalid_client');
    expect(output).toContain(authority.tokenEndpoint);
    expect(output).not.toContain('canary-of-a-secret');
  });

  it.each([
    ['MCP_SERVER_URL', { MCP_SERVER_URL: '', CLIENT_ID: 'a', CLIENT_SECRET: 'b' }],
    ['CLIENT_ID', { CLIENT_SECRET: 'b' }],
    ['CLIENT_PRIVATE_KEY_FILE', { CLIENT_ID: 'a' }],
    ['EVERY_SECONDS', { CLIENT_ID: 'a', CLIENT_SECRET: 'b', EVERY_SECONDS: 'often' }],
  ])('names the variable %s when it is missing or wrong', async (variable, environment) => {
    const { exitCode, output } = await work(environment);
    expect(output).toContain(variable);
    expect(exitCode).toBe(1);
  });
});
