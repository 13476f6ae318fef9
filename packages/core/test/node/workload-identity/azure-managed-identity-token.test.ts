import { describe, expect, it } from 'vitest';
import { azureManagedIdentityToken } from '../../../src/node/workload-identity/azure-managed-identity-token.ts';
import { startLoopbackServer, type Answer, type LoopbackServer } from '../../loopback-server.ts';
import { withstandsHostileAnswers } from './hostile-answers.ts';
import { ISSUER, NOW_SECONDS, createRequest, createToken, failureOf } from './scene.ts';

const SECRET = 'CANARYDA783A4881BE9FAFA365F58E7A';
const CLIENT_ID = '0c1b2a3d-0000-4444-8888-123456789abc';
const ENTRA = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';

async function tokenFor(searchParams: URLSearchParams): Promise<Answer> {
  const resource = searchParams.get('resource') ?? '';
  const client_id = searchParams.get('client_id') ?? 'system-assigned';
  const access_token = await createToken({ aud: resource, appid: client_id });
  const expires_on = String(NOW_SECONDS + 86_400);
  return {
    json: { access_token, client_id, expires_in: '86400', expires_on, resource, token_type: 'Bearer' },
  };
}

function refuse(status: number, error: string, description: string): Answer {
  return { status, json: { error, error_description: description } };
}

/** A machine's metadata service. */
function startMetadataService(): Promise<LoopbackServer> {
  return startLoopbackServer(({ method, url, headers }) => {
    const { pathname, searchParams } = new URL(url, 'http://imds');
    if (headers.metadata !== 'true' || 'x-forwarded-for' in headers) {
      return refuse(400, 'invalid_request', 'Required metadata header not specified');
    }
    if (method !== 'GET' || pathname !== '/metadata/identity/oauth2/token')
      return { status: 404, json: { error: '' } };
    if (searchParams.get('api-version') !== '2018-02-01') {
      return { status: 400, json: { error: 'Bad request. api-version is invalid', 'newest-versions': [] } };
    }
    if (!searchParams.has('resource')) {
      return refuse(400, 'invalid_request', 'Required audience parameter not specified');
    }
    if ((searchParams.get('client_id') ?? CLIENT_ID) !== CLIENT_ID) {
      return refuse(400, 'invalid_request', 'Identity not found');
    }
    if (searchParams.get('resource') === 'api://unknown') {
      return refuse(
        400,
        'invalid_resource',
        'AADSTS50001: The application named api://unknown was not found',
      );
    }
    return tokenFor(searchParams);
  });
}

/** The endpoint of App Service, Functions and Container Apps. */
function startAppServiceEndpoint(): Promise<LoopbackServer> {
  return startLoopbackServer(({ method, url, headers }) => {
    const { pathname, searchParams } = new URL(url, 'http://app-service');
    if (method !== 'GET' || pathname !== '/msi/token') return { status: 404 };
    if (headers['x-identity-header'] !== SECRET)
      return { status: 401, json: { statusCode: 401, message: 'no' } };
    if (searchParams.get('api-version') !== '2019-08-01') {
      return { status: 400, json: { statusCode: 400, message: 'Unsupported api-version' } };
    }
    if (!searchParams.has('resource')) return { status: 400, json: { statusCode: 400, message: 'resource' } };
    return tokenFor(searchParams);
  });
}

const onMachine = (origin: string) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: origin });
const onAppService = (origin: string) => ({
  IDENTITY_ENDPOINT: `${origin}/msi/token`,
  IDENTITY_HEADER: SECRET,
});

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe.each([
  ['the metadata service of a machine', startMetadataService, onMachine],
  ['the endpoint of App Service', startAppServiceEndpoint, onAppService],
])('azureManagedIdentityToken from %s', (_, start, environmentOf) => {
  it('is asked for at every use', async () => {
    const { origin, requests } = await start();
    const source = azureManagedIdentityToken({ environment: environmentOf(origin) });
    const request = createRequest();
    const [first, second] = [await source.getAssertion(request), await source.getAssertion(request)];
    expect(first).not.toBe(second);
    expect(claimsOf(first)).toMatchObject({ aud: ISSUER, appid: 'system-assigned' });
    expect(requests).toHaveLength(2);
    expect(request.concealed).toEqual(expect.arrayContaining([first, second]));
  });

  it('is for Entra ID itself where the authorization server is that', async () => {
    const { origin } = await start();
    const source = azureManagedIdentityToken({ environment: environmentOf(origin) });
    const token = await source.getAssertion(createRequest({ audience: ENTRA }));
    expect(claimsOf(token)).toMatchObject({ aud: 'api://AzureADTokenExchange' });
  });

  it('is for the resource, and of the identity, that are named', async () => {
    const { origin } = await start();
    const source = azureManagedIdentityToken({
      environment: environmentOf(origin),
      resource: 'api://as & co',
      clientId: CLIENT_ID,
    });
    expect(claimsOf(await source.getAssertion(createRequest()))).toMatchObject({
      aud: 'api://as & co',
      appid: CLIENT_ID,
    });
  });

  it("may name its audience by the application's own id", async () => {
    const token = await createToken({ aud: CLIENT_ID });
    const { origin } = await startLoopbackServer(() => ({ json: { access_token: token } }));
    const options = { environment: environmentOf(origin), resource: 'api://as' };
    const error = await failureOf(azureManagedIdentityToken(options).getAssertion(createRequest()), [token]);
    expect([error.received, error.hint]).toEqual([
      `one for "${CLIENT_ID}"`,
      expect.stringContaining('audience'),
    ]);
    const told = azureManagedIdentityToken({ ...options, audience: CLIENT_ID });
    expect(await told.getAssertion(createRequest())).toBe(token);
  });

  describe('against hostile answers', () => {
    withstandsHostileAnswers(
      (origin, options) => azureManagedIdentityToken({ environment: environmentOf(origin), ...options }),
      (access_token) => ({ json: { access_token } }),
      environmentOf === onAppService ? [SECRET] : [],
    );
  });
});

describe('azureManagedIdentityToken', () => {
  it('asks the link-local address where the environment says nothing', async () => {
    const asked: string[] = [];
    const source = azureManagedIdentityToken({
      environment: {},
      fetch: async (url) => {
        asked.push(url);
        return Response.json({ access_token: await createToken() });
      },
    });
    await source.getAssertion(createRequest());
    expect(asked).toEqual([
      `http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(ISSUER)}`,
    ]);
  });

  it('conceals the header that App Service wants', async () => {
    const { origin } = await startAppServiceEndpoint();
    const request = createRequest();
    await azureManagedIdentityToken({ environment: onAppService(origin) }).getAssertion(request);
    expect(request.concealed[0]).toBe(SECRET);
  });

  it.each([
    [{ clientId: 'another-identity' }, 'status 400 and invalid_request', 'clientId'],
    [{ resource: 'api://unknown' }, 'status 400 and invalid_resource', 'Register the resource'],
  ])('says what to do about a refusal of %j', async (options, received, hint) => {
    const { origin } = await startMetadataService();
    const source = azureManagedIdentityToken({ environment: onMachine(origin), ...options });
    const error = await failureOf(source.getAssertion(createRequest()));
    expect([error.received, error.passing]).toEqual([received, false]);
    expect(error.hint).toContain(hint);
  });

  it.each([
    ['IDENTITY_ENDPOINT', 'http://evil.example/msi/token'],
    ['IDENTITY_ENDPOINT', 'http://8.8.8.8/msi/token'],
    ['IDENTITY_ENDPOINT', 'ftp://127.0.0.1/msi/token'],
    ['IDENTITY_ENDPOINT', '/msi/token'],
    ['AZURE_POD_IDENTITY_AUTHORITY_HOST', 'http://169.254.169.254.evil.example'],
    ['AZURE_POD_IDENTITY_AUTHORITY_HOST', 'http://user:canary@127.0.0.1'],
  ])('sends nothing where %s is %s', async (variable, address) => {
    const header = variable === 'IDENTITY_ENDPOINT' ? { IDENTITY_HEADER: SECRET } : {};
    const source = azureManagedIdentityToken({
      environment: { ...header, [variable]: address },
      fetch: () => expect.fail('asked'),
    });
    const error = await failureOf(source.getAssertion(createRequest()), [SECRET]);
    expect([error.from, error.passing]).toEqual([`the variable ${variable}`, false]);
    expect(error.message).not.toContain('canary');
  });

  it.each([
    [
      'Azure Arc',
      { IDENTITY_ENDPOINT: 'http://127.0.0.1:40342/token', IMDS_ENDPOINT: 'http://127.0.0.1:40342' },
    ],
    ['Service Fabric', { ...onAppService('https://127.0.0.1'), IDENTITY_SERVER_THUMBPRINT: 'AB' }],
  ])('does not take %s for App Service', async (_, environment) => {
    const source = azureManagedIdentityToken({ environment, fetch: () => expect.fail('asked') });
    const error = await failureOf(source.getAssertion(createRequest()), [SECRET]);
    expect(error.hint).toContain('write an AssertionSource');
  });

  it('refuses wrong options when it is made', () => {
    expect(() => azureManagedIdentityToken({ clientID: CLIENT_ID } as never)).toThrow(
      'did you mean "clientId"',
    );
    expect(() => azureManagedIdentityToken({ resource: '' })).toThrow('resource must be a non-empty string');
  });
});
