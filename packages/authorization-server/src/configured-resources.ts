import { assertKnownOptions, parseResourceIdentifier } from '@mcp-m2m/core';

import { parseScopes } from './clients/access.ts';
import { collectMistakes } from './configuration-mistakes.ts';

/** An MCP server that tokens can be issued for. */
export interface ProtectedResourceOptions {
  /** The MCP server's identifier, for example `https://mcp.example.com/mcp`; it becomes the audience. */
  readonly resource: string;
  /** Every scope this MCP server knows; empty for one that asks for no scope. */
  readonly scopes: readonly string[];
}

/**
 * Validates the option `resources`.
 *
 * @returns scopes by canonical resource identifier
 * @throws TypeError naming the entry and the mend; of several mistakes, each on a line of its own
 */
export function parseResources(value: unknown): ReadonlyMap<string, readonly string[]> {
  if (!Array.isArray(value)) {
    throw new TypeError(
      'resources must list the MCP servers that tokens can be issued for, or be [] where administrators register them, such as [{ resource: "https://mcp.example.com/mcp", scopes: ["deploy:read"] }].',
    );
  }
  const { read, refuse } = collectMistakes();
  const resources = new Map<string, readonly string[]>();
  for (const [index, entry] of value.entries()) {
    const option = `resources[${index}]`;
    read(() => {
      assertKnownOptions(entry, ['resource', 'scopes'], option);
      const resource = parseResourceIdentifier(entry.resource, `${option}.resource`);
      if (resources.has(resource)) {
        throw new TypeError(
          `${option}.resource: ${resource} is listed twice; put all its scopes into one entry.`,
        );
      }
      resources.set(resource, parseScopes(entry.scopes, `${option}.scopes`));
    });
  }
  refuse();
  return resources;
}
