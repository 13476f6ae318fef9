import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RESOURCE, startProtectedApp, type ProtectedApp } from './protected-app.ts';

let authority: TestAuthority;
let app: ProtectedApp;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read deploy:write' });
  app = await startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now });
});

beforeEach(() => {
  app.callers.length = 0;
  app.decisions.length = 0;
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

/** A plain fetch that adds a minted token. */
const authorizedFetch = (url: string | URL, init?: RequestInit): Promise<Response> => {
  const headers = new Headers(init?.headers);
  headers.set('authorization', `Bearer ${authority.mint({ sub: 'nightly', client_id: 'nightly' })}`);
  return fetch(url, { ...init, headers });
};

/** What the tests need of a client, whichever line of the SDK it comes from. */
interface TestClient extends AsyncDisposable {
  readonly toolNames: () => Promise<string[]>;
  readonly call: (name: string, args: Record<string, unknown>) => Promise<unknown>;
  readonly protocolVersion: () => string | undefined;
}

async function connectV2(pin?: string): Promise<TestClient> {
  const versionNegotiation = pin === undefined ? { mode: 'legacy' as const } : { mode: { pin } };
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation });
  await client.connect(new StreamableHTTPClientTransport(new URL(app.url), { fetch: authorizedFetch }));
  return {
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => (await client.callTool({ name, arguments: args })).content,
    protocolVersion: () => client.getNegotiatedProtocolVersion(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV1(): Promise<TestClient> {
  const client = new ClientV1({ name: 'test', version: '1.0.0' });
  const transport = new TransportV1(new URL(app.url), { fetch: authorizedFetch });
  await client.connect(transport);
  return {
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => (await client.callTool({ name, arguments: args })).content,
    protocolVersion: () => transport.protocolVersion,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

describe.each([
  ['the SDK’s client v2 in revision 2026-07-28', () => connectV2('2026-07-28'), '2026-07-28'],
  ['the SDK’s client v2 in revision 2025-11-25', () => connectV2(), '2025-11-25'],
  ['the SDK’s client v1 in revision 2025-11-25', () => connectV1(), '2025-11-25'],
] as const)('%s, with a fetch that adds a token', (_, connect, revision) => {
  it('lists tools and calls them, and the handler sees who calls', async () => {
    await using client = await connect();
    expect(client.protocolVersion()).toBe(revision);
    expect(await client.toolNames()).toEqual(['whoami', 'start_deployment', 'approve_production']);
    expect(await client.call('whoami', {})).toEqual([{ type: 'text', text: 'nightly' }]);
    expect(await client.call('start_deployment', { service: 'web' })).toEqual([
      { type: 'text', text: 'started web' },
    ]);
    expect(app.callers.length).toBeGreaterThan(0);
    for (const caller of app.callers) {
      expect(caller).toMatchObject({
        clientId: 'nightly',
        scopes: ['deploy:read', 'deploy:write'],
        kind: 'machine',
      });
    }
    expect(app.decisions.map(({ operations }) => operations.join())).toContain('tools/call start_deployment');
  });

  it('is told that a tool needs a person, by a call that rejects', async () => {
    await using client = await connect();
    app.callers.length = 0;
    await expect(client.call('approve_production', {})).rejects.toThrow(/needs a person/);
    expect(app.decisions.at(-1)).toMatchObject({ reason: 'user_required', status: 403 });
    expect(app.callers).toEqual([]);
  });
});
