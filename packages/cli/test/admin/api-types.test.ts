import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { ADMIN_API_TYPES, writeAdminApiTypes } from '../admin-api-types.ts';

it('the types of the administrative API are those of its OpenAPI document', async () => {
  // When they have drifted: pnpm --filter mcp-m2m generate
  expect(await readFile(ADMIN_API_TYPES, 'utf8')).toBe(await writeAdminApiTypes());
});
