import { decodeJwt, type JWTPayload } from 'jose';

import {
  basic,
  GRANT,
  MCP,
  post,
  registerWithSecret,
  requestToken,
  type Answer,
  type Parameters,
  type RunningServer,
} from '../running-server.ts';

/** A client with a secret, and what it does. */
export interface TestedClient {
  readonly clientId: string;
  readonly secret: string;
  readonly headers: Record<string, string>;
  token(parameters?: Record<string, string>): Promise<string>;
}

let count = 0;

/** Registers a client of a new id. */
export async function registerClient(running: RunningServer, resources = [MCP]): Promise<TestedClient> {
  const clientId = `client-${++count}`;
  return describe(running, clientId, await registerWithSecret(running, clientId, ['deploy:read'], resources));
}

/** Registers the client of an MCP server, which may ask about tokens. */
export async function registerResourceServer(
  running: RunningServer,
  resources = [MCP],
): Promise<TestedClient> {
  const { clientId, secret = '' } = await running.server.clients.create({
    clientId: `resource-server-${++count}`,
    authentication: { method: 'secret' },
    grantTypes: ['client_credentials', 'introspection'],
    access: resources.map((resource) => ({ resource, scopes: [] })),
  });
  return describe(running, clientId, secret);
}

function describe(running: RunningServer, clientId: string, secret: string): TestedClient {
  const headers = basic(clientId, secret);
  return {
    clientId,
    secret,
    headers,
    async token(parameters = {}) {
      const answer = await requestToken(running, { ...GRANT, ...parameters }, headers);
      if (answer.status !== 200) throw new Error(`no token: ${answer.text}`);
      return String(answer.body['access_token']);
    },
  };
}

export async function introspect(
  { issuer }: Pick<RunningServer, 'issuer'>,
  token: string,
  headers: Record<string, string>,
  parameters: Record<string, string> = {},
): Promise<Answer> {
  return await post(`${issuer}/introspect`, new URLSearchParams({ token, ...parameters }), headers);
}

export async function revoke(
  { issuer }: Pick<RunningServer, 'issuer'>,
  parameters: Parameters,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return await post(`${issuer}/revoke`, new URLSearchParams(parameters), headers);
}

/** The place of a token in its status list. */
export function placeOf(token: string): { readonly idx: number; readonly uri: string } {
  const { status } = decodeJwt<JWTPayload & { status: { status_list: { idx: number; uri: string } } }>(token);
  return status.status_list;
}
