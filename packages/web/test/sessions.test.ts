import { randomUUID } from 'node:crypto';
import type { McpAuth } from '@mcp-m2m/web';
import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { createScene, INITIALIZE, LIST_TOOLS, type Scene } from './scene.ts';

type Serve = (request: Request) => Promise<Response>;

/** An MCP server with sessions, as the SDK's examples write it: one transport for each. */
function createSessionServer(auth: McpAuth): Serve {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const open = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    const server = new McpServer({ name: 'desk', version: '1.0.0' });
    server.registerTool('ping', {}, () => ({ content: [] }));
    await server.connect(transport);
    return transport;
  };
  return auth.protectHandler(async (request, passed) => {
    const known = transports.get(request.headers.get('mcp-session-id') ?? '');
    return (known ?? (await open())).handleRequest(request, passed);
  });
}

interface Sender {
  readonly send: (clientId: string, session?: string, json?: unknown, method?: string) => Promise<Response>;
  readonly open: (clientId: string, json?: unknown) => Promise<string>;
}

function createSender({ requestOf }: Scene, serve: Serve): Sender {
  const send: Sender['send'] = (clientId, session, json = LIST_TOOLS, method = 'POST') => {
    const headers = {
      accept: 'application/json, text/event-stream',
      ...(session === undefined ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
    };
    return serve(requestOf(clientId, { method, json, headers }));
  };
  const open: Sender['open'] = async (clientId, json = INITIALIZE) => {
    const response = await send(clientId, undefined, json);
    expect(response.status).toBe(200);
    await response.text();
    return response.headers.get('mcp-session-id') ?? '';
  };
  return { send, open };
}

describe('a session', () => {
  async function start(): Promise<Scene & Sender> {
    const scene = await createScene();
    return { ...scene, ...createSender(scene, createSessionServer(scene.auth)) };
  }

  it('RS26: serves POST, GET and DELETE of the caller that opened it', async () => {
    const { send, open } = await start();
    const session = await open('alice');
    expect((await send('alice', session)).status).toBe(200);
    const stream = await send('alice', session, undefined, 'GET');
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    await stream.body?.cancel();
    expect((await send('alice', session, undefined, 'DELETE')).status).toBe(200);
  });

  it.each(['POST', 'GET', 'DELETE'])('RS26: is not found by another caller’s %s', async (method) => {
    const { send, open, decisions } = await start();
    const session = await open('alice');
    expect((await send('mallory', session, LIST_TOOLS, method)).status).toBe(404);
    expect(decisions.at(-1)?.reason).toBe('session_of_another');
    expect((await send('alice', session)).status).toBe(200);
  });

  it('RS26: opened by a batch belongs to its caller too', async () => {
    const { send, open } = await start();
    const session = await open('alice', [INITIALIZE]);
    expect((await send('mallory', session)).status).toBe(404);
  });
});

describe('a session id that a handler hands out', () => {
  const respond = (): Response => new Response('done', { headers: { 'Mcp-Session-Id': 'session-1' } });

  it('RS26: is tied to its caller by whoever finishes the response', async () => {
    const scene = await createScene();
    const serve: Serve = async (request) => {
      const result = await scene.auth.protect(request);
      return result.ok ? result.finish(respond()) : result.response;
    };
    const { send, open } = createSender(scene, serve);
    expect(await open('alice')).toBe('session-1');
    expect((await send('mallory', 'session-1')).status).toBe(404);
    expect((await send('alice', 'session-1')).status).toBe(200);
  });

  it('RS26: is not tied to whoever merely names it, nor taken over by opening it again', async () => {
    const scene = await createScene();
    const { send, open } = createSender(scene, scene.auth.protectHandler(respond));
    expect((await send('mallory', 'session-1')).status).toBe(200);
    await open('alice');
    await open('mallory');
    expect((await send('mallory', 'session-1')).status).toBe(404);
    expect((await send('alice', 'session-1')).status).toBe(200);
  });
});
