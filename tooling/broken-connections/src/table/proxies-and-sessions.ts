import type { Request, RequestHandler } from 'express';

import type { BrokenConnection } from '../connection.ts';
import {
  behindCarelessBalancer,
  withDestructiveTool,
  withoutSessions,
  withoutTools,
  withSessions,
} from '../legacy-servers.ts';
import { startScene } from '../scene.ts';

/** A proxy that does not pass a header of requests on. */
export function withoutRequestHeader(name: string): RequestHandler {
  return (request, _response, next) => {
    removeHeader(request, name);
    next();
  };
}

function removeHeader(request: Request, name: string): void {
  delete request.headers[name];
  for (;;) {
    const index = request.rawHeaders.findIndex((header) => header.toLowerCase() === name);
    if (index === -1) return;
    request.rawHeaders.splice(index, 2);
  }
}

/** A proxy that does not pass a header of answers on. */
export function withoutResponseHeader(name: string): RequestHandler {
  const without = (part: unknown): unknown => {
    if (Array.isArray(part)) return part;
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).filter(([header]) => header.toLowerCase() !== name));
  };
  return (_request, response, next) => {
    const writeHead = response.writeHead.bind(response) as (...rest: readonly unknown[]) => typeof response;
    response.writeHead = (...rest: readonly unknown[]) => {
      response.removeHeader(name);
      const answered = rest.map(without);
      response.removeHeader(name);
      return writeHead(...answered);
    };
    next();
  };
}

/** What goes wrong on the way there and back once the token is right, and with sessions of the older revisions. */
export const proxiesAndSessions: readonly BrokenConnection[] = [
  {
    id: 'proxy-strips-the-token',
    title: 'A proxy removes the Authorization header',
    verdict: 'authorization_header_lost',
    says: /proxy_set_header Authorization/,
    start: () => startScene({ before: () => withoutRequestHeader('authorization') }),
  },
  {
    id: 'proxy-strips-the-proof',
    title: 'A proxy removes the DPoP header',
    verdict: 'proof_refused',
    says: /must pass the DPoP header on/,
    start: () => startScene({ before: () => withoutRequestHeader('dpop'), client: () => ({ dpop: true }) }),
  },
  {
    id: 'proxy-strips-the-session',
    title: 'A proxy removes the session id from answers',
    verdict: 'session_header_lost',
    says: /may remove the header Mcp-Session-Id/,
    start: () =>
      startScene({ mcpServer: withSessions, before: () => withoutResponseHeader('mcp-session-id') }),
  },
  {
    id: 'instances-without-stickiness',
    title: 'The server runs twice, and each instance knows its own sessions only',
    verdict: 'session_lost',
    says: /same Mcp-Session-Id go to the same one/,
    start: () => startScene({ mcpServer: behindCarelessBalancer }),
  },
  {
    id: 'proxy-redirects-with-token',
    title: 'A proxy redirects requests once they carry a token',
    verdict: 'redirected',
    says: /never sent along a redirect/,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.headers.authorization === undefined) next();
          else response.redirect(307, `${request.protocol}://${request.headers.host}/moved`);
        },
      }),
  },
  {
    id: 'too-many-requests-with-token',
    title: 'The server refuses further requests of this client',
    verdict: 'rate_limited',
    says: /ask its operator about its limits/,
    start: () => startScene({ before: () => refusingTokens(429) }),
  },
  {
    id: 'firewall-with-token',
    title: 'A firewall refuses what the client sends, token or not',
    verdict: 'forbidden',
    says: /firewall or an allow-list/,
    start: () => startScene({ before: () => refusingTokens(403) }),
  },
  {
    id: 'refused-without-reason',
    title: 'The token has expired, and the server does not say so',
    verdict: 'token_expired',
    says: /Request a new one/,
    start: () =>
      startScene({
        before: () => refusingTokens(401),
        client: ({ authority, url }) => ({
          token: authority.mint({ aud: url, scope: 'deploy:read' }, { expiresInSeconds: -60 }),
          clientId: undefined as never,
          clientSecret: undefined as never,
        }),
      }),
  },
  {
    id: 'other-than-mcp',
    title: 'The server takes the token, and does not speak MCP',
    verdict: 'handshake_failed',
    says: /URL is that of the MCP endpoint/,
    start: () =>
      startScene({
        mcpServer: () => (_request, response) => void response.json({ hello: 'world' }),
      }),
  },
  {
    id: 'tool-that-destroys',
    title: 'The tool to be called is one that destroys',
    verdict: 'tool_not_called',
    says: /it was not called.*Name one that only reads/,
    works: true,
    start: () =>
      startScene({
        mcpServer: withDestructiveTool,
        protection: () => ({ access: {} }),
        client: () => ({ tool: { name: 'drop_database' } }),
      }),
  },
  {
    id: 'tool-fails',
    title: 'The tool is called, and fails',
    verdict: 'tool_failed',
    says: /connection and the token are in order/,
    works: true,
    start: () =>
      startScene({
        mcpServer: () => speaking((method) => (method === 'tools/call' ? FAILED : undefined)),
        client: () => ({ tool: { name: 'tool_1' } }),
      }),
  },
  {
    id: 'list-fails',
    title: 'The server has tools, and fails to list them',
    verdict: 'tools_unavailable',
    says: /announces tools, and fails to list them/,
    start: () =>
      startScene({
        mcpServer: () =>
          speaking((method) =>
            method === 'tools/list' ? { error: { code: -32_603, message: 'no database' } } : undefined,
          ),
      }),
  },
  {
    id: 'list-without-end',
    title: 'The list of tools never ends',
    verdict: 'tool_list_endless',
    says: /leave out nextCursor/,
    start: () => startScene({ mcpServer: withEndlessTools }),
  },
];

/** Servers that are well, each of a kind that is met. */
export const HEALTHY_SERVERS = { withoutSessions, withSessions, withoutTools } as const;

/** Lets everything pass but requests with a token. */
function refusingTokens(status: number): RequestHandler {
  return (request, response, next) => {
    if (request.headers.authorization === undefined) return next();
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(status).end();
  };
}

/** A list that has always a next page. */
function withEndlessTools(): RequestHandler {
  let page = 0;
  return speaking((method) => {
    if (method !== 'tools/list') return undefined;
    page++;
    return { result: { tools: [toolOf(page)], nextCursor: `page ${page}` } };
  });
}

const FAILED = { result: { isError: true, content: [{ type: 'text', text: 'the database is away' }] } };

const toolOf = (number: number): object => ({ name: `tool_${number}`, inputSchema: { type: 'object' } });

/**
 * Speaks just enough of revision 2025-11-25.
 *
 * @param answer - what goes another way, by method
 */
function speaking(answer: (method: string) => object | undefined): RequestHandler {
  const usual: Readonly<Record<string, object>> = {
    initialize: {
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'small', version: '1' },
      },
    },
    'tools/list': { result: { tools: [toolOf(1)] } },
  };
  return (request, response) => {
    const { id, method = '' } = (request.body ?? {}) as { id?: unknown; method?: string };
    const said = answer(method) ?? usual[method];
    if (said !== undefined) response.json({ jsonrpc: '2.0', id, ...said });
    else if (method.startsWith('notifications/')) response.status(202).end();
    else response.status(request.method === 'POST' ? 400 : 405).end();
  };
}
