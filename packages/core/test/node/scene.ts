import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { onTestFinished } from 'vitest';
import { protectRequest, writeAnswer } from '../../src/node/index.ts';
import { createResourceServer, type Decision, type ResourceServer } from '../../src/server/index.ts';

export const RESOURCE = 'https://mcp.example.com/mcp';
export const LIST_TOOLS = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
export const CALL_TOOL = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'start_deployment', arguments: {} },
};

/** A resource server, and the authority whose tokens it takes. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly server: ResourceServer;
  readonly decisions: Decision[];
}

export async function createScene(): Promise<Scene> {
  const authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  onTestFinished(() => authority.close());
  const decisions: Decision[] = [];
  const server = createResourceServer({
    resource: RESOURCE,
    authorizationServers: [authority.issuer],
    access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
    now: authority.now,
    onDecision: (decision) => decisions.push(decision),
  });
  return { authority, server, decisions };
}

/** Serves what passes with the body that was judged. */
export function createListener(server: ResourceServer): RequestListener {
  return (request, response) => {
    void (async () => {
      const result = await protectRequest(server, request, response);
      if (!result.ok) return writeAnswer(response, result.answer);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ caller: result.caller.clientId, body: result.parsedBody ?? null }));
    })();
  };
}

/** Listens on 127.0.0.1 until the current test has finished. */
export async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** A request as no `fetch` would send it. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

export function send(
  port: number,
  { method = 'POST', path = '/mcp', headers = {}, body }: RawRequest,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false };
    httpRequest(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    })
      .on('error', reject)
      .end(body);
  });
}
