import { mcpAuth, type Decision, type McpAuth, type McpAuthOptions } from '@mcp-m2m/fastify';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { run, type CreateFastify, type RunningServer } from './running-fastify.ts';

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

/** A Fastify application that is protected. */
export interface ProtectedApp extends RunningServer {
  readonly app: FastifyInstance;
  readonly auth: McpAuth;
  readonly decisions: Decision[];
}

/** How an application is made, apart from what protects it. */
export interface AppOptions extends FastifyServerOptions {
  /** Default Fastify 5. */
  readonly createFastify?: CreateFastify;
}

/** Starts an application. */
export async function startApp(
  options: Partial<McpAuthOptions> & Pick<McpAuthOptions, 'authorizationServers'>,
  compose: (app: FastifyInstance, auth: McpAuth) => void,
  { createFastify = Fastify as unknown as CreateFastify, ...fastifyOptions }: AppOptions = {},
): Promise<ProtectedApp> {
  const decisions: Decision[] = [];
  const onDecision = (decision: Decision): void => void decisions.push(decision);
  const auth = mcpAuth({ resource: RESOURCE, access: ACCESS, onDecision, ...options });
  const app = createFastify(fastifyOptions);
  compose(app, auth);
  return { ...(await run(app)), app, auth, decisions };
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
