import { fileURLToPath } from 'node:url';

import openapiTypescript, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';

/** Where to change what is generated. */
const HEADING =
  '// Generated from the OpenAPI document: `pnpm --filter @mcp-m2m/console generate` writes it anew.\n';

/**
 * Writes the types of an OpenAPI document as a module, formatted like the rest of the workspace: `paths`, `components`,
 * `operations`.
 *
 * @param document - OpenAPI 3.1, parsed
 */
export async function writeOpenApiTypes(document: object): Promise<string> {
  // JSON in, so that no reference of the document is followed to a file or an address.
  const types = astToString(await openapiTypescript(JSON.stringify(document)));
  const configuration = await resolveConfig(fileURLToPath(import.meta.url));
  return await format(HEADING + types, { ...configuration, parser: 'typescript' });
}
