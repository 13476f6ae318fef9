import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { authorizedFetch, createTokenSource } from '@mcp-m2m/core/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Configuration } from './configuration.ts';

/** The nightly job: lists the deployments, then starts one to staging. */
export interface Job {
  /** Runs once and returns what the tools answered, in their order. */
  readonly run: () => Promise<readonly string[]>;
}

/** Prepares the job. One token source serves all its runs, so that a token is asked for only when one is due. */
export function createJob({ serverUrl, issuer, clientId, authentication }: Configuration): Job {
  const tokens = createTokenSource({ resource: serverUrl, issuer, clientId, authentication });
  const fetch = authorizedFetch(tokens);

  return {
    run: async () => {
      const client = new Client(
        { name: 'sample-worker', version: '1.0.0' },
        { capabilities: { ...clientCredentialsCapabilities() }, versionNegotiation: { mode: 'auto' } },
      );
      await client.connect(new StreamableHTTPClientTransport(new URL(serverUrl), { fetch }));
      try {
        const listed = await client.callTool({ name: 'list_deployments', arguments: {} });
        const started = await client.callTool({
          name: 'start_deployment',
          arguments: { service: 'nightly-report', environment: 'staging' },
        });
        return [textOf(listed), textOf(started)];
      } finally {
        await client.close();
      }
    },
  };
}

function textOf({ content }: Awaited<ReturnType<Client['callTool']>>): string {
  return content.map((part) => (part.type === 'text' ? part.text : `(${part.type})`)).join('\n');
}
