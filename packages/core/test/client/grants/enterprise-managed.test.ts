import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  authorizedFetch,
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  createTokenSource,
  enterpriseManaged,
  TOKEN_TYPES,
} from '../../../src/client/index.ts';
import { failureOf } from '../acquisition-failure.ts';
import { CLIENT_ID, tokenRequests } from '../scene.ts';
import { createGrantScene, createSigner, startIdentityProvider } from './grant-scene.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SIGN_IN = 'canary-identity-assertion-of-the-user';

/** An enterprise: its identity provider, an authorization server that trusts it, and a client of both. */
async function setUp(change: { claims?: object; answer?: object; typ?: string; status?: number } = {}) {
  const enterprise = await createSigner();
  const scene = await createGrantScene(GRANT, async (form) => {
    const claims = await enterprise.verify(form.get('assertion') ?? '', scene.authority.issuer);
    if (claims.client_id !== CLIENT_ID || claims.resource !== form.get('resource'))
      throw new Error('not yours');
    return {};
  });
  const identityProvider = await startIdentityProvider(async (form) => ({
    status: change.status ?? 200,
    json: {
      access_token: await enterprise.sign(
        {
          iss: identityProvider.origin,
          sub: 'alice',
          aud: form.get('audience') ?? '',
          client_id: CLIENT_ID,
          resource: form.get('resource') ?? '',
          jti: crypto.randomUUID(),
          ...change.claims,
        },
        { typ: change.typ ?? 'oauth-id-jag+jwt' },
      ),
      issued_token_type: TOKEN_TYPES.idJag,
      token_type: 'N_A',
      ...change.answer,
    },
  }));
  const grant = enterpriseManaged({
    identityProvider: {
      issuer: identityProvider.origin,
      clientId: 'client-at-the-identity-provider',
      authentication: clientSecretPost({ clientSecret: 'canary-secret-at-the-identity-provider' }),
    },
    subjectToken: async () => SIGN_IN,
    subject: 'alice',
  });
  return { scene, identityProvider, grant, options: { ...scene.options, scopes: ['deploy:read'], grant } };
}

describe('enterprise-managed authorization', () => {
  it('CL17: exchanges the identity assertion for an ID-JAG and presents that, as another client, at the other server', async () => {
    const { scene, identityProvider, options } = await setUp();
    const tokens = createTokenSource(options);
    expect((await authorizedFetch(tokens)(scene.resource)).status).toBe(200);
    const [exchange] = identityProvider.tokenRequests();
    expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: TOKEN_TYPES.idJag,
      audience: scene.authority.issuer,
      resource: scene.resource,
      scope: 'deploy:read',
      subject_token: SIGN_IN,
      subject_token_type: TOKEN_TYPES.idToken,
      client_id: 'client-at-the-identity-provider',
      client_secret: 'canary-secret-at-the-identity-provider',
    });
    expect(Object.fromEntries(tokenRequests(scene)[0] ?? [])).toEqual({
      grant_type: GRANT,
      assertion: expect.any(String),
      resource: scene.resource,
      scope: 'deploy:read',
    });
    expect(String(scene.authority.endpoints.token.requests[0]?.body)).not.toContain(SIGN_IN);
  });

  it.each<[string, Parameters<typeof setUp>[0], string]>([
    ['for another audience', { claims: { aud: 'https://other.example.com' } }, 'an ID-JAG for the audience'],
    [
      'for two audiences',
      { claims: { aud: ['https://a.example', 'https://b.example'] } },
      'an ID-JAG for the audience',
    ],
    ['for another client', { claims: { client_id: 'somebody-else' } }, 'an ID-JAG for the client'],
    [
      'for another resource',
      { claims: { resource: 'https://other.example.com/mcp' } },
      'an ID-JAG for the resource',
    ],
    ['that has expired', { claims: { exp: 1 } }, 'an ID-JAG that has not expired'],
    ['without an end', { claims: { exp: undefined } }, 'an ID-JAG that has not expired'],
    ['of another type', { typ: 'at+jwt' }, 'an ID-JAG of the type'],
    ['bound to a key of somebody', { claims: { cnf: { jkt: 'x' } } }, 'an ID-JAG that is bound to no key'],
    [
      'that is called an access token',
      { answer: { issued_token_type: TOKEN_TYPES.accessToken } },
      '"issued_token_type"',
    ],
    ['with a token type', { answer: { token_type: 'Bearer' } }, '"token_type": "N_A"'],
    ['that is no JWT', { answer: { access_token: 'a.b.c' } }, 'an ID-JAG: a signed JWT'],
    ['that is a number', { answer: { access_token: 7 } }, '"access_token": an ID-JAG'],
  ])('CL18: does not hand on an ID-JAG %s', async (_, change, expected) => {
    const { scene, options } = await setUp(change);
    const error = await failureOf(createTokenSource(options).getToken());
    expect(error).toMatchObject({ code: 'token_response_invalid', step: 'assertion' });
    expect(error.expected).toContain(expected);
    expect(tokenRequests(scene)).toHaveLength(0);
  });

  it('CL18: hands on an ID-JAG that is bound to its own key', async () => {
    const dpop = createDpop();
    const { scene, options } = await setUp({ claims: { cnf: { jkt: await dpop.thumbprint() } } });
    scene.authority.endpoints.token.answerWith({
      json: { access_token: 'bound', token_type: 'DPoP', expires_in: 60 },
    });
    expect(await createTokenSource({ ...options, dpop }).getToken()).toMatchObject({ tokenType: 'DPoP' });
  });

  it('says at which of the two servers it ended, and what to do there', async () => {
    const { identityProvider, options } = await setUp({ status: 400, answer: { error: 'invalid_grant' } });
    expect(await failureOf(createTokenSource(options).getToken())).toMatchObject({
      code: 'invalid_grant',
      step: 'assertion',
      server: `${identityProvider.origin}/token`,
      hint: expect.stringContaining('administrator of the identity provider'),
    });
  });

  it('S1, S2: shows neither the identity assertion nor the secret, whoever echoes them', async () => {
    const { scene, options } = await setUp({
      status: 400,
      answer: {
        error: 'invalid_grant',
        error_description: `${SIGN_IN} canary-secret-at-the-identity-provider`,
      },
    });
    const error = await failureOf(createTokenSource(options).getToken());
    const shown = inspect([error, scene.events, options.grant], { showHidden: true, depth: 12 });
    expect(shown).not.toContain('canary-identity');
    expect(shown).not.toContain('canary-secret');
  });
});

it.each([
  [{}, /^identityProvider takes an object/],
  [
    { identityProvider: { issuer: 'https://idp.example.com', clientId: '' } },
    /^identityProvider.clientId must be/,
  ],
  [
    { identityProvider: { issuer: 'https://idp.example.com', clientId: 'a', authentication: 'b' } },
    /^identityProvider.authentication must be/,
  ],
  [
    {
      identityProvider: {
        issuer: 'http://idp.example.com',
        clientId: 'a',
        authentication: clientSecretBasic({ clientSecret: 'b' }),
      },
      subject: 'alice',
    },
    /^identityProvider.issuer must use https/,
  ],
])('refuses wrong options in words (%#)', (options, message) => {
  expect(() => enterpriseManaged(options as never)).toThrow(message);
});
