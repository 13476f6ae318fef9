import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import {
  mcpAuth,
  type Caller,
  type Decision,
  type McpAuth,
  type McpAuthOptions,
  type RefusalReason,
} from '@mcp-m2m/express';
import { parseChallenges } from '@mcp-m2m/testing';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer, type AuthInfo } from '@modelcontextprotocol/server';
import express, { type Express, type RequestHandler } from 'express';
import { expect } from 'vitest';
import { z } from 'zod';

/** What the protected app calls itself; it listens on a loopback port that tokens do not know. */
export const RESOURCE = 'https://mcp.example.com/mcp';
export const METADATA_URL = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';

export const ACCESS = {
  scopes: ['deploy:read'],
  tools: {
    start_deployment: ['deploy:write'],
    approve_production: { scopes: ['deploy:approve'], caller: 'user' },
  },
} as const;

/** A request that needs the base scope alone. */
export const LIST_TOOLS = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

/** An Express 5 application with the official SDK's handler behind `mcpAuth`. */
export interface ProtectedApp extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly auth: McpAuth;
  readonly decisions: Decision[];
  /** What the MCP handler was told of its callers, one entry for each request it served. */
  readonly callers: (AuthInfo | undefined)[];
}

export type ProtectedAppOptions = Partial<McpAuthOptions> & {
  readonly authorizationServers: McpAuthOptions['authorizationServers'];
  /** Replaces what is mounted at `/mcp` behind `metadata()`. */
  readonly mount?: (app: Express, auth: McpAuth, mcpHandler: RequestHandler) => void;
};

export async function startProtectedApp({ mount, ...options }: ProtectedAppOptions): Promise<ProtectedApp> {
  const decisions: Decision[] = [];
  const callers: (AuthInfo | undefined)[] = [];
  const auth = mcpAuth({
    resource: RESOURCE,
    access: ACCESS,
    onDecision: (decision) => decisions.push(decision),
    ...options,
  });
  const handler = createMcpHandler(({ authInfo }) => {
    callers.push(authInfo);
    return createToolServer(authInfo);
  });
  const app = express();
  app.use(auth.metadata());
  const mcpHandler = toNodeHandler(handler) as unknown as RequestHandler;
  if (mount === undefined) app.all('/mcp', auth.protect(), mcpHandler);
  else mount(app, auth, mcpHandler);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    auth,
    decisions,
    callers,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function createToolServer(authInfo: AuthInfo | undefined): McpServer {
  const server = new McpServer({ name: 'deploy-desk', version: '1.0.0' });
  const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool('whoami', { description: 'Names the caller.' }, () =>
    answer((authInfo as Caller | undefined)?.clientId ?? 'nobody'),
  );
  server.registerTool('start_deployment', { inputSchema: z.object({ service: z.string() }) }, ({ service }) =>
    answer(`started ${service}`),
  );
  server.registerTool('approve_production', { description: 'For people only.' }, () => answer('approved'));
  return server;
}

/** The body of a tool call. */
export function toolCall(name: string, args: Readonly<Record<string, unknown>> = {}): object {
  return { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } };
}

/** Sends one JSON-RPC message as an MCP client would, with this `Authorization` header or none. */
export function send(
  app: ProtectedApp,
  authorization: string | undefined,
  body: unknown = LIST_TOOLS,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(app.url, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(authorization === undefined ? {} : { authorization }),
      ...(init.headers as Record<string, string> | undefined),
    },
  });
}

/** An answer read off a socket. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Sends a request with header lines of any bytes (one per character, as in Latin-1), which HTTP libraries would
 * refuse or normalise, and reads one answer. The connection ends with it.
 */
export function sendRaw(
  app: ProtectedApp,
  headerLines: readonly string[],
  body = JSON.stringify(LIST_TOOLS),
): Promise<RawAnswer> {
  const lines = [
    'POST /mcp HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headerLines,
  ];
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
      socket.write(body);
    });
    const settle = (): void => {
      socket.destroy();
      resolve(parseAnswer(received));
    };
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (isWhole(received)) settle();
    });
    socket.on('end', settle);
    socket.on('error', reject);
  });
}

function parseAnswer(received: string): RawAnswer {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  return { status: Number(head.split(' ', 2)[1]), head, body: rest.join('\r\n\r\n') };
}

/** The official SDK keeps a connection open whatever the request asked for, so that its end says nothing. */
function isWhole(received: string): boolean {
  const { head, body } = parseAnswer(received);
  if (!received.includes('\r\n\r\n')) return false;
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
}

/** What {@link expectRefusal} expects. */
export interface ExpectedRefusal {
  readonly status: 400 | 401;
  /** `undefined` stands for a challenge without an error code. */
  readonly error: 'invalid_request' | 'invalid_token' | undefined;
  readonly reason: RefusalReason;
  /** Of the one challenge. Default `Bearer`; `DPoP` names its algorithms too. */
  readonly scheme?: 'Bearer' | 'DPoP';
}

/** Asserts a refusal before the body is read, in full: status, the one challenge, body, decision, handler untouched. */
export async function expectRefusal(
  app: ProtectedApp,
  response: Response,
  expected: ExpectedRefusal,
): Promise<void> {
  const { status, error, reason, scheme = 'Bearer' } = expected;
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, reason: app.decisions.at(-1)?.reason }).toEqual({ status, reason });
  // A challenge cannot hold quotation marks (RFC 6750 §3).
  const description = String(body.error_description).replaceAll('"', "'");
  const explanation = error === undefined ? {} : { error, error_description: description };
  const algorithms = scheme === 'DPoP' ? { algs: expect.stringContaining('ES256') } : {};
  const surroundings = { scope: 'deploy:read', resource_metadata: METADATA_URL, ...algorithms };
  const challenges = parseChallenges(response.headers.get('www-authenticate'));
  expect(challenges).toEqual([{ scheme, parameters: { ...explanation, ...surroundings } }]);
  expect(body).toEqual({ ...(error === undefined ? {} : { error }), error_description: expect.any(String) });
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(app.decisions.at(-1)).toMatchObject({
    outcome: 'refused',
    status,
    clientId: undefined,
    operations: [],
  });
  expect(app.callers).toEqual([]);
}

/** 401T: the token is not accepted, and why. */
export function expectInvalidToken(
  app: ProtectedApp,
  response: Response,
  reason: RefusalReason,
): Promise<void> {
  return expectRefusal(app, response, { status: 401, error: 'invalid_token', reason });
}

/** 503U: what cannot be decided is neither the token's fault nor let through. */
export async function expectUnavailable(app: ProtectedApp, response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(await response.json()).toEqual({
    error: 'temporarily_unavailable',
    error_description: expect.any(String),
  });
  expect(app.decisions.at(-1)).toMatchObject({
    outcome: 'refused',
    reason: 'issuer_unavailable',
    status: 503,
  });
  expect(app.callers).toEqual([]);
}
