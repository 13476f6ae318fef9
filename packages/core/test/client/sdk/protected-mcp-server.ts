import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestAuthority } from '@mcp-m2m/testing';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { onTestFinished } from 'vitest';
import { protectRequest, writeAnswer } from '../../../src/node/index.ts';
import {
  createResourceServer,
  type AccessOptions,
  type Decision,
  type ResourceServer,
} from '../../../src/server/index.ts';

/** Who serves: SDK v2's stateless handler (both revisions), or either line's server with sessions (2025-11-25). */
export type ServerKind = 'handler of SDK v2' | 'sessions of SDK v2' | 'sessions of SDK v1';

export const ACCESS: AccessOptions = {
  scopes: ['deploy:read'],
  tools: {
    start_deployment: ['deploy:write'],
    approve_production: { caller: 'user' },
  },
};

/** A request to the MCP endpoint, and what became of it. */
export interface SeenRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  allowed: boolean;
}

/** A real MCP server of an official SDK behind `protectRequest`. */
export interface ProtectedMcpServer {
  /** The MCP endpoint, which is the resource too. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Bodies that passed. */
  readonly bodies: unknown[];
  readonly decisions: Decision[];
  /** Tokens that are refused from now on, by their `jti`; `all` refuses every one. */
  readonly revoked: Set<unknown>;
  /** The access tokens that came, in order, repetitions included. */
  readonly shownTokens: () => string[];
}

type McpListener = (request: IncomingMessage, response: ServerResponse, body: unknown) => Promise<void>;

/** Starts the server on 127.0.0.1 until the current test has finished. */
export async function startProtectedMcpServer(
  authority: TestAuthority,
  kind: ServerKind = 'handler of SDK v2',
): Promise<ProtectedMcpServer> {
  const requests: SeenRequest[] = [];
  const bodies: unknown[] = [];
  const decisions: Decision[] = [];
  const revoked = new Set<unknown>();
  const serve = createListener(kind);
  let resourceServer: ResourceServer | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    if (resourceServer === undefined) return void response.writeHead(503).end();
    const metadata = await resourceServer.answerMetadata(method, url);
    if (metadata !== undefined) return writeAnswer(response, metadata);
    const seen = { method, headers, allowed: false };
    requests.push(seen);
    const result = await protectRequest(resourceServer, request, response);
    if (!result.ok) return writeAnswer(response, result.answer);
    seen.allowed = true;
    if (method === 'POST') bodies.push(result.parsedBody);
    await serve(request, response, result.parsedBody);
  }

  const origin = await listen((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const url = `${origin}/mcp`;
  resourceServer = createResourceServer({
    resource: url,
    authorizationServers: [authority.issuer],
    access: ACCESS,
    now: authority.now,
    isRevoked: ({ jti }) => revoked.has('all') || revoked.has(jti),
    onDecision: (decision) => decisions.push(decision),
  });
  return {
    url,
    requests,
    bodies,
    decisions,
    revoked,
    shownTokens: () =>
      requests.flatMap(({ headers }) => headers.authorization?.replace(/^Bearer /, '') ?? []),
  };
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function createListener(kind: ServerKind): McpListener {
  if (kind === 'handler of SDK v2') {
    const handler = toNodeHandler(createMcpHandler(() => addTools(new McpServer(SERVER_INFO))));
    return (request, response, body) => handler(request as never, response, body);
  }
  const transports = new Map<string, { handleRequest: McpListener }>();
  return async (request, response, body) => {
    const known = transports.get(String(request.headers['mcp-session-id']));
    if (known !== undefined) return known.handleRequest(request, response, body);
    const options = {
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id: string) => void transports.set(id, transport),
    };
    const transport =
      kind === 'sessions of SDK v1'
        ? new StreamableHTTPServerTransport(options)
        : new NodeStreamableHTTPServerTransport(options);
    const server = kind === 'sessions of SDK v1' ? new McpServerV1(SERVER_INFO) : new McpServer(SERVER_INFO);
    await addTools(server as McpServer).connect(transport);
    await transport.handleRequest(request, response, body);
  };
}

const SERVER_INFO = { name: 'deploy-desk', version: '1.0.0' };

function addTools(server: McpServer): McpServer {
  for (const name of ['list_deployments', 'start_deployment', 'approve_production']) {
    server.registerTool(name, {}, () => ({ content: [{ type: 'text' as const, text: `${name} done` }] }));
  }
  return server;
}
