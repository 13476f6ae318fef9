import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { createTestAuthority } from '@mcp-m2m/testing';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer as LegacyServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/server';
import express, { type Request, type RequestHandler, type Response as ExpressResponse } from 'express';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';
import { createDpopClient } from './hostile/dpop-requests.ts';
import { LIST_TOOLS, RESOURCE, send, startProtectedApp, type ProtectedApp } from './protected-app.ts';

const authority = await createAuthority();

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
};
const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' };

/** What both SDK lines' transports have in common. */
interface SessionTransport {
  readonly handleRequest: (request: Request, response: ExpressResponse, body: unknown) => Promise<void>;
}
type CreateTransport = (onOpened: (id: string) => void) => Promise<SessionTransport>;

const createTransportOfSdk1: CreateTransport = async (onsessioninitialized) => {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized,
  });
  const server = new LegacyServer({ name: 'desk', version: '1.0.0' });
  server.registerTool('ping', {}, () => ({ content: [] }));
  await server.connect(transport);
  return transport;
};

const createTransportOfSdk2: CreateTransport = async (onsessioninitialized) => {
  const options = { sessionIdGenerator: randomUUID, onsessioninitialized };
  const transport = new NodeStreamableHTTPServerTransport(options);
  const server = new McpServer({ name: 'desk', version: '1.0.0' });
  server.registerTool('ping', {}, () => ({ content: [] }));
  await server.connect(transport);
  return transport;
};

/** An MCP server with sessions, as the SDK's examples write it: one transport for each. */
function createSessionHandler(createTransport: CreateTransport): RequestHandler {
  const transports = new Map<string, SessionTransport>();
  const handle = async (request: Request, response: ExpressResponse): Promise<void> => {
    const known = transports.get(request.get('mcp-session-id') ?? '');
    const opened = known ?? (await createTransport((id) => opened && transports.set(id, opened)));
    await opened.handleRequest(request, response, request.body);
  };
  return (request, response, next) => {
    handle(request, response).catch(next);
  };
}

function start(handler: RequestHandler, ...before: RequestHandler[]): Promise<ProtectedApp> {
  return startProtectedApp({
    authorizationServers: [authority.issuer],
    now: authority.now,
    mount: (server, auth) => server.all('/mcp', ...before, auth.protect(), handler),
  });
}

const tokenOf = (name: string, claims: Readonly<Record<string, unknown>> = {}): string =>
  `Bearer ${authority.mint({ sub: name, client_id: name, ...claims })}`;

const inSession = (id: string, init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' },
});

async function open(app: ProtectedApp, authorization: string, body: unknown = INITIALIZE): Promise<string> {
  const response = await send(app, authorization, body);
  expect(response.status).toBe(200);
  await response.text();
  const id = response.headers.get('mcp-session-id') ?? '';
  expect(id).not.toBe('');
  return id;
}

/** Sends, and leaves a stream that stays open. */
async function statusOf(
  app: ProtectedApp,
  authorization: string,
  init: RequestInit,
  body?: unknown,
): Promise<number> {
  const response = await send(app, authorization, body, init);
  await response.body?.cancel();
  return response.status;
}

const GET = { method: 'GET', body: null } as const;
const DELETE = { method: 'DELETE', body: null } as const;

/** Not found, as for a session that never was; the operator is told the truth. */
async function expectForeign(app: ProtectedApp, response: Response): Promise<void> {
  expect(response.status).toBe(404);
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(await response.json()).toMatchObject({
    jsonrpc: '2.0',
    error: { message: expect.stringContaining('not found') },
  });
  expect(app.decisions.at(-1)).toMatchObject({
    outcome: 'refused',
    reason: 'session_of_another',
    status: 404,
  });
}

describe.each([
  ['SDK v1', createTransportOfSdk1],
  ['SDK v2', createTransportOfSdk2],
])('a session of %s', (_, createTransport) => {
  it('RS26: serves POST, GET and DELETE of the caller that opened it', async () => {
    await using app = await start(createSessionHandler(createTransport));
    const alice = tokenOf('alice');
    const session = inSession(await open(app, alice));
    expect(await statusOf(app, alice, session, INITIALIZED)).toBe(202);
    expect(await statusOf(app, alice, session, LIST_TOOLS)).toBe(200);
    expect(await statusOf(app, alice, { ...session, ...GET })).toBe(200);
    expect(await statusOf(app, tokenOf('alice'), session, LIST_TOOLS)).toBe(200);
    expect(await statusOf(app, alice, { ...session, ...DELETE })).toBe(200);
    expect(await statusOf(app, alice, session, LIST_TOOLS)).not.toBe(200);
  });

  it.each([
    ['client', () => tokenOf('mallory')],
    ['subject of the same client', () => tokenOf('alice', { sub: 'somebody' })],
    ['client of the same subject', () => tokenOf('alice', { client_id: 'mallory' })],
  ])('RS26: is not found by another %s, which changes nothing about it', async (_name, token) => {
    await using app = await start(createSessionHandler(createTransport));
    const alice = tokenOf('alice');
    const session = inSession(await open(app, alice));
    for (const init of [{}, GET, DELETE]) {
      await expectForeign(app, await send(app, token(), LIST_TOOLS, { ...session, ...init }));
    }
    await expectForeign(app, await send(app, token(), INITIALIZE, session));
    expect(await statusOf(app, alice, session, LIST_TOOLS)).toBe(200);
  });

  it('RS26: is not found by a client of the same name at another authorization server', async () => {
    await using other = await createTestAuthority({
      audience: RESOURCE,
      scope: 'deploy:read',
      now: authority.now,
    });
    await using app = await startProtectedApp({
      authorizationServers: [authority.issuer, other.issuer],
      now: authority.now,
      mount: (server, auth) => server.all('/mcp', auth.protect(), createSessionHandler(createTransport)),
    });
    const session = inSession(await open(app, tokenOf('alice')));
    const namesake = `Bearer ${other.mint({ sub: 'alice', client_id: 'alice' })}`;
    await expectForeign(app, await send(app, namesake, LIST_TOOLS, session));
  });

  it('RS26: opened by a batch belongs to its caller too', async () => {
    await using app = await start(createSessionHandler(createTransport));
    const session = inSession(await open(app, tokenOf('alice'), [INITIALIZE]));
    await expectForeign(app, await send(app, tokenOf('mallory'), LIST_TOOLS, session));
    expect(await statusOf(app, tokenOf('alice'), session, LIST_TOOLS)).toBe(200);
  });

  it('RS26: belongs to its caller when express.json() comes before protect(), or behind', async () => {
    const handler = createSessionHandler(createTransport);
    const parser = express.json();
    await using before = await start(handler, parser);
    await using behind = await start((request, response, next) => {
      parser(request, response, () => void handler(request, response, next));
    });
    for (const app of [before, behind]) {
      const session = inSession(await open(app, tokenOf('alice')));
      await expectForeign(app, await send(app, tokenOf('mallory'), LIST_TOOLS, session));
      expect(await statusOf(app, tokenOf('alice'), session, LIST_TOOLS)).toBe(200);
    }
  });

  it('RS26: nobody gets in by the session alone', async () => {
    await using app = await start(createSessionHandler(createTransport));
    const session = inSession(await open(app, tokenOf('alice')));
    for (const init of [{}, GET, DELETE]) {
      const response = await send(app, undefined, LIST_TOOLS, { ...session, ...init });
      expect(response.status).toBe(401);
    }
  });

  it('RS26: GET and DELETE need the base scopes', async () => {
    await using app = await start(createSessionHandler(createTransport));
    const session = inSession(await open(app, tokenOf('alice')));
    for (const init of [GET, DELETE]) {
      const response = await send(app, tokenOf('alice', { scope: 'other' }), undefined, {
        ...session,
        ...init,
      });
      expect([response.status, app.decisions.at(-1)?.reason]).toEqual([403, 'scope_insufficient']);
    }
    expect(await statusOf(app, tokenOf('alice'), session, LIST_TOOLS)).toBe(200);
  });

  it('RS26: a bound token needs a proof of its own for GET and DELETE', async () => {
    await using app = await start(createSessionHandler(createTransport));
    const alice = await createDpopClient(authority, { sub: 'alice', client_id: 'alice' });
    const scheme = `DPoP ${alice.token}`;
    const prove = (method: string) => ({ dpop: alice.prove({ method }) });
    const opened = await send(app, scheme, INITIALIZE, { headers: prove('POST') });
    const id = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    for (const init of [GET, DELETE]) {
      const wrong = { ...init, headers: { ...id, ...prove('POST') } };
      expect(await statusOf(app, scheme, wrong)).toBe(401);
      expect(await statusOf(app, scheme, { ...init, headers: { ...id, ...prove(init.method) } })).toBe(200);
    }
  });
});

describe('a session id that a handler hands out', () => {
  const id = 'session-1';

  it.each<[string, (response: ExpressResponse) => void]>([
    ['setHeader()', (response) => response.setHeader('Mcp-Session-Id', id)],
    ['setHeader() with a list', (response) => response.setHeader('mcp-session-id', [id])],
    ['Express’s set()', (response) => response.set('MCP-SESSION-ID', id)],
    ['setHeaders()', (response) => response.setHeaders(new Headers({ 'mcp-session-id': id }))],
    ['writeHead() with an object', (response) => response.writeHead(200, { 'MCP-Session-Id': id })],
    ['writeHead() with a reason', (response) => response.writeHead(200, 'Fine', { 'mcp-session-id': id })],
    [
      'writeHead() with a list',
      (response) => response.writeHead(200, ['X-Other', 'x', 'Mcp-Session-Id', id]),
    ],
    [
      'writeHead() with a list in the object',
      (response) => response.writeHead(200, { 'mcp-session-id': [id] } as OutgoingHttpHeaders),
    ],
    [
      'setHeader() and flushHeaders()',
      (response) => {
        response.setHeader('mcp-session-id', id);
        response.flushHeaders();
      },
    ],
    [
      'writeHead() over setHeader()',
      (response) =>
        response.setHeader('mcp-session-id', 'never sent').writeHead(200, { 'mcp-session-id': id }),
    ],
  ])('RS26: by %s, is tied to its caller', async (_, write) => {
    await using app = await start((_request, response) => {
      write(response);
      response.end('done');
    });
    expect(await open(app, tokenOf('alice'))).toBe(id);
    await expectForeign(app, await send(app, tokenOf('mallory'), LIST_TOOLS, inSession(id)));
    expect(await statusOf(app, tokenOf('alice'), inSession(id), LIST_TOOLS)).toBe(200);
  });

  it('RS26: is not tied to whoever merely names it', async () => {
    await using app = await start((request, response) => {
      response.setHeader('mcp-session-id', request.get('mcp-session-id') ?? id).end();
    });
    expect(await statusOf(app, tokenOf('mallory'), inSession(id), LIST_TOOLS)).toBe(200);
    expect(await open(app, tokenOf('alice'))).toBe(id);
    await expectForeign(app, await send(app, tokenOf('mallory'), LIST_TOOLS, inSession(id)));
  });

  it('RS26: cannot be taken over by opening it again', async () => {
    await using app = await start((_request, response) => {
      response.setHeader('mcp-session-id', id).end();
    });
    await open(app, tokenOf('alice'));
    await open(app, tokenOf('mallory'));
    await expectForeign(app, await send(app, tokenOf('mallory'), LIST_TOOLS, inSession(id)));
    expect(await statusOf(app, tokenOf('alice'), inSession(id), LIST_TOOLS)).toBe(200);
  });

  it('RS26: and nobody knows, is left to the MCP server', async () => {
    await using app = await start(createSessionHandler(createTransportOfSdk2));
    const status = await statusOf(app, tokenOf('alice'), inSession('unknown'), LIST_TOOLS);
    expect([status, app.decisions.at(-1)?.outcome]).toEqual([400, 'allowed']);
  });
});
