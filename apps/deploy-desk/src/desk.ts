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
