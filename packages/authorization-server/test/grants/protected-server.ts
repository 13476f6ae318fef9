import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createMetadataMiddleware, protectRequest, writeAnswer } from '@mcp-m2m/core/node';
import { createResourceServer, type ResourceServer, type ResourceServerOptions } from '@mcp-m2m/core/server';
import { afterAll } from 'vitest';

/** An MCP server that answers every request that it serves with who called. */
export interface ProtectedServer {
  readonly resource: string;
  /** Begins to trust an authorization server; until then everything is answered 500. */
  protect(issuer: string, options?: Partial<ResourceServerOptions>): void;
}

async function answer(
  server: ResourceServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const verdict = await protectRequest(server, request, response);
  if (!verdict.ok) {
    writeAnswer(response, verdict.answer);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', ...verdict.headers });
  response.end(JSON.stringify(verdict.caller));
}

/** Starts it on an ephemeral loopback port; it stops after the last test of the file. */
export async function startProtectedServer(): Promise<ProtectedServer> {
  let serve: (...exchange: Parameters<ReturnType<typeof createMetadataMiddleware>>) => void = (
    _,
    response,
  ) => {
    response.writeHead(500).end();
  };
  const http = createServer((request, response) => serve(request, response, () => undefined));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    http.closeAllConnections();
    http.close();
  });
  const resource = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  return {
    resource,
    protect(issuer, options = {}) {
      const server = createResourceServer({ resource, authorizationServers: [issuer], ...options });
      const serveMetadata = createMetadataMiddleware(server);
      serve = (request, response) =>
        serveMetadata(request, response, () => {
          void answer(server, request, response);
        });
    },
  };
}
