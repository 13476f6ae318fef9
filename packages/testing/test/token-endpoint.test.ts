import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSigningKey, createTestAuthority, type SigningKey, type TestAuthority } from '../src/index.ts';
import { postForm } from './post-form.ts';

const RESOURCE = 'https://mcp.example.com/mcp';
const SECRET = 'p%2B+ :ü&=';
const GRANT = { grant_type: 'client_credentials', resource: RESOURCE };

let authority: TestAuthority;
let key: SigningKey;
beforeEach(async () => {
  authority = await createTestAuthority({ path: '/t', accessTokenLifetimeSeconds: 120 });
  key = await createSigningKey();
  authority.registerClient({ clientId: 'nightly report', secret: SECRET, scopes: ['read', 'write'] });
  authority.registerClient({ clientId: 'keyed', publicKey: key.publicJwk, resources: [RESOURCE] });
});
afterEach(() => authority.close());

const basic: [string, string] = ['nightly report', SECRET];
const request = (parameters: Record<string, string> | [string, string][] = GRANT, credentials = basic) =>
  postForm(authority.tokenEndpoint, parameters, credentials);
async function refusal(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { error: string }).error];
}

describe('a grant', () => {
  test('is an RFC 9068 token for the resource, with its lifetime told', async () => {
    const response = await request({ ...GRANT, scope: 'read' });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { access_token: string };
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 120, scope: 'read' });
    const { payload } = await jwtVerify(body.access_token, createRemoteJWKSet(new URL(authority.jwksUri)), {
      issuer: authority.issuer,
      audience: RESOURCE,
      typ: 'at+jwt',
    });
    expect(payload).toMatchObject({ sub: 'nightly report', client_id: 'nightly report', scope: 'read' });
    expect(payload.exp).toBe((payload.iat ?? 0) + 120);
  });

  test('has all scopes of the client when none is asked for', async () => {
    expect(await (await request()).json()).toMatchObject({ scope: 'read write' });
  });

  test('uses the default audience where the request names no resource', async () => {
    expect(await refusal(await request({ grant_type: 'client_credentials' }))).toEqual([
      400,
      'invalid_target',
    ]);
    await using other = await createTestAuthority({ audience: RESOURCE });
    other.registerClient({ clientId: 'c', secret: 's' });
    const response = await postForm(other.tokenEndpoint, { grant_type: 'client_credentials' }, ['c', 's']);
    const { access_token } = (await response.json()) as { access_token: string };
    expect(decodeJwt(access_token).aud).toBe(RESOURCE);
  });

  test.each<[string, Record<string, string>, string]>([
    ['A10: unknown grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['A12: relative resource', { resource: '/mcp' }, 'invalid_target'],
    ['A12: resource with a fragment', { resource: `${RESOURCE}#x` }, 'invalid_target'],
    ['A14: scope beyond the client', { scope: 'read admin' }, 'invalid_scope'],
  ])('%s is refused', async (_, parameters, error) => {
    expect(await refusal(await request({ ...GRANT, ...parameters }))).toEqual([400, error]);
  });
});

describe('a client secret', () => {
  test('A4: in the header is form-decoded', async () => {
    expect((await request()).status).toBe(200);
  });

  test('in the header is refused when it is not form-encoded', async () => {
    const authorization = `Basic ${Buffer.from(`nightly+report:${SECRET}`).toString('base64')}`;
    const response = await postForm(authority.tokenEndpoint, GRANT, undefined, { authorization });
    expect(await refusal(response)).toEqual([401, 'invalid_client']);
    expect(response.headers.get('www-authenticate')).toContain('Basic');
  });

  test('in the body is accepted', async () => {
    const form = { ...GRANT, client_id: 'nightly report', client_secret: SECRET };
    expect((await postForm(authority.tokenEndpoint, form)).status).toBe(200);
  });

  test('A5, A6: wrong secret and unknown client get the same answer', async () => {
    const answers = await Promise.all([
      request(GRANT, ['nightly report', 'wrong']),
      request(GRANT, ['nobody', SECRET]),
      request(GRANT, ['keyed', '']),
    ]);
    const bodies = await Promise.all(answers.map((response) => response.text()));
    expect(answers.map((response) => response.status)).toEqual([401, 401, 401]);
    expect(new Set(bodies).size).toBe(1);
  });

  test('A1, A2: two methods, or two client ids, are refused', async () => {
    const both = { ...GRANT, client_id: 'nightly report', client_secret: SECRET };
    expect(await refusal(await request(both))).toEqual([400, 'invalid_request']);
    expect(await refusal(await request({ ...GRANT, client_id: 'keyed' }))).toEqual([400, 'invalid_request']);
  });

  test('A7, A8, A9: another body, GET and repeated parameters are refused', async () => {
    const json = await fetch(authority.tokenEndpoint, { method: 'POST', body: JSON.stringify(GRANT) });
    expect(await refusal(json)).toEqual([400, 'invalid_request']);
    expect((await fetch(authority.tokenEndpoint)).status).toBe(405);
    const twice = await request([...Object.entries(GRANT), ['grant_type', 'client_credentials']]);
    expect(await refusal(twice)).toEqual([400, 'invalid_request']);
  });
});

describe('a client assertion', () => {
  const seconds = () => Math.floor(authority.now() / 1000);
  async function assert(
    claims: Record<string, unknown> = {},
    { signWith = key, typ = 'client-authentication+jwt' }: { signWith?: SigningKey; typ?: string } = {},
  ): Promise<string> {
    const now = seconds();
    const audience = authority.issuer;
    const all = {
      iss: 'keyed',
      sub: 'keyed',
      aud: audience,
      iat: now,
      exp: now + 60,
      jti: crypto.randomUUID(),
    };
    const jwt = new SignJWT({ ...all, ...claims });
    return jwt.setProtectedHeader({ alg: signWith.algorithm, typ }).sign(signWith.privateKey);
  }
  const send = (assertion: string, more: Record<string, string> = {}, credentials?: [string, string]) =>
    postForm(
      authority.tokenEndpoint,
      {
        ...GRANT,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        ...more,
      },
      credentials,
    );

  test('authenticates the client whose key signed it, with and without client_id', async () => {
    const response = await send(await assert());
    expect(decodeJwt(((await response.json()) as { access_token: string }).access_token).sub).toBe('keyed');
    expect((await send(await assert({}, { typ: 'JWT' }), { client_id: 'keyed' })).status).toBe(200);
  });

  test('A15: is accepted once', async () => {
    const assertion = await assert();
    expect((await send(assertion)).status).toBe(200);
    expect(await refusal(await send(assertion))).toEqual([401, 'invalid_client']);
  });

  test.each<[string, (now: number) => Record<string, unknown>]>([
    ['A17: another audience beside the issuer', () => ({ aud: [authority.issuer, 'https://evil.example'] })],
    ['A17: the token endpoint as audience', () => ({ aud: authority.tokenEndpoint })],
    ['A19: expired', (now) => ({ exp: now - 1 })],
    ['A20: no exp', () => ({ exp: undefined })],
    ['A20: no jti', () => ({ jti: undefined })],
    ['A22: issued in an hour', (now) => ({ iat: now + 3600, exp: now + 3660 })],
    ['A23: issuer is not the subject', () => ({ iss: 'somebody' })],
  ])('%s is refused', async (_, claims) => {
    expect(await refusal(await send(await assert(claims(seconds()))))).toEqual([401, 'invalid_client']);
  });

  test('A24, A30: another key and another type are refused', async () => {
    const foreign = await assert({}, { signWith: await createSigningKey() });
    expect(await refusal(await send(foreign))).toEqual([401, 'invalid_client']);
    expect(await refusal(await send(await assert({}, { typ: 'at+jwt' })))).toEqual([401, 'invalid_client']);
  });

  test('A29: beside a secret is refused', async () => {
    expect(await refusal(await send(await assert(), {}, basic))).toEqual([400, 'invalid_request']);
  });

  test("follows the authority's clock", async () => {
    const assertion = await assert();
    authority.advanceSeconds(61);
    expect(await refusal(await send(assertion))).toEqual([401, 'invalid_client']);
    expect((await send(await assert())).status).toBe(200);
  });

  test('is bound to the resources of its client', async () => {
    const response = await send(await assert(), { resource: 'https://other.example/mcp' });
    expect(await refusal(response)).toEqual([400, 'invalid_target']);
  });
});

test('a fault replaces the answer, and the request is still on record', async () => {
  authority.endpoints.token.answerWith({
    status: 429,
    headers: { 'retry-after': '30' },
    json: { error: 'slow_down' },
  });
  const response = await request();
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
  const form = new URLSearchParams(authority.endpoints.token.requests[0]?.body);
  expect(form.get('resource')).toBe(RESOURCE);
});

test('a client without credentials or with a misspelt option cannot be registered', () => {
  expect(() => authority.registerClient({ clientId: 'x' })).toThrow('needs a secret, a publicKey or both');
  expect(() => authority.registerClient({ clientId: '', secret: 's' })).toThrow('non-empty');
  expect(() => authority.registerClient({ clientId: 'x', clientSecret: 's' } as never)).toThrow(
    '"clientSecret"',
  );
});
