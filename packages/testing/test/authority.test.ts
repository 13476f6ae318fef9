import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSigningKey, createTestAuthority, type TestAuthorityOptions } from '../src/index.ts';
import { SIGNING_ALGORITHMS } from '../src/signing-key.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

describe('minting', () => {
  test.each(SIGNING_ALGORITHMS)('an %s token verifies against the published key set', async (algorithm) => {
    await using authority = await createTestAuthority({ algorithm, audience: AUDIENCE });
    const { payload, protectedHeader } = await jwtVerify(
      authority.mint({ scope: 'deploy:read' }),
      createRemoteJWKSet(new URL(authority.jwksUri)),
      { issuer: authority.issuer, audience: AUDIENCE, typ: 'at+jwt', algorithms: [algorithm] },
    );
    expect(protectedHeader.kid).toBe(authority.signingKey.keyId);
    expect(payload).toMatchObject({ sub: 'test-client', client_id: 'test-client', scope: 'deploy:read' });
    expect(payload.exp).toBe((payload.iat ?? 0) + 300);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('an undefined claim or header parameter is left out, and any other replaces the default', async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE });
    const token = authority.mint(
      { sub: undefined, aud: ['a', 'b'], extra: { deep: true } },
      { header: { kid: undefined, crit: ['x'] }, typ: null, expiresInSeconds: -5 },
    );
    const claims = decodeJwt(token);
    expect(claims).not.toHaveProperty('sub');
    expect(claims).toMatchObject({ aud: ['a', 'b'], extra: { deep: true }, exp: (claims.iat ?? 0) - 5 });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', crit: ['x'] });
  });

  test('a token without an audience has to be asked for', async () => {
    await using authority = await createTestAuthority();
    expect(() => authority.mint()).toThrow(
      new TypeError(
        'mint needs an audience: pass { aud: "…" }, or the option "audience" to createTestAuthority.',
      ),
    );
    expect(decodeJwt(authority.mint({ aud: undefined }))).not.toHaveProperty('aud');
  });

  test('another key signs without being published, and an added key is found by its algorithm', async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE });
    const keys = createRemoteJWKSet(new URL(authority.jwksUri));
    const attacker = await createSigningKey('ES256', authority.signingKey.keyId);
    await expect(jwtVerify(authority.mint({}, { key: attacker }), keys)).rejects.toThrow(
      'signature verification',
    );
    expect(() => authority.mint({}, { algorithm: 'RS256' })).toThrow('call addKey("RS256") first');
    const added = await authority.addKey('RS256');
    const verified = await jwtVerify(
      authority.mint({}, { algorithm: 'RS256' }),
      createRemoteJWKSet(new URL(authority.jwksUri)),
    );
    expect(verified.protectedHeader).toMatchObject({ alg: 'RS256', kid: added.keyId });
  });
});

describe('metadata', () => {
  const oauth = '/.well-known/oauth-authorization-server';
  const openid = '/.well-known/openid-configuration';
  const cases: [options: TestAuthorityOptions, found: string[], missing: string[]][] = [
    [{}, [oauth, openid], []],
    [{ path: '/' }, [oauth, openid], []],
    [{ path: '/tenant' }, [`${oauth}/tenant`, `/tenant${openid}`], [oauth, openid, `${openid}/tenant`]],
    [{ path: '/realms/x/' }, [`${oauth}/realms/x`, `/realms/x${openid}`], [`${oauth}/realms/x/`]],
    [{ metadata: 'oauth' }, [oauth], [openid]],
    [{ metadata: 'openid', path: '/t' }, [`/t${openid}`], [`${oauth}/t`]],
  ];
  test.each(cases)('with %j it is found at %j and not at %j', async (options, found, missing) => {
    await using authority = await createTestAuthority(options);
    const { origin } = new URL(authority.issuer);
    expect(authority.issuer).toBe(`${origin}${options.path ?? ''}`);
    for (const path of found) {
      const document: unknown = await (await fetch(origin + path)).json();
      expect(document).toMatchObject({ issuer: authority.issuer, jwks_uri: authority.jwksUri });
      expect(document).toEqual(authority.metadata);
    }
    for (const path of missing) expect((await fetch(origin + path)).status).toBe(404);
    expect((await fetch(authority.jwksUri)).status).toBe(200);
  });

  test('members can be overridden and removed while tokens stay what they were', async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE });
    authority.setMetadata({ issuer: 'https://evil.example', jwks_uri: undefined });
    authority.setMetadata({ token_endpoint: 'http://evil.example/token' });
    const response = await fetch(`${authority.issuer}/.well-known/oauth-authorization-server`);
    const document = (await response.json()) as Record<string, unknown>;
    expect(document).toMatchObject({
      issuer: 'https://evil.example',
      token_endpoint: 'http://evil.example/token',
    });
    expect(document).not.toHaveProperty('jwks_uri');
    expect(decodeJwt(authority.mint()).iss).toBe(authority.issuer);
  });
});

describe('the clock', () => {
  test('an injected clock dates tokens, and moves on when told to', async () => {
    await using authority = await createTestAuthority({ audience: AUDIENCE, now: () => 1_700_000_000_500 });
    expect(decodeJwt(authority.mint()).iat).toBe(1_700_000_000);
    authority.advanceSeconds(3600);
    expect(authority.now()).toBe(1_700_003_600_500);
    expect(decodeJwt(authority.mint()).iat).toBe(1_700_003_600);
    await fetch(authority.jwksUri);
    expect(authority.requests[0]?.time).toBe(1_700_003_600_500);
  });
});

test.each([
  [{ pth: '/x' }, 'unknown option "pth"'],
  [{ path: 'tenant' }, 'path must start with "/"'],
  [{ algorithm: 'HS256' }, 'algorithm must be one of ES256'],
  [{ metadata: 'none' }, 'metadata must be one of oauth, openid, both'],
])('the options %j are refused', async (options, message) => {
  await expect(createTestAuthority(options as TestAuthorityOptions)).rejects.toThrow(message);
  await expect(createTestAuthority(options as TestAuthorityOptions)).rejects.toBeInstanceOf(TypeError);
});
