import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { createTestAuthority } from '@mcp-m2m/testing';
import { decodeJwt } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createAuthorizationServer, type AuthorizationServer } from '../src/index.ts';
import { JWT_BEARER, trustSubject, workloadToken } from './grants/scene.ts';
import { SECRET_KEY } from './running-server.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const ISSUER = 'http://localhost:4000';
const ACCESS = [{ resource: 'http://localhost:3000/mcp', scopes: ['deploy:read', 'deploy:write'] }];

/** The lines of the README for a shell in which curl is called with this in them. */
function linesWith(words: string): string {
  const blocks = [...README.matchAll(/```sh\n(.*?)```/gs)].map(([, lines = '']) => lines);
  const found = blocks.filter((lines) => lines.includes('curl ') && lines.includes(words));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}

/** The server of the README's example, at its address as far as curl knows, and on a free port in truth. */
async function startExampleServer(): Promise<{ server: AuthorizationServer; curlHome: string }> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server = await createAuthorizationServer({
    issuer: ISSUER,
    resources: ACCESS,
    database: ':memory:',
    secretKey: SECRET_KEY,
  });
  http.on('request', server.handler);
  onTestFinished(async () => {
    http.closeAllConnections();
    http.close();
    await server.close();
  });
  const curlHome = createTemporaryFolder();
  const { port } = http.address() as AddressInfo;
  writeFileSync(path.join(curlHome, '.curlrc'), `silent\nconnect-to = "localhost:4000:127.0.0.1:${port}"\n`);
  return { server, curlHome };
}

/** Runs lines as they are in a shell. */
async function runInShell(lines: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const shell = spawn('sh', ['-eu', '-c', lines], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  shell.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const [exitCode] = (await once(shell, 'close')) as [number | null];
  expect([exitCode, texts.stderr]).toEqual([0, '']);
  return texts.stdout;
}

// Needs curl and a shell.
describe('the lines of the README for curl, as they are written', () => {
  it('get a token with the id and the secret of a client', async () => {
    const { server, curlHome } = await startExampleServer();
    const { clientId, secret = '' } = await server.clients.create({
      authentication: { method: 'secret' },
      access: ACCESS,
    });
    const printed = await runInShell(linesWith('grant_type=client_credentials'), {
      CURL_HOME: curlHome,
      CLIENT_ID: clientId,
      CLIENT_SECRET: secret,
    });
    const answer = JSON.parse(printed) as Record<string, unknown>;
    expect(answer).toMatchObject({ token_type: 'Bearer', scope: 'deploy:read deploy:write' });
    expect(decodeJwt(String(answer['access_token']))).toMatchObject({
      iss: ISSUER,
      client_id: clientId,
      aud: 'http://localhost:3000/mcp',
    });
  });

  it('get a token with the token that a platform has made', async () => {
    const platform = await createTestAuthority();
    onTestFinished(async () => await platform.close());
    const { server, curlHome } = await startExampleServer();
    await server.clients.create({
      clientId: 'deployer',
      authentication: { method: 'workload' },
      access: ACCESS,
      grantTypes: [JWT_BEARER],
    });
    await trustSubject({ server } as never, platform, 'deployer');
    const printed = await runInShell(linesWith(`grant_type=${JWT_BEARER}`), {
      CURL_HOME: curlHome,
      TOKEN: workloadToken(platform, { issuer: ISSUER }),
    });
    const answer = JSON.parse(printed) as Record<string, unknown>;
    expect(decodeJwt(String(answer['access_token']))).toMatchObject({ iss: ISSUER, client_id: 'deployer' });
  });
});
