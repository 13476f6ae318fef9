import { mcpAuth, type Decision, type McpAuth, type McpAuthOptions } from '@mcp-m2m/koa';
import type Koa from 'koa';
import { KOA_VERSIONS, run, type RunningServer } from './running-koa.ts';

export const RESOURCE = 'https://mcp.example.com/mcp';
export const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';

export const ACCESS = {
  scopes: ['deploy:read'],
  tools: {
    start_deployment: ['deploy:write'],
    approve_production: { scopes: ['deploy:approve'], caller: 'user' },
  },
} as const;

export const LIST_TOOLS = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

/** The body of a tool call. */
export function toolCall(name: string): object {
  return { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: {} } };
}

/** A Koa application that is protected. */
export interface ProtectedApp extends RunningServer {
  readonly auth: McpAuth;
  readonly decisions: Decision[];
  /** Errors that reached the application. */
  readonly errors: unknown[];
}

/** Starts an application of Koa 3, unless another is given. */
export async function startApp(
  options: Partial<McpAuthOptions> & Pick<McpAuthOptions, 'authorizationServers'>,
  compose: (app: Koa, auth: McpAuth) => void,
  [, KoaVersion] = KOA_VERSIONS[1] ?? [],
): Promise<ProtectedApp> {
  if (KoaVersion === undefined) throw new Error('no version of Koa');
  const decisions: Decision[] = [];
  const errors: unknown[] = [];
  const onDecision = (decision: Decision): void => void decisions.push(decision);
  const auth = mcpAuth({ resource: RESOURCE, access: ACCESS, onDecision, ...options });
  const app = new KoaVersion();
  app.on('error', (error: unknown) => errors.push(error));
  compose(app, auth);
  return { ...(await run(() => app.callback())), auth, decisions, errors };
}

/** Sends one JSON-RPC message, with this token or none. */
export function send(
  { origin }: Pick<RunningServer, 'origin'>,
  token: string | undefined,
  body: unknown = LIST_TOOLS,
  { path = '/mcp', headers, ...init }: RequestInit & { readonly path?: string } = {},
): Promise<Response> {
  return fetch(`${origin}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(headers as Record<string, string> | undefined),
    },
  });
}
