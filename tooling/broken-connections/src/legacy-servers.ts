import { randomUUID } from 'node:crypto';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createDeployDesk } from 'deploy-desk';
import { createDeployDeskServer, createStatelessListener } from 'deploy-desk/sdk-1';
import type { RequestHandler } from 'express';

/** The first line of the SDK, which knows revisions up to 2025-11-25, without sessions. */
export function withoutSessions(): RequestHandler {
  const listener = createStatelessListener(createDeployDesk());
  return (request, response, next) => {
    listener(request, response, 'somebody').catch(next);
  };
}

/**
 * The first line of the SDK, with sessions.
 *
 * @param open - told how many sessions are open whenever that changes
 */
export function withSessions(open: (count: number) => void = () => undefined): RequestHandler {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const desk = createDeployDesk();
  const handle: (...args: Parameters<RequestHandler>) => Promise<void> = async (request, response) => {
    const named = request.headers['mcp-session-id'];
    const known = typeof named === 'string' ? sessions.get(named) : undefined;
    if (typeof named === 'string' && known === undefined) {
      response.status(404).json({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32_001, message: 'Session not found' },
      });
      return;
    }
    const transport =
      known ??
      new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => {
          sessions.set(id, transport);
          open(sessions.size);
        },
        onsessionclosed: (id) => {
          sessions.delete(id);
          open(sessions.size);
        },
      });
    if (known === undefined) await createDeployDeskServer(desk, 'somebody').connect(transport);
    await transport.handleRequest(request, response);
  };
  return (request, response, next) => {
    handle(request, response, next).catch(next);
  };
}

/** Two instances with sessions of their own, behind a proxy that takes turns. */
export function behindCarelessBalancer(): RequestHandler {
  const instances = [withSessions(), withSessions()];
  let turn = 0;
  return (request, response, next) => instances[turn++ % instances.length]?.(request, response, next);
}

/** A server whose one tool is marked as one that destroys. */
export function withDestructiveTool(): RequestHandler {
  return toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'danger', version: '1.0.0' });
      server.registerTool(
        'drop_database',
        { description: 'Drops it.', annotations: { destructiveHint: true } },
        () => {
          throw new Error('must never be called');
        },
      );
      return server;
    }),
  );
}

/** A server without any tool. */
export function withoutTools(): RequestHandler {
  return toNodeHandler(createMcpHandler(() => new McpServer({ name: 'bare', version: '1.0.0' })));
}
