import { createResourceServer, type ResourceServerOptions } from '@mcp-m2m/core/server';

import { MCP, type RunningServer } from '../running-server.ts';

/** An MCP server's verifier, and what it decides about a token: 200, or the status of its refusal. */
export interface TestedResourceServer {
  judge(token: string): Promise<number>;
  /** Requests it made, by path. */
  readonly fetched: readonly string[];
}

/** Makes the verifier of an MCP server that trusts one authorization server. */
export function startResourceServer(
  { issuer }: Pick<RunningServer, 'issuer'>,
  options: Partial<ResourceServerOptions> = {},
): TestedResourceServer {
  const fetched: string[] = [];
  const resourceServer = createResourceServer({
    resource: MCP,
    authorizationServers: [issuer],
    fetch: async (url, init) => {
      fetched.push(new URL(url).pathname);
      return await fetch(url, init);
    },
    ...options,
  });
  return {
    fetched,
    async judge(token) {
      const decision = await resourceServer.authenticate({
        method: 'POST',
        url: '/mcp',
        headers: { authorization: [`Bearer ${token}`] },
      });
      return decision.ok ? 200 : decision.status;
    },
  };
}
