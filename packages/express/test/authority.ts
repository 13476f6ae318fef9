import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterAll } from 'vitest';
import { RESOURCE } from './protected-app.ts';

/** An authority for the tests of one file, whose tokens are for {@link RESOURCE} and have the scope `deploy:read`. */
export async function createAuthority(): Promise<TestAuthority> {
  const authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  afterAll(() => authority.close());
  return authority;
}
