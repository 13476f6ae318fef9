import { fileURLToPath } from 'node:url';

import { writeOpenApiTypes } from 'openapi-types';

import { startAuthorizationServer } from './authorization-server.ts';

/** The module with the types of the administrative API. */
export const ADMIN_API_TYPES = fileURLToPath(new URL('../src/admin/api-types.ts', import.meta.url));

const HEADING = '// Generated from the OpenAPI document: `pnpm --filter mcp-m2m generate` writes it anew.';

/** Asks a server for its OpenAPI document, and writes the types of it. */
export async function writeAdminApiTypes(): Promise<string> {
  await using server = await startAuthorizationServer();
  const response = await fetch(`${server.issuer}/admin/v1/openapi.json`);
  const document = (await response.json()) as { servers: { url: string }[] };
  const types = await writeOpenApiTypes(document);
  return types.replace(/^\/\/.*$/m, HEADING);
}
