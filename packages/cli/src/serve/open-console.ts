import { readFile } from 'node:fs/promises';

import type { BesideServer } from '@mcp-m2m/authorization-server/program';
import { isLoopbackHostname } from '@mcp-m2m/core';

import type { DataFolder } from './data-folder.ts';

/** The console, to answer beside the authorization server. */
export interface OpenedConsole extends BesideServer {
  readonly url: string;
}

/**
 * Opens the web console of an authorization server. Where the server is tried on this machine, connections may lead to
 * this machine as well.
 */
export async function openConsole(
  issuer: string,
  { secretKey, connections }: DataFolder,
): Promise<OpenedConsole> {
  const { createConsole } = await import('@mcp-m2m/console');
  const opened = createConsole({
    issuer,
    secretKey: (await readFile(secretKey, 'utf8')).trim(),
    connections,
    allowLoopback: isLoopbackHostname(new URL(issuer).hostname),
  });
  return { url: opened.url, handler: opened.handler, close: async () => opened.close() };
}
