import type { RefusalReason } from '@mcp-m2m/express';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectInvalidToken,
  expectUnavailable,
  RESOURCE,
  send,
  startProtectedApp,
  type ProtectedApp,
} from './protected-app.ts';

const startedAt = Date.now();
const startAuthority = (now: () => number = () => startedAt): Promise<TestAuthority> =>
  createTestAuthority({ audience: RESOURCE, scope: 'deploy:read', now });

let listed: TestAuthority;
let tenant: TestAuthority;

beforeEach(async () => {
  listed = await startAuthority();
  tenant = await startAuthority(listed.now);
});

afterEach(async () => {
  await listed.close();
  await tenant.close();
});

const ask = (app: ProtectedApp, token: string): Promise<Response> =>
  send(app, `Bearer ${token}`, undefined, { signal: AbortSignal.timeout(3000) });

async function expectServed(app: ProtectedApp, token: string): Promise<void> {
  const response = await ask(app, token);
  expect([response.status, app.decisions.at(-1)?.reason]).toEqual([200, undefined]);
  await response.text();
  app.callers.length = 0;
}

const expectRefused = async (app: ProtectedApp, token: string, reason: RefusalReason): Promise<void> =>
  expectInvalidToken(app, await ask(app, token), reason);

describe('several listed authorization servers', () => {
  it('each vouch for their own tokens, each with options of its own', async () => {
    await using app = await startProtectedApp({
      authorizationServers: [
        listed.issuer,
        { issuer: tenant.issuer, profile: 'okta', audience: { anyOf: ['api://desk'] } },
      ],
      now: listed.now,
    });
    await expectServed(app, listed.mint());
    await expectServed(app, tenant.mintAs('okta', {}, { audience: 'api://desk' }));
    expect(app.decisions.at(-1)?.issuer).toBe(tenant.issuer);
    await expectRefused(app, listed.mintAs('okta', {}, { audience: 'api://desk' }), 'token_type_not_allowed');
    await expectRefused(app, tenant.mint({ cid: 'x' }), 'audience_mismatch');
  });

  it('C14: do not vouch for each other’s, even when one publishes the other’s keys too', async () => {
    await using app = await startProtectedApp({
      authorizationServers: [listed.issuer, tenant.issuer],
      now: listed.now,
    });
    await expectRefused(app, tenant.mint({ iss: listed.issuer }), 'key_unknown');
    // The tenant publishes our key beside its own: that makes tokens of ours no tokens of the tenant.
    tenant.publishKeys({ keys: [tenant.signingKey.publicJwk, listed.signingKey.publicJwk] });
    await expectServed(app, listed.mint());
    await expectServed(app, tenant.mint());
    expect(app.decisions.at(-1)?.issuer).toBe(tenant.issuer);
  });

  it('do not fail together', async () => {
    await using app = await startProtectedApp({
      authorizationServers: [listed.issuer, tenant.issuer],
      now: listed.now,
      timeoutMilliseconds: 1500,
    });
    tenant.goDown();
    expect(await app.auth.preload()).toBe(false);
    await expectServed(app, listed.mint());
    await expectUnavailable(app, await ask(app, tenant.mint()));
  });
});
