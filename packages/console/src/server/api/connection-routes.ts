import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';

import type { ConsoleReport } from '../console-events.ts';
import { ConnectionSettings, ConnectionTest } from '../connections/connection-settings.ts';
import { Connection } from '../connections/connection-view.ts';
import type { Connections } from '../connections/connections.ts';
import {
  answer,
  answering,
  answeringLines,
  answeringNothing,
  body,
  requireSession,
  requireWriter,
} from './answers.ts';
import type { ApiContext, ApiEnvironment } from './api-environment.ts';
import { streamDiagnosis, TestLine } from './diagnosis-stream.ts';

const ConnectionPath = z.object({ connectionId: z.string().min(1).max(100) });

/** Dependencies of {@link addConnectionRoutes}. */
export interface ConnectionRoutesDependencies {
  readonly connections: Connections;
  /** Names of the sources of workload tokens. */
  readonly workloadTokens: readonly string[];
  readonly addressOf: (c: ApiContext) => string | undefined;
  readonly report: (report: ConsoleReport) => void;
}

const tags = ['Connections'];

/** Saved connections to MCP servers, and tests. */
export function addConnectionRoutes(
  app: OpenAPIHono<ApiEnvironment>,
  { connections, workloadTokens, addressOf, report }: ConnectionRoutesDependencies,
): void {
  const onFailure = (c: ApiContext) => (error: unknown) =>
    report({
      type: 'failed',
      name: error instanceof Error ? error.name : 'unknown',
      message: 'a test of a connection failed',
      remoteAddress: addressOf(c),
    });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/connections',
      operationId: 'listConnections',
      summary: 'List the saved connections, with what their last tests found',
      tags,
      responses: answering(
        z
          .object({ connections: z.array(Connection), workloadTokens: z.array(z.string()) })
          .openapi('ConnectionList'),
        'The connections, and the names of the sources of workload tokens',
      ),
    }),
    (c) => {
      requireSession(c);
      return answer(c, { connections: connections.list(), workloadTokens });
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections',
      operationId: 'addConnection',
      summary: 'Save a connection, whether it works or not',
      tags,
      request: { body: body(ConnectionSettings) },
      responses: answering(Connection, 'The connection', 201),
    }),
    (c) => {
      const { subject, name } = requireWriter(c);
      const connection = connections.add(c.req.valid('json'), name);
      const { id: connectionId } = connection;
      report({
        type: 'connection_changed',
        change: 'added',
        connectionId,
        subject,
        remoteAddress: addressOf(c),
      });
      return answer(c, connection, 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/connections/{connectionId}',
      operationId: 'getConnection',
      summary: 'Read a saved connection',
      tags,
      request: { params: ConnectionPath },
      responses: answering(Connection, 'The connection'),
    }),
    (c) => {
      requireSession(c);
      return answer(c, connections.get(c.req.valid('param').connectionId));
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/connections/{connectionId}',
      operationId: 'deleteConnection',
      summary: 'Delete a saved connection with its credential',
      tags,
      request: { params: ConnectionPath },
      responses: answeringNothing,
    }),
    (c) => {
      const { subject } = requireWriter(c);
      const { connectionId } = c.req.valid('param');
      connections.delete(connectionId);
      report({
        type: 'connection_changed',
        change: 'deleted',
        connectionId,
        subject,
        remoteAddress: addressOf(c),
      });
      return c.body(null, 204) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections/{connectionId}/test',
      operationId: 'testConnection',
      summary: 'Test a saved connection; each step is a line as it ends',
      tags,
      request: { params: ConnectionPath },
      responses: answeringLines(TestLine, 'Lines of JSON'),
    }),
    (c) => {
      requireWriter(c);
      const { connectionId } = c.req.valid('param');
      connections.get(connectionId);
      return streamDiagnosis(c, (options) => connections.testSaved(connectionId, options), onFailure(c));
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/connection-tests',
      operationId: 'testSettings',
      summary: 'Test a connection without saving it; each step is a line as it ends',
      tags,
      request: { body: body(ConnectionTest) },
      responses: answeringLines(TestLine, 'Lines of JSON'),
    }),
    (c) => {
      requireWriter(c);
      const settings = c.req.valid('json');
      return streamDiagnosis(c, (options) => connections.test(settings, options), onFailure(c));
    },
  );
}
