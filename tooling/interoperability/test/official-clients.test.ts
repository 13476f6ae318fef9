import * as client2 from '@modelcontextprotocol/client';
import * as sdk1Auth from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client as Sdk1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Sdk1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { startOwnServer } from './authorization-server.ts';
import { startMcpServer } from './mcp-server.ts';

const SCOPES = ['deploy:read', 'deploy:write'];
const IMPLEMENTATION = { name: 'nightly-report', version: '1.0.0' };

/** What the providers of both lines are constructed with. */
interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly privateKey: string;
  readonly expectedIssuer: string;
}

/** Connects as an official client does that has nothing but its own provider, and calls tools. */
type CallTool = (
  resource: string,
  provider: 'secret' | 'key',
  credentials: Credentials,
  name: string,
) => Promise<string>;

const callBySdk1: CallTool = async (resource, kind, { clientSecret, privateKey, ...common }, name) => {
  const authProvider =
    kind === 'secret'
      ? new sdk1Auth.ClientCredentialsProvider({ ...common, clientSecret })
      : new sdk1Auth.PrivateKeyJwtProvider({ ...common, privateKey, algorithm: 'ES256' });
  const client = new Sdk1Client(IMPLEMENTATION);
  await client.connect(new Sdk1Transport(new URL(resource), { authProvider }));
  const { content } = await client.callTool({ name, arguments: {} });
  await client.close();
  return textOf(content);
};

function callByClient2(mode: 'legacy' | { pin: string }): CallTool {
  return async (resource, kind, { clientSecret, privateKey, ...common }, name) => {
    const authProvider =
      kind === 'secret'
        ? new client2.ClientCredentialsProvider({ ...common, clientSecret })
        : new client2.PrivateKeyJwtProvider({ ...common, privateKey, algorithm: 'ES256' });
    const client = new client2.Client(IMPLEMENTATION, { versionNegotiation: { mode } });
    await client.connect(new client2.StreamableHTTPClientTransport(new URL(resource), { authProvider }));
    const { content } = await client.callTool({ name, arguments: {} });
    await client.close();
    return textOf(content);
  };
}

function textOf(content: unknown): string {
  const [first] = content as readonly { readonly text?: string }[];
  return first?.text ?? '';
}

/** A protected server, the authorization server, and a client of each kind with all that a provider wants. */
async function setScene(path = '') {
  const server = await startMcpServer();
  const { resource } = server;
  const own = await startOwnServer([{ resource, scopes: SCOPES }], { path });
  server.trust([own.issuer]);
  const access = [{ resource, scopes: SCOPES }];
  const { secret = '' } = await own.server.clients.create({
    clientId: 'by-secret',
    authentication: { method: 'secret' },
    access,
  });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = (await exportJWK(publicKey)) as never;
  await own.server.clients.create({
    clientId: 'by-key',
    authentication: { method: 'private_key_jwt', publicKey: jwk },
    access,
  });
  const credentials = {
    clientSecret: secret,
    privateKey: await exportPKCS8(privateKey),
    expectedIssuer: own.issuer,
  };
  return { server, own, resource, credentials };
}

describe.each<[string, CallTool]>([
  ['SDK v1, 2025-11-25', callBySdk1],
  ['SDK v2, 2025-11-25', callByClient2('legacy')],
  ['SDK v2, 2026-07-28', callByClient2({ pin: '2026-07-28' })],
])('the official client, %s', (_, callTool) => {
  it.each(['', '/tenants/one'])(
    'with ClientCredentialsProvider gets a token from the issuer at path "%s" and calls a protected tool',
    async (path) => {
      const { server, own, resource, credentials } = await setScene(path);
      const answer = await callTool(resource, 'secret', { ...credentials, clientId: 'by-secret' }, 'whoami');
      expect(answer).toBe('machine by-secret');
      expect(own.events.filter(({ type }) => type === 'token_issued')).toMatchObject([
        { clientId: 'by-secret', resource, scopes: expect.arrayContaining(['deploy:read']) },
      ]);
      expect(server.decisions.filter(({ status }) => status === 401)).toHaveLength(1);
    },
  );

  it('with PrivateKeyJwtProvider gets a token and calls a protected tool', async () => {
    const { own, resource, credentials } = await setScene();
    const answer = await callTool(resource, 'key', { ...credentials, clientId: 'by-key' }, 'whoami');
    expect(answer).toBe('machine by-key');
    expect(own.events.filter(({ type }) => type === 'token_issued')).toMatchObject([
      { clientId: 'by-key', resource },
    ]);
  });

  // SDK v1 asks for no scope and gets all that the client has.
  it('calls a tool that needs a further scope, after a step-up where its first token has less', async () => {
    const { own, resource, credentials } = await setScene();
    const answer = await callTool(resource, 'secret', { ...credentials, clientId: 'by-secret' }, 'deploy');
    expect(answer).toBe('deployed');
    expect(own.events.findLast(({ type }) => type === 'token_issued')).toMatchObject({
      scopes: expect.arrayContaining(['deploy:write']),
    });
  });

  it('is told in words that its secret is wrong, and its error does not have it', async () => {
    const { own, resource, credentials } = await setScene();
    const clientSecret = `${credentials.clientSecret}x`;
    const error: unknown = await callTool(
      resource,
      'secret',
      { ...credentials, clientSecret, clientId: 'by-secret' },
      'whoami',
    ).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain('client authentication failed');
    expect(String(error)).not.toContain(clientSecret);
    expect(own.events.filter(({ type }) => type === 'token_issued')).toEqual([]);
  });
});
