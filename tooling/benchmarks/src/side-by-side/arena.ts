import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { protectRequest, writeAnswer } from '@mcp-m2m/core/node';
import { createResourceServer, type AccessOptions, type ResourceServer } from '@mcp-m2m/core/server';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';

export const CLIENT_ID = 'nightly-report';
export const CLIENT_SECRET = 'a-secret-without-anything-special';
export const TOKEN_LIFETIME_SECONDS = 300;

/** A protected MCP server, and what happened at it. */
export interface ArenaServer {
  readonly url: string;
  /** The tokens that came, one entry for each request that had one. */
  readonly shownTokens: string[];
  /** How many requests were refused with this status. */
  refusals(status: number): number;
  /** The bodies of requests that passed. */
  readonly bodies: unknown[];
}

/** One authorization server and the protected servers of one scenario. */
export interface Arena extends AsyncDisposable {
  readonly authority: TestAuthority;
  startServer(access?: AccessOptions): Promise<ArenaServer>;
  /** Requests that have reached the token endpoint. */
  tokenRequests(): number;
}

const DEFAULT_ACCESS: AccessOptions = {
  scopes: ['deploy:read'],
  tools: { start_deployment: ['deploy:write'] },
};

/** Starts an authority where the client is registered with this secret. */
export async function createArena(secret = CLIENT_SECRET): Promise<Arena> {
  const authority = await createTestAuthority({ accessTokenLifetimeSeconds: TOKEN_LIFETIME_SECONDS });
  authority.registerClient({ clientId: CLIENT_ID, secret });
  const closers: (() => Promise<void>)[] = [];
  return {
    authority,
    tokenRequests: () => authority.endpoints.token.requests.length,
    async startServer(access = DEFAULT_ACCESS) {
      const { server, close } = await startArenaServer(authority, access);
      closers.push(close);
      return server;
    },
    async [Symbol.asyncDispose]() {
      await authority.close();
      await Promise.all(closers.map((close) => close()));
    },
  };
}

async function startArenaServer(
  authority: TestAuthority,
  access: AccessOptions,
): Promise<{ server: ArenaServer; close: () => Promise<void> }> {
  const shownTokens: string[] = [];
  const bodies: unknown[] = [];
  const refused: number[] = [];
  let judge: ResourceServer | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (judge === undefined) return void response.writeHead(503).end();
    const metadata = await judge.answerMetadata(request.method ?? '', request.url ?? '');
    if (metadata !== undefined) return writeAnswer(response, metadata);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined) shownTokens.push(token);
    const result = await protectRequest(judge, request, response);
    if (!result.ok) {
      refused.push(result.answer.status);
      return writeAnswer(response, result.answer);
    }
    bodies.push(result.parsedBody);
    answer(response, result.parsedBody);
  }

  const http = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  judge = createResourceServer({
    resource: url,
    authorizationServers: [authority.issuer],
    access,
    now: authority.now,
  });
  const refusals = (status: number): number => refused.filter((one) => one === status).length;
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  };
  return { server: { url, shownTokens, bodies, refusals }, close };
}

/** The least that an MCP client takes for an answer. */
function answer(response: ServerResponse, body: unknown): void {
  const { id, method } = (body ?? {}) as { id?: number; method?: string };
  if (id === undefined) return void response.writeHead(method === undefined ? 405 : 202).end();
  const result =
    method === 'initialize'
      ? {
          protocolVersion: '2025-11-25',
          capabilities: {},
          serverInfo: { name: 'deploy-desk', version: '1.0.0' },
        }
      : {};
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}
