/* oxlint-disable no-underscore-dangle -- names of the protocol */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  StreamableHTTPServerTransport,
  type EventStore,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { ElicitResultSchema, isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import type { RequestHandler } from 'express';
import { z } from 'zod';

/** What a test sees and does of the server's side. */
export interface StatefulControl {
  /** Sessions that were begun, over all restarts. */
  begun: number;
  /** Streams that were opened for what belongs to no request, over all restarts. */
  streams: number;
  /** How often a waiting tool was told to stop. */
  cancelled: number;
  /** Wakes whoever waits for the waiting tool. */
  onWaiting: () => void;
  /** What a session that is not known is answered with: the specification says 404, and many servers 400. */
  unknownSession: 400 | 404;
}

export function createControl(): StatefulControl {
  return { begun: 0, streams: 0, cancelled: 0, onWaiting: () => undefined, unknownSession: 404 };
}

/** Serves sessions of revision 2025-11-25 by the older line of the SDK, with streams that can be taken up again. */
export function serveSessions(control: StatefulControl): RequestHandler {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known !== undefined && request.method === 'GET') control.streams++;
    if (known !== undefined) {
      await known.handleRequest(request, response, request.body);
      return;
    }
    if (id !== undefined || !isInitializeRequest(request.body)) {
      const error = { code: -32_000, message: 'Bad Request: No valid session ID provided' };
      response.status(control.unknownSession).json({ jsonrpc: '2.0', error, id: null });
      return;
    }
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      retryInterval: 50,
      onsessioninitialized: (session) => {
        control.begun++;
        sessions.set(session, transport);
      },
    });
    await createServer(control).connect(transport);
    await transport.handleRequest(request, response, request.body);
  };
}

function createServer(control: StatefulControl): McpServer {
  const server = new McpServer(
    { name: 'sessions', version: '1' },
    { capabilities: { logging: {}, tools: { listChanged: true } } },
  );
  server.registerTool('count', { inputSchema: { to: z.number() } }, async ({ to }, extra) => {
    const { progressToken = 0 } = extra._meta ?? {};
    for (let progress = 1; progress <= to; progress++) {
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total: to },
      });
    }
    return text(`counted to ${to}`);
  });
  server.registerTool('ask', {}, async (extra) => {
    const answer = await extra.sendRequest(
      {
        method: 'elicitation/create',
        params: {
          mode: 'form',
          message: 'Which environment?',
          requestedSchema: { type: 'object', properties: { environment: { type: 'string' } } },
        },
      },
      ElicitResultSchema,
    );
    return text(`${answer.action}: ${JSON.stringify(answer.content)}`);
  });
  // Without a request that it belongs to, it goes over the stream of the session.
  server.registerTool('think', {}, async () => {
    const { content } = await server.server.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'How many?' } }],
      maxTokens: 10,
    });
    return text(`thought: ${JSON.stringify(content)}`);
  });
  server.registerTool('announce', {}, async () => {
    await server.sendLoggingMessage({ level: 'info', data: 'announced' });
    return text('done');
  });
  server.registerTool('wait', {}, async ({ signal, sendNotification, _meta }) => {
    const { progressToken } = _meta ?? {};
    signal.addEventListener('abort', () => control.cancelled++);
    control.onWaiting();
    if (progressToken !== undefined) {
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    }
    await sleep(60_000, undefined, { signal, ref: false }).catch(() => undefined);
    return text('waited');
  });
  server.registerTool('interrupted', {}, async (extra) => {
    extra.closeSSEStream?.();
    await sleep(20);
    return text('taken up again');
  });
  server.registerTool('big', { inputSchema: { characters: z.number() } }, ({ characters }) =>
    text('x'.repeat(characters)),
  );
  server.registerTool('measure', { inputSchema: { value: z.string() } }, ({ value }) =>
    text(`${value.length} characters`),
  );
  return server;
}

function text(content: string) {
  return { content: [{ type: 'text' as const, text: content }] };
}

function createEventStore(): EventStore {
  const events: { id: string; streamId: string; message: unknown }[] = [];
  return {
    async storeEvent(streamId, message) {
      const id = String(events.length + 1);
      events.push({ id, streamId, message });
      return id;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const last = events.find(({ id }) => id === lastEventId);
      for (const { id, streamId, message } of events) {
        const isLater = Number(id) > Number(lastEventId) && streamId === last?.streamId;
        if (isLater && Object.keys(message as object).length > 0) await send(id, message as never);
      }
      return last?.streamId ?? '';
    },
  };
}
