import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorizedFetch, clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import { mcpAuth, type Decision } from '@mcp-m2m/fastify';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS } from './protected-app.ts';
import { FASTIFY_VERSIONS, type CreateFastify } from './running-fastify.ts';

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority();
  authority.registerClient({ clientId: 'nightly', secret: SECRET, scopes: ['deploy:read', 'deploy:write'] });
});

afterAll(() => authority.close());

const SECRET = 'a secret of the test';
const answer = (text = 'nobody') => ({ content: [{ type: 'text' as const, text }] });

/** The SDK's v1 line with sessions, as its examples write it: one transport for each. */
function createHandlerV1(): RouteHandlerMethod {
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
  return async ({ raw, headers, body }, reply) => {
    reply.hijack();
    const transport = transports.get(String(headers['mcp-session-id'])) ?? (await open());
    await transport.handleRequest(raw, reply.raw, body);
  };
}

/** The SDK's v2 line. */
function createHandlerV2(): RouteHandlerMethod {
  const handler = toNodeHandler(
    createMcpHandler(({ authInfo }) => {
      const server = new McpServer({ name: 'desk', version: '1.0.0' });
      server.registerTool('whoami', {}, () => answer(authInfo?.clientId));
      server.registerTool('approve_production', {}, () => answer('approved'));
      return server;
    }),
  );
  return async ({ raw, body }, reply) => {
    reply.hijack();
    await handler(raw as NodeIncomingMessageLike, reply.raw, body);
  };
}

interface Desk extends AsyncDisposable {
  readonly origin: string;
  readonly decisions: Decision[];
}

/** Listens before the application is made, as tokens are for one address. */
async function startDesk(
  createFastify: CreateFastify,
  handler: RouteHandlerMethod,
  prepare: (scope: FastifyInstance) => void,
): Promise<Desk> {
  const decisions: Decision[] = [];
  const app = createFastify();
  const server = createServer((request, response) => app.server.emit('request', request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const auth = mcpAuth({
    resource: `${origin}/mcp`,
    authorizationServers: [authority.issuer],
    access: ACCESS,
    onDecision: (decision) => void decisions.push(decision),
  });
  void app.register(auth.metadata());
  void app.register(async (scope) => {
    await scope.register(auth.protect());
    prepare(scope);
    scope.all('/mcp', handler);
  });
  await app.ready();
  return {
    origin,
    decisions,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await app.close();
    },
  };
}

const fetchFor = ({ origin }: Desk): typeof fetch =>
  authorizedFetch(
    createTokenSource({
      resource: `${origin}/mcp`,
      issuer: authority.issuer,
      clientId: 'nightly',
      authentication: clientSecretBasic({ clientSecret: SECRET }),
    }),
  );

/** What the tests need of a client, whichever line of the SDK it comes from. */
interface TestClient extends AsyncDisposable {
  readonly call: (name: string) => Promise<unknown>;
}

async function connectV1(desk: Desk): Promise<TestClient> {
  const client = new ClientV1({ name: 'test', version: '1.0.0' });
  await client.connect(new TransportV1(new URL(`${desk.origin}/mcp`), { fetch: fetchFor(desk) }));
  return {
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectV2(desk: Desk): Promise<TestClient> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  const url = new URL(`${desk.origin}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { fetch: fetchFor(desk) }));
  return {
    call: async (name) => (await client.callTool({ name, arguments: {} })).content,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const withParsers = (): void => undefined;
const withoutParsers = (scope: FastifyInstance): void => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
};

describe.each(FASTIFY_VERSIONS)('%s', (_, createFastify) => {
  describe.each([
    ['the SDK’s server v1', createHandlerV1],
    ['the SDK’s server v2', createHandlerV2],
  ] as const)('with %s', (_server, createHandler) => {
    it.each([
      ['client v1', connectV1, withParsers],
      ['client v2', connectV2, withParsers],
      ['client v1, without body parsers', connectV1, withoutParsers],
      ['client v2, without body parsers', connectV2, withoutParsers],
    ] as const)('tells a tool who calls it: %s', async (_client, connect, prepare) => {
      await using desk = await startDesk(createFastify, createHandler(), prepare);
      await using client = await connect(desk);
      expect(await client.call('whoami')).toEqual([{ type: 'text', text: 'nightly' }]);
      await expect(client.call('approve_production')).rejects.toThrow(/needs a person/);
      expect(desk.decisions.at(-1)).toMatchObject({ reason: 'user_required', status: 403 });
    });
  });
});
