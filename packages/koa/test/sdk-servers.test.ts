import { randomUUID } from 'node:crypto';
import { authorizedFetch, clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import { mcpAuth, type Decision } from '@mcp-m2m/koa';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import type { Middleware } from 'koa';
import bodyParser from 'koa-bodyparser';
import mount from 'koa-mount';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS, LIST_TOOLS, send } from './protected-app.ts';
import { KOA_VERSIONS, run, type RunningServer } from './running-koa.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority();
  for (const clientId of ['nightly', 'mallory']) {
    authority.registerClient({ clientId, secret: SECRET, scopes: ['deploy:read', 'deploy:write'] });
  }
});

afterAll(() => authority.close());

const SECRET = 'a secret of the test';
const answer = (text = 'nobody') => ({ content: [{ type: 'text' as const, text }] });

/** The SDK's v1 line with sessions, as its examples write it: one transport for each. */
function createHandlerV1(): Middleware {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    const server = new ServerV1({ name: 'desk', version: '1.0.0' });
    server.registerTool('whoami', {}, ({ authInfo }) => answer(authInfo?.clientId));
    server.registerTool('approve_production', {}, () => answer('approved'));
    await server.connect(transport);
    return transport;
  };
  return async (context) => {
    const { req, res, request } = context;
    context.respond = false;
    const transport = transports.get(context.get('mcp-session-id')) ?? (await open());
    await transport.handleRequest(req, res, (request as { readonly body?: unknown }).body);
  };
}

/** The SDK's v2 line. */
function createHandlerV2(): Middleware {
  const handler = toNodeHandler(
    createMcpHandler(({ authInfo }) => {
      const server = new McpServer({ name: 'desk', version: '1.0.0' });
      server.registerTool('whoami', {}, () => answer(authInfo?.clientId));
      server.registerTool('approve_production', {}, () => answer('approved'));
      return server;
    }),
  );
  return async (context) => {
    context.respond = false;
    const { body } = context.request as { readonly body?: unknown };
    await handler(context.req as NodeIncomingMessageLike, context.res, body);
  };
}

interface Desk extends RunningServer {
  readonly decisions: Decision[];
}

async function startDesk(
  [, KoaVersion]: (typeof KOA_VERSIONS)[number],
  handler: Middleware,
  ...before: readonly Middleware[]
): Promise<Desk> {
  const decisions: Decision[] = [];
  const server = await run((origin) => {
    const auth = mcpAuth({
      resource: `${origin}/mcp`,
      authorizationServers: [authority.issuer],
      access: ACCESS,
      onDecision: (decision) => void decisions.push(decision),
    });
    const app = new KoaVersion().use(auth.metadata());
    for (const middleware of before) app.use(middleware);
    return app.use(mount('/mcp', auth.protect())).use(mount('/mcp', handler)).callback();
  });
  return { ...server, decisions };
}

const fetchAs = (clientId: string, { origin }: Desk): typeof fetch =>
  authorizedFetch(
    createTokenSource({
      resource: `${origin}/mcp`,
      issuer: authority.issuer,
      clientId,
      authentication: clientSecretBasic({ clientSecret: SECRET }),
    }),
  );

/** What the tests need of a client, whichever line of the SDK it comes from. */
interface TestClient extends AsyncDisposable {
  readonly call: (name: string) => Promise<unknown>;
}

async function connectV1(desk: Desk): Promise<TestClient & { readonly sessionId: string | undefined }> {
  const client = new ClientV1({ name: 'test', version: '1.0.0' });
  const transport = new TransportV1(new URL(`${desk.origin}/mcp`), { fetch: fetchAs('nightly', desk) });
  await client.connect(transport);
  return {
    sessionId: transport.sessionId,
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV2(desk: Desk): Promise<TestClient> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  const url = new URL(`${desk.origin}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { fetch: fetchAs('nightly', desk) }));
  return {
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

describe.each(KOA_VERSIONS)('%s', (...version) => {
  describe.each([
    ['the SDK’s server v1', createHandlerV1],
    ['the SDK’s server v2', createHandlerV2],
  ] as const)('with %s', (_, createHandler) => {
    it.each([
      ['client v1', connectV1, []],
      ['client v2', connectV2, []],
      ['client v1 and koa-bodyparser', connectV1, [bodyParser()]],
      ['client v2 and koa-bodyparser', connectV2, [bodyParser()]],
    ] as const)('tells a tool who calls it: %s', async (_client, connect, before) => {
      await using desk = await startDesk(version, createHandler(), ...before);
      await using client = await connect(desk);
      expect(await client.call('whoami')).toEqual([{ type: 'text', text: 'nightly' }]);
      await expect(client.call('approve_production')).rejects.toThrow(/needs a person/);
      expect(desk.decisions.at(-1)).toMatchObject({ reason: 'user_required', status: 403 });
    });
  });

  it('RS26: ties a session of the SDK’s server v1 to its caller', async () => {
    await using desk = await startDesk(version, createHandlerV1());
    await using client = await connectV1(desk);
    const headers = { 'mcp-session-id': client.sessionId ?? '', 'mcp-protocol-version': '2025-11-25' };
    const tokenOf = (name: string): string =>
      authority.mint({ aud: `${desk.origin}/mcp`, sub: name, client_id: name, scope: 'deploy:read' });
    expect((await send(desk, tokenOf('mallory'), LIST_TOOLS, { headers })).status).toBe(404);
    expect(desk.decisions.at(-1)?.reason).toBe('session_of_another');
    expect((await send(desk, tokenOf('nightly'), LIST_TOOLS, { headers })).status).toBe(200);
  });
});
