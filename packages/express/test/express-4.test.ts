import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mcpAuth } from '@mcp-m2m/express';
import { createTestAuthority } from '@mcp-m2m/testing';
import { toNodeHandler } from '@modelcontextprotocol/node';
import type { RequestHandler } from 'express';
import express from 'express-4';
import { describe, expect, it } from 'vitest';
import { mcpHandler } from '../examples/mcp-handler.ts';
import { ACCESS, LIST_TOOLS, RESOURCE, toolCall } from './protected-app.ts';

async function withApp(
  parsers: readonly RequestHandler[],
  use: (
    send: (body?: object, token?: string) => Promise<Response>,
    origin: string,
    mint: () => string,
  ) => Promise<void>,
): Promise<void> {
  await using authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  const auth = mcpAuth({ resource: RESOURCE, authorizationServers: [authority.issuer], access: ACCESS });
  const app = express();
  app.use(auth.metadata(), ...parsers);
  app.all('/mcp', auth.protect(), (request, response) =>
    toNodeHandler(mcpHandler)(request, response, request.body),
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  try {
    await use(
      (body = LIST_TOOLS, token) =>
        fetch(`${origin}/mcp`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        }),
      origin,
      () => authority.mint(),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe.each([
  ['no body parser', []],
  ['express.json()', [express.json()]],
  ['parsers for other media types', [express.urlencoded({ extended: false }), express.text()]],
] as const)('Express 4 with %s', (_, parsers) => {
  it('refuses, serves and judges as Express 5 does', () =>
    withApp(parsers, async (send, _origin, mint) => {
      expect((await send()).status).toBe(401);
      expect((await send(LIST_TOOLS, mint())).status).toBe(200);
      expect((await send(toolCall('start_deployment'), mint())).status).toBe(403);
    }));

  it('serves the metadata and refuses GET without a token', () =>
    withApp(parsers, async (_send, origin) => {
      const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource/mcp`);
      expect(await metadata.json()).toMatchObject({ resource: RESOURCE });
      expect((await fetch(`${origin}/mcp`)).status).toBe(401);
    }));
});
