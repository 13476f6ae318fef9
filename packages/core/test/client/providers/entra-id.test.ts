import { describe, expect, it } from 'vitest';
import { clientSecretPost } from '../../../src/client-authentication/client-secret-post.ts';
import { privateKeyJwt } from '../../../src/client-authentication/private-key-jwt.ts';
import { ENTRA_ID_ADVICE } from '../../../src/client/providers/entra-id-advice.ts';
import { entraId, type EntraIdOptions } from '../../../src/client/providers/entra-id.ts';
import {
  CLIENT_ID,
  createKeys,
  grant,
  hintOf,
  readAssertion,
  refuse,
  requestToken,
  SECRET,
  startIdentityProvider,
  type IdentityProvider,
} from './identity-provider.ts';

const TENANT = '0a1b2c3d-0000-4000-8000-abcdefabcdef';
const APP = 'api://11111111-2222-3333-4444-555555555555';
const ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const THUMBPRINT = 'A'.repeat(43);
const secret = clientSecretPost({ clientSecret: SECRET });
const trace = ' Trace ID: 1 Correlation ID: 2 Timestamp: 2026-11-02 02:02:12Z';

/** Entra ID with one application; it knows keys by the certificate's thumbprint. */
async function startEntraId(
  publicKey?: Awaited<ReturnType<typeof createKeys>>['publicKey'],
): Promise<IdentityProvider> {
  return await startIdentityProvider(
    { issuer: `/${TENANT}/v2.0`, tokenEndpoint: `/${TENANT}/oauth2/v2.0/token` },
    async ({ form, clientId, secret: given }, self) => {
      const scope = form.get('scope');
      if (scope === null)
        return refuse(
          400,
          'invalid_request',
          `AADSTS900144: The request body must contain: 'scope'.${trace}`,
        );
      const [application, permission] = [scope.slice(0, APP.length), scope.slice(APP.length)];
      if (application !== APP)
        return refuse(400, 'invalid_resource', `AADSTS500011: The resource principal was not found.${trace}`);
      if (permission !== '/.default')
        return refuse(
          400,
          'invalid_scope',
          `AADSTS1002012: The value for scope ${scope} is not valid.${trace}`,
        );
      if (form.has('resource'))
        return refuse(
          400,
          'invalid_target',
          `AADSTS9010010: The resource does not match the scopes.${trace}`,
        );
      if (publicKey === undefined) {
        if (clientId !== CLIENT_ID)
          return refuse(400, 'unauthorized_client', `AADSTS700016: not found.${trace}`);
        return given === SECRET
          ? grant(application)
          : refuse(401, 'invalid_client', `AADSTS7000215: Invalid client secret provided.${trace}`);
      }
      const assertion = await readAssertion(form, publicKey);
      if (assertion === undefined || assertion.header['x5t#S256'] !== THUMBPRINT)
        return refuse(401, 'invalid_client', `AADSTS700027: No key was found by the thumbprint.${trace}`);
      const { aud, exp, iat } = assertion.claims as { aud: string; exp: number; iat: number };
      if (aud !== self.tokenEndpoint)
        return refuse(401, 'invalid_client', `AADSTS700023: audience does not match.${trace}`);
      if (exp * 1000 < Date.now() || iat * 1000 > Date.now() + 300_000)
        return refuse(401, 'invalid_client', `AADSTS700024: not within its valid time range.${trace}`);
      return grant(application);
    },
  );
}

const options: EntraIdOptions = { tenantId: TENANT, applicationIdUri: APP };

describe('the profile of Entra ID', () => {
  it('asks for the default scope of the application, and for no resource', async () => {
    const at = await startEntraId();
    expect(await requestToken({ at, profile: entraId(options), authentication: secret })).toBe(`for:${APP}`);
    expect(at.forms()[0]?.get('scope')).toBe(`${APP}/.default`);
  });

  it('makes client assertions for the token endpoint', async () => {
    const { key, publicKey } = await createKeys();
    const at = await startEntraId(publicKey);
    const profile = entraId(options);
    const authentication = privateKeyJwt({
      key,
      algorithm: 'RS256',
      certificateThumbprint: THUMBPRINT,
      type: profile.assertionType,
    });
    expect(await requestToken({ at, profile, authentication })).toBe(`for:${APP}`);
  });

  it.each([
    [undefined, 'login.microsoftonline.com'],
    ['public', 'login.microsoftonline.com'],
    ['us-government', 'login.microsoftonline.us'],
    ['china', 'login.partner.microsoftonline.cn'],
  ] as const)('tells the issuer in the cloud %s, as the metadata there has it', (cloud, host) => {
    const profile = entraId({ ...options, tenantId: TENANT.toUpperCase(), cloud });
    expect(profile.issuer).toBe(`https://${host}/${TENANT}/v2.0`);
  });

  it.each<[string, object, RegExp]>([
    ['no tenant', { tenantId: undefined }, /^entraId: tenantId must be the Directory \(tenant\) ID, a GUID/],
    ['a tenant that is none', { tenantId: 'common' }, /tenantId must be the Directory/],
    [
      'a domain name as tenant',
      { tenantId: 'example.onmicrosoft.com' },
      /received "example.onmicrosoft.com"/,
    ],
    [
      'no application',
      { applicationIdUri: undefined },
      /^entraId: applicationIdUri must be the Application ID URI/,
    ],
    ['two applications', { applicationIdUri: `${APP} ${APP}` }, /applicationIdUri must be/],
    [
      'a scope as application',
      { applicationIdUri: `${APP}/.default` },
      /leave "\/.default" away, it is added/,
    ],
    ['an unknown cloud', { cloud: 'germany' }, /cloud must be one of public, us-government, china/],
    ['a property of every object as cloud', { cloud: 'constructor' }, /cloud must be one of/],
  ])('refuses %s', (_, changes, message) => {
    expect(() => entraId({ ...options, ...changes })).toThrow(TypeError);
    expect(() => entraId({ ...options, ...changes })).toThrow(message);
  });
});

describe('a refusal by Entra ID', () => {
  it('AADSTS9010010 without a profile says which to use', async () => {
    const at = await startEntraId();
    const hint = await hintOf({ at, authentication: secret, issuer: ISSUER, scopes: [`${APP}/.default`] });
    expect(hint).toContain(
      'use provider: entraId({ tenantId, applicationIdUri }), which leaves resource out',
    );
  });

  it('of another scope without a profile says which to use', async () => {
    const at = await startEntraId();
    const hint = await hintOf({ at, authentication: secret, issuer: ISSUER, scopes: [`${APP}/deploy`] });
    expect(hint).toContain('A machine asks Entra ID for the one scope <application id URI>/.default');
    expect(await hintOf({ at, authentication: secret, issuer: ISSUER })).toBe(hint);
  });

  it('of an unknown application tells what to compare', async () => {
    const at = await startEntraId();
    const profile = entraId({ ...options, applicationIdUri: 'api://66666666-2222-3333-4444-555555555555' });
    expect(await hintOf({ at, profile, authentication: secret })).toMatch(/^Check applicationIdUri against/);
  });

  it('of a wrong secret tells the trap that its id looks like one', async () => {
    const at = await startEntraId();
    const authentication = clientSecretPost({ clientSecret: '6f1d2c3b-0000-4000-8000-000000000000' });
    expect(await hintOf({ at, profile: entraId(options), authentication })).toMatch(
      /secret's value, not its id/,
    );
  });

  it('of an assertion without the certificate tells to name it', async () => {
    const { key, publicKey } = await createKeys();
    const at = await startEntraId(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'RS256' });
    expect(await hintOf({ at, profile: entraId(options), authentication })).toMatch(
      /give privateKeyJwt its certificateThumbprint/,
    );
  });

  it('of an assertion for the issuer tells whom it must be for', async () => {
    const { key, publicKey } = await createKeys();
    const at = await startEntraId(publicKey);
    const authentication = privateKeyJwt({
      key,
      algorithm: 'RS256',
      certificateThumbprint: THUMBPRINT,
      audience: 'issuer',
    });
    expect(await hintOf({ at, profile: entraId(options), authentication })).toMatch(
      /Let the assertion be for the token endpoint/,
    );
  });

  it('of an assertion from another time tells how far the clocks are apart', async () => {
    const { key, publicKey } = await createKeys();
    const at = await startEntraId(publicKey);
    const authentication = privateKeyJwt({ key, algorithm: 'RS256', certificateThumbprint: THUMBPRINT });
    const hint = await hintOf({
      at,
      authentication,
      profile: entraId(options),
      now: () => Date.now() - 600_000,
    });
    expect(hint).toMatch(/^The clock here is 10 minutes behind the server's, by the Date of its answer/);
    expect(hint).toContain('Entra ID found the assertion outside the time');
  });

  it.each([
    [90002, /Check tenantId/],
    [7000112, /enable the client's enterprise application/],
    [7000222, /has expired/],
    [7000218, /found no proof of the client/],
    [7000229, /consent to the application/],
    [5002741, /for one audience/],
    [700213, /federated credential/],
    [7002138, /letter case included/],
    [501051, /app role/],
    [50105, /app role/],
    [53003, /conditional access/],
  ])('AADSTS%i is explained', (code, advice) => {
    const hint = entraId(options).hintFor({
      status: 400,
      error: 'invalid_request',
      description: `AADSTS${code}: something.${trace}`,
      method: 'client_secret_post',
    });
    expect(hint).toMatch(advice);
  });

  it('with a code that only begins like a known one has no advice of its own', () => {
    const refusal = { status: 400, error: 'invalid_request', method: 'client_secret_post' };
    const hintFor = (description: string | undefined) =>
      entraId(options).hintFor({ ...refusal, description });
    expect(hintFor('AADSTS9000299: something')).toBeUndefined();
    expect(hintFor('XAADSTS90002: something')).toBeUndefined();
    expect(hintFor(undefined)).toBeUndefined();
  });

  it('has one advice for each code', () => {
    const codes = ENTRA_ID_ADVICE.flatMap(({ pattern }) => pattern?.source.match(/\d+/g) ?? []);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThan(30);
  });
});
