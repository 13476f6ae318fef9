import { mcpAuth, type Decision } from '@mcp-m2m/express';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createDeployDesk, createDeployDeskServer, deployDeskAccess } from 'deploy-desk';
import express, { type Express } from 'express';

/** Where the sample stands. */
export interface AppOptions {
  /** The URL clients connect to. */
  readonly resource: string;
  readonly authorizationServer: string;
  /** Told of every decision. */
  readonly onDecision?: (decision: Decision) => void;
}

/** The protected deploy desk as an Express application. */
export function createApp({ resource, authorizationServer, onDecision }: AppOptions): Express {
  const desk = createDeployDesk();
  const auth = mcpAuth({
    resource,
    authorizationServers: [authorizationServer],
    access: deployDeskAccess,
    resourceName: 'Deploy desk',
    ...(onDecision === undefined ? {} : { onDecision }),
  });
  const handler = createMcpHandler(({ authInfo }) =>
    createDeployDeskServer(desk, authInfo?.clientId ?? 'unknown'),
  );

  const app = express();
  app.use(auth.metadata());
  app.all('/mcp', auth.protect(), toNodeHandler(handler));
  return app;
}
