import { describe, expect, it } from 'vitest';
import { ask, expectRefused, expectServed } from './asking.ts';
import { expectUnavailable, startProtectedApp } from './protected-app.ts';
import { listed, setUpTwoAuthorities, tenant } from './two-authorities.ts';

setUpTwoAuthorities();

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
