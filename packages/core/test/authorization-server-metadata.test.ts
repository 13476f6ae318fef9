import { describe, expect, it } from 'vitest';
import {
  fetchAuthorizationServerMetadata,
  validateAuthorizationServerMetadata,
} from '../src/authorization-server-metadata.ts';
import { DocumentError } from '../src/document-error.ts';
import { startLoopbackServer, type Answer } from './loopback-server.ts';

/** An authorization server that answers at the well-known paths given and with 404 elsewhere. */
async function startServer(answers: Record<string, (issuer: string) => Answer>, path = '') {
  const server = await startLoopbackServer(
    ({ url }) => answers[url]?.(`${server.origin}${path}`) ?? { status: 404 },
  );
  return { issuer: `${server.origin}${path}`, paths: () => server.requests.map(({ url }) => url) };
}

async function failureOf(promise: Promise<unknown>): Promise<DocumentError> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof DocumentError) return outcome;
  throw new Error('expected a DocumentError', { cause: outcome });
}

const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

describe('fetchAuthorizationServerMetadata', () => {
  it('takes RFC 8414 metadata first', async () => {
    const { issuer, paths } = await startServer({
      [OAUTH]: (self) => ({
        json: {
          issuer: self,
          token_endpoint: `${self}/token`,
          jwks_uri: `${self}/jwks`,
          introspection_endpoint: `${self}/introspect`,
          grant_types_supported: ['client_credentials'],
          token_endpoint_auth_methods_supported: ['private_key_jwt'],
          token_endpoint_auth_signing_alg_values_supported: ['ES256'],
          scopes_supported: ['a'],
          something_else: true,
        },
      }),
    });
    expect(await fetchAuthorizationServerMetadata(issuer)).toMatchObject({
      issuer,
      url: `${issuer}${OAUTH}`,
      tokenEndpoint: `${issuer}/token`,
      jwksUri: `${issuer}/jwks`,
      introspectionEndpoint: `${issuer}/introspect`,
      grantTypesSupported: ['client_credentials'],
      tokenEndpointAuthMethodsSupported: ['private_key_jwt'],
      tokenEndpointAuthSigningAlgValuesSupported: ['ES256'],
      scopesSupported: ['a'],
      document: { something_else: true },
    });
    expect(paths()).toEqual([OAUTH]);
  });

  it.each([
    ['OpenID Connect', '', OPENID, [OAUTH, OPENID]],
    ['OpenID Connect with the path inserted', '/t', `${OPENID}/t`, [`${OAUTH}/t`, `${OPENID}/t`]],
    [
      'OpenID Connect with the path before',
      '/t',
      `/t${OPENID}`,
      [`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`],
    ],
  ])('M25: goes on to %s after 404', async (_, path, found, asked) => {
    const { issuer, paths } = await startServer({ [found]: (self) => ({ json: { issuer: self } }) }, path);
    expect((await fetchAuthorizationServerMetadata(issuer)).url).toBe(`${new URL(issuer).origin}${found}`);
    expect(paths()).toEqual(asked);
  });

  it('names every address it has tried when there is nothing', async () => {
    const { issuer } = await startServer({}, '/t');
    const error = await failureOf(fetchAuthorizationServerMetadata(issuer));
    expect(error).toMatchObject({ code: 'unexpected_status', status: 404, url: issuer });
    expect(error.expected).toContain(`${OAUTH}/t`);
    expect(error.expected).toContain(`/t${OPENID}`);
  });

  it.each<[string, Answer, string]>([
    [
      'M20: a document of another issuer',
      { json: { issuer: 'https://evil.example.com' } },
      'identity_mismatch',
    ],
    ['an overloaded server', { status: 429 }, 'unexpected_status'],
    ['a broken server', { status: 500 }, 'unexpected_status'],
    ['a redirect', { status: 301, headers: { location: '/other' } }, 'redirected'],
    [
      'a document that is no JSON',
      { body: 'x', headers: { 'content-type': 'text/html' } },
      'unexpected_content_type',
    ],
  ])('%s is not passed over for a luckier address', async (_, answer, code) => {
    const { issuer, paths } = await startServer({
      [OAUTH]: () => answer,
      [OPENID]: (self) => ({ json: { issuer: self } }),
    });
    expect((await failureOf(fetchAuthorizationServerMetadata(issuer))).code).toBe(code);
    expect(paths()).toEqual([OAUTH]);
  });
});

describe('validateAuthorizationServerMetadata', () => {
  const issuer = 'https://auth.example.com';
  const validate = (changes: Record<string, unknown>) =>
    validateAuthorizationServerMetadata(issuer, `${issuer}${OAUTH}`, { issuer, ...changes });

  it('leaves absent members undefined', () => {
    const { document: _, ...members } = validate({});
    expect(members).toEqual({
      issuer,
      url: `${issuer}${OAUTH}`,
      tokenEndpoint: undefined,
      jwksUri: undefined,
      introspectionEndpoint: undefined,
      grantTypesSupported: undefined,
      tokenEndpointAuthMethodsSupported: undefined,
      tokenEndpointAuthSigningAlgValuesSupported: undefined,
      scopesSupported: undefined,
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['M20: a trailing slash more', { issuer: `${issuer}/` }, 'identity_mismatch'],
    ['M20: an upper-case host', { issuer: 'https://AUTH.example.com' }, 'identity_mismatch'],
    ['M20: no issuer', { issuer: undefined }, 'identity_mismatch'],
    ['M20: the issuer in an array', { issuer: [issuer] }, 'identity_mismatch'],
    ['M21: a token endpoint over http', { token_endpoint: 'http://auth.example.com/token' }, 'insecure_url'],
    ['M8: keys in a file', { jwks_uri: 'file:///jwks' }, 'insecure_url'],
    ['an endpoint that is no string', { introspection_endpoint: 7 }, 'invalid_member'],
    ['grants that are no list', { grant_types_supported: 'client_credentials' }, 'invalid_member'],
    ['scopes that are no strings', { scopes_supported: ['a', 7] }, 'invalid_member'],
  ])('refuses %s', (_, changes, code) => {
    expect(() => validate(changes)).toThrow(expect.objectContaining({ name: 'DocumentError', code }));
  });
});
