import { randomUUID } from 'node:crypto';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { mcpAuth, type Caller, type McpAuth } from '@mcp-m2m/web';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  createMcpHandler,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
} from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listen, type RunningServer } from './node-server.ts';
import { RESOURCE } from './scene.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read deploy:write' });
});

afterAll(() => authority.close());

/** What the tools were told of their callers, in their context. */
type Seen = (AuthInfo | undefined)[];

function createToolServer(seen: Seen): McpServer {
  const server = new McpServer({ name: 'deploy-desk', version: '1.0.0' });
  server.registerTool('whoami', { inputSchema: z.object({}) }, (_, context) => {
    seen.push(context.http?.authInfo);
    const { clientId = 'nobody' } = context.http?.authInfo ?? {};
    return { content: [{ type: 'text' as const, text: clientId }] };
  });
  server.registerTool('approve_production', { description: 'For people only.' }, () => ({ content: [] }));
  return server;
}

type CreateServe = (auth: McpAuth, seen: Seen) => (request: Request) => Promise<Response>;

const serveByHandler: CreateServe = (auth, seen) =>
  auth.protectHandler(createMcpHandler(() => createToolServer(seen)).fetch);

const serveBySessions: CreateServe = (auth, seen) => {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return auth.protectHandler(async (request, passed) => {
    const known = transports.get(request.headers.get('mcp-session-id') ?? '');
    if (known !== undefined) return known.handleRequest(request, passed);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await createToolServer(seen).connect(transport);
    return transport.handleRequest(request, passed);
  });
};

async function start(createServe: CreateServe): Promise<RunningServer & { readonly seen: Seen }> {
  const seen: Seen = [];
  const auth = mcpAuth({
    resource: RESOURCE,
    authorizationServers: [authority.issuer],
    access: { scopes: ['deploy:read'], tools: { approve_production: { caller: 'user' } } },
    now: authority.now,
  });
  return { ...(await listen(createServe(auth, seen))), seen };
}

/** A plain fetch that adds a minted token. */
const authorizedFetch = (url: string | URL, init?: RequestInit): Promise<Response> => {
  const headers = new Headers(init?.headers);
  headers.set('authorization', `Bearer ${authority.mint({ sub: 'nightly', client_id: 'nightly' })}`);
  return fetch(url, { ...init, headers });
};

/** What the tests need of a client, whichever line of the SDK it comes from. */
interface TestClient extends AsyncDisposable {
  readonly call: (name: string) => Promise<unknown>;
  readonly protocolVersion: () => string | undefined;
}

async function connectV2(origin: string, pin?: string): Promise<TestClient> {
  const versionNegotiation = pin === undefined ? { mode: 'legacy' as const } : { mode: { pin } };
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation });
  const url = new URL(`${origin}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { fetch: authorizedFetch }));
  return {
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
    protocolVersion: () => client.getNegotiatedProtocolVersion(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV1(origin: string): Promise<TestClient> {
  const client = new ClientV1({ name: 'test', version: '1.0.0' });
  const transport = new TransportV1(new URL(`${origin}/mcp`), { fetch: authorizedFetch });
  await client.connect(transport);
  return {
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
    protocolVersion: () => transport.protocolVersion,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const SDK_2_MODERN = (origin: string) => connectV2(origin, '2026-07-28');
const SDK_2_LEGACY = (origin: string) => connectV2(origin);

describe.each([
  ['createMcpHandler(), client v2', serveByHandler, SDK_2_MODERN, '2026-07-28'],
  ['createMcpHandler(), client v2', serveByHandler, SDK_2_LEGACY, '2025-11-25'],
  ['createMcpHandler(), client v1', serveByHandler, connectV1, '2025-11-25'],
  ['WebStandardStreamableHTTPServerTransport, client v2', serveBySessions, SDK_2_LEGACY, '2025-11-25'],
  ['WebStandardStreamableHTTPServerTransport, client v1', serveBySessions, connectV1, '2025-11-25'],
] as const)('%s', (_, createServe, connect, revision) => {
  it(`calls tools in revision ${revision}, which see who calls as ctx.http.authInfo`, async () => {
    await using server = await start(createServe);
    await using client = await connect(server.origin);
    expect(client.protocolVersion()).toBe(revision);
    expect(await client.call('whoami')).toEqual([{ type: 'text', text: 'nightly' }]);
    const [caller] = server.seen as (Caller | undefined)[];
    expect(caller).toMatchObject({
      kind: 'machine',
      clientId: 'nightly',
      subject: 'nightly',
      issuer: authority.issuer,
      scopes: ['deploy:read', 'deploy:write'],
    });
    expect(caller?.token).toMatch(/^eyJ/);
    expect(caller?.resource.href).toBe(RESOURCE);
  });

  it(`is told in revision ${revision} that a tool needs a person`, async () => {
    await using server = await start(createServe);
    await using client = await connect(server.origin);
    await expect(client.call('approve_production')).rejects.toThrow(/needs a person/);
    expect(server.seen).toEqual([]);
  });
});
