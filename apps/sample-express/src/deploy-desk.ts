import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** One deployment of a service to an environment. */
export interface Deployment {
  readonly id: number;
  readonly service: string;
  readonly environment: 'staging' | 'production';
  readonly state: 'running' | 'awaiting approval';
  readonly startedBy: string;
}

/** What the deploy desk remembers, shared by the MCP servers of all requests. */
export interface DeployDesk {
  readonly deployments: Deployment[];
}

/** A desk with one deployment on it. */
export function createDeployDesk(): DeployDesk {
  return {
    deployments: [
      { id: 1, service: 'web', environment: 'production', state: 'running', startedBy: 'release-bot' },
    ],
  };
}

/** Who may use which tool. */
export const deployDeskAccess = {
  scopes: ['deploy:read'],
  tools: {
    start_deployment: ['deploy:write'],
    approve_production: { scopes: ['deploy:approve'], caller: 'user' },
  },
} as const;

/**
 * The MCP server of one request. Everything here is the desk's own business: that the caller may use a tool
 * was decided before.
 *
 * @param desk - what all requests share
 * @param caller - who calls, for the records
 */
export function createDeployDeskServer(desk: DeployDesk, caller: string): McpServer {
  const server = new McpServer(
    { name: 'deploy-desk', version: '1.0.0' },
    { capabilities: { ...clientCredentialsCapabilities() } },
  );

  server.registerTool('list_deployments', { description: 'Lists deployments, oldest first.' }, () =>
    text(desk.deployments.map(describe).join('\n')),
  );

  server.registerTool(
    'start_deployment',
    {
      description: 'Starts a deployment. One to production waits for the approval of a person.',
      inputSchema: z.object({
        service: z.string().min(1).max(100),
        environment: z.enum(['staging', 'production']),
      }),
    },
    ({ service, environment }) => {
      const state = environment === 'production' ? 'awaiting approval' : 'running';
      const deployment = {
        id: desk.deployments.length + 1,
        service,
        environment,
        state,
        startedBy: caller,
      } as const;
      desk.deployments.push(deployment);
      return text(`Started: ${describe(deployment)}`);
    },
  );

  server.registerTool(
    'approve_production',
    {
      description: 'Approves a deployment that waits. For people only.',
      inputSchema: z.object({ id: z.number().int().positive() }),
    },
    ({ id }) => {
      const index = desk.deployments.findIndex((one) => one.id === id && one.state === 'awaiting approval');
      const waiting = desk.deployments[index];
      if (waiting === undefined) return { ...text(`No deployment ${id} awaits approval.`), isError: true };
      desk.deployments[index] = { ...waiting, state: 'running' };
      return text(`Approved by ${caller}: ${describe({ ...waiting, state: 'running' })}`);
    },
  );

  return server;
}

function describe({ id, service, environment, state, startedBy }: Deployment): string {
  return `#${id} ${service} to ${environment}: ${state}, started by ${startedBy}`;
}

function text(content: string): { content: [{ type: 'text'; text: string }] } {
  return { content: [{ type: 'text', text: content }] };
}
