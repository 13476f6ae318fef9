import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach } from 'vitest';
import { RESOURCE } from './protected-app.ts';

/** The authority that the server lists. */
export let listed: TestAuthority;
/** Another one. */
export let tenant: TestAuthority;

/** Sets up both for each test, with one clock, which stands still. */
export function setUpTwoAuthorities(): void {
  beforeEach(async () => {
    listed = await startAuthority();
    tenant = await startAuthority(listed.now);
  });

  afterEach(async () => {
    await listed.close();
    await tenant.close();
  });
}

const startedAt = Date.now();

export function startAuthority(now: () => number = () => startedAt): Promise<TestAuthority> {
  return createTestAuthority({ audience: RESOURCE, scope: 'deploy:read', now });
}
