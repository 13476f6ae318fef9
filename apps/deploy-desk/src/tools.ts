import { z } from 'zod';
import type { DeployDesk, Deployment } from './desk.ts';

/** What a tool answers, in the words of MCP. */
export interface ToolAnswer {
  [member: string]: unknown;
  readonly content: [{ readonly type: 'text'; readonly text: string }];
  readonly isError?: boolean;
}

/** One tool of the desk, for whichever SDK registers it. */
export interface DeployDeskTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: z.ZodObject;
  /**
   * Everything here is the desk's own business: that the caller may use the tool was decided before.
   *
   * @param caller - who calls, for the records
   */
  readonly run: (desk: DeployDesk, caller: string, input: unknown) => ToolAnswer;
}

const listDeployments = defineTool({
  name: 'list_deployments',
  description: 'Lists deployments, oldest first.',
  inputSchema: z.object({}),
  run: (desk) => text(desk.deployments.map(describe).join('\n')),
});

const startDeployment = defineTool({
  name: 'start_deployment',
  description: 'Starts a deployment. One to production waits for the approval of a person.',
  inputSchema: z.object({
    service: z.string().min(1).max(100),
    environment: z.enum(['staging', 'production']),
  }),
  run: (desk, caller, { service, environment }) => {
    const state = environment === 'production' ? 'awaiting approval' : 'running';
    const id = desk.deployments.length + 1;
    const deployment: Deployment = { id, service, environment, state, startedBy: caller };
    desk.deployments.push(deployment);
    return text(`Started: ${describe(deployment)}`);
  },
});

const approveProduction = defineTool({
  name: 'approve_production',
  description: 'Approves a deployment that waits. For people only.',
  inputSchema: z.object({ id: z.number().int().positive() }),
  run: (desk, caller, { id }) => {
    const index = desk.deployments.findIndex((one) => one.id === id && one.state === 'awaiting approval');
    const waiting = desk.deployments[index];
    if (waiting === undefined) return { ...text(`No deployment ${id} awaits approval.`), isError: true };
    desk.deployments[index] = { ...waiting, state: 'running' };
    return text(`Approved by ${caller}: ${describe({ ...waiting, state: 'running' })}`);
  },
});

/** All tools of the desk. */
export const deployDeskTools: readonly DeployDeskTool[] = [
  listDeployments,
  startDeployment,
  approveProduction,
];

function defineTool<Schema extends z.ZodObject>(
  tool: Omit<DeployDeskTool, 'run'> & {
    readonly inputSchema: Schema;
    readonly run: (desk: DeployDesk, caller: string, input: z.infer<Schema>) => ToolAnswer;
  },
): DeployDeskTool {
  return { ...tool, run: (desk, caller, input) => tool.run(desk, caller, tool.inputSchema.parse(input)) };
}

function describe({ id, service, environment, state, startedBy }: Deployment): string {
  return `#${id} ${service} to ${environment}: ${state}, started by ${startedBy}`;
}

function text(content: string): ToolAnswer {
  return { content: [{ type: 'text', text: content }] };
}
