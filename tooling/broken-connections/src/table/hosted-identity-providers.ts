import type { BrokenConnection, StagedConnection } from '../connection.ts';
import { granting, startStaged } from '../staged-scene.ts';

const AUTH0 = 'https://example.eu.auth0.com/';
const ENTRA_ID = 'https://login.microsoftonline.com/3c9a6b1e-58d2-4f0c-8a77-2e1d9f4b6c05/v2.0';
const COGNITO = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123';
const PING_ONE = 'https://auth.pingone.eu/11111111-2222-3333-4444-555555555555/as';

/** An encrypted token, as Auth0 issues them where no API is named: its content is nobody's business but Auth0's. */
const ENCRYPTED = [
  Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', iss: AUTH0 })).toString('base64url'),
  '',
  'aXYtb2YtdGhlLXRva2Vu',
  'bm90aGluZy10aGF0LWNhbi1iZS1yZWFk',
  'dGFnLW9mLXRoZS10b2tlbg',
].join('.');

function refusing(error: string, error_description: string, status = 400) {
  return () => ({ status, json: { error, error_description } });
}

/**
 * What goes wrong with identity providers that are known by their host names, which are played here: their `fetch` has
 * to be handed on.
 */
export const hostedIdentityProviders: readonly BrokenConnection<StagedConnection>[] = [
  {
    id: 'auth0-without-audience',
    title: 'Auth0 is not told the API, and issues a token that nobody else can read',
    verdict: 'token_opaque',
    says: /Auth0.*auth0\(\{ audience \}\)/,
    start: () => startStaged({ issuer: AUTH0, answer: () => granting(ENCRYPTED) }),
  },
  {
    id: 'auth0-default-audience',
    title: 'Auth0 ignores "resource" and issues tokens for its default API',
    verdict: 'audience_differs',
    says: /Auth0.*auth0\(\{ audience \}\)/,
    start: () =>
      startStaged({
        issuer: AUTH0,
        answer: ({ mint }) => granting(mint('auth0', {}, { audience: 'https://api.example.com' })),
      }),
  },
  {
    id: 'auth0-no-api-named',
    title: 'Auth0 wants the API named',
    verdict: 'request_refused',
    says: /auth0\(\{ audience \}\)/,
    start: () =>
      startStaged({
        issuer: AUTH0,
        answer: refusing(
          'access_denied',
          'No audience parameter was provided, and no default audience has been configured',
          403,
        ),
      }),
  },
  {
    id: 'entra-id-resource',
    title: 'Entra ID refuses the "resource" of the request',
    verdict: 'resource_refused',
    says: /entraId\(\{ tenantId, applicationIdUri \}\)/,
    start: () =>
      startStaged({
        issuer: ENTRA_ID,
        answer: refusing(
          'invalid_target',
          'AADSTS9010010: The resource parameter provided in the request does not match with the requested scopes.',
        ),
      }),
  },
  {
    id: 'entra-id-version-1',
    title: 'Entra ID issues tokens of version 1, from another issuer',
    verdict: 'token_issuer_differs',
    says: /requestedAccessTokenVersion/,
    start: () =>
      startStaged({
        issuer: ENTRA_ID,
        answer: ({ mint }) =>
          granting(
            mint('entra-v1', {
              iss: 'https://sts.windows.net/3c9a6b1e-58d2-4f0c-8a77-2e1d9f4b6c05/',
              aud: 'api://deploy-desk',
            }),
          ),
      }),
  },
  {
    id: 'entra-id-audience',
    title: 'Entra ID issues tokens for the client id of another application',
    verdict: 'audience_differs',
    says: /audience is its client id/,
    start: () =>
      startStaged({
        issuer: ENTRA_ID,
        answer: ({ mint }) =>
          granting(mint('entra-v2', {}, { audience: '11111111-2222-3333-4444-555555555555' })),
      }),
  },
  {
    id: 'entra-id-secret-expired',
    title: 'The client secret has expired in Entra ID',
    verdict: 'credential_refused',
    says: /Make a new client secret/,
    start: () =>
      startStaged({
        issuer: ENTRA_ID,
        answer: refusing(
          'invalid_client',
          'AADSTS7000222: The provided client secret keys are expired.',
          401,
        ),
      }),
  },
  {
    id: 'cognito-without-audience',
    title: 'Cognito names no audience, and the MCP server is not set up for that',
    verdict: 'audience_missing',
    says: /Cognito.*see that the MCP server is set up for Cognito/,
    start: () => startStaged({ issuer: COGNITO, answer: ({ mint }) => granting(mint('cognito')) }),
  },
  {
    id: 'cognito-scope',
    title: 'Cognito does not know the scopes by those names',
    verdict: 'scope_refused',
    says: /cognito\(\{ scopes \}\)/,
    start: () => startStaged({ issuer: COGNITO, answer: refusing('invalid_scope', 'invalid scope') }),
  },
  {
    id: 'ping-one-audience',
    title: 'PingOne issues tokens for the resource that the scopes belong to, and that is another',
    verdict: 'audience_differs',
    says: /PingOne.*make it the URL of the MCP server/,
    start: () =>
      startStaged({
        issuer: PING_ONE,
        answer: ({ mint }) => granting(mint('pingone', {}, { audience: 'https://api.pingone.eu' })),
      }),
  },
  ...(['auth0', 'entra-v2', 'okta', 'keycloak', 'cognito', 'google-id-token'] as const).map(
    (provider): BrokenConnection<StagedConnection> => ({
      id: `id-token-of-${provider}`,
      title: `An ID token of ${provider} is sent where an access token belongs`,
      verdict: 'id_token',
      says: /access_token of the token response, not id_token/,
      start: () =>
        startStaged({
          issuer: 'https://login.example.com',
          answer: ({ mint }) => granting(mint(provider, {}, { tokenKind: 'id-token', subjectKind: 'user' })),
        }),
    }),
  ),
];
