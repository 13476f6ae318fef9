import { describe, expect, it } from 'vitest';
import { clientSecretBasic, createTokenSource, type TokenSourceOptions } from '../../src/client/index.ts';

const valid: TokenSourceOptions = {
  resource: 'https://mcp.example.com/mcp',
  issuer: 'https://auth.example.com',
  clientId: 'nightly-report',
  authentication: clientSecretBasic({ clientSecret: 'canary-secret' }),
};

describe('the options of a token source', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no resource', { resource: undefined }, /^resource must be an absolute URL .* received nothing/],
    ['a relative resource', { resource: '/mcp' }, /^resource must be an absolute URL/],
    ['a resource over http', { resource: 'http://mcp.example.com' }, /^resource must use https/],
    [
      'a resource with a fragment',
      { resource: 'https://mcp.example.com/#a' },
      /^resource must not contain a fragment/,
    ],
    [
      'a resource with a password',
      { resource: 'https://a:b@mcp.example.com' },
      /^resource must not contain a user name/,
    ],
    ['no issuer', { issuer: undefined }, /^issuer must be an absolute URL/],
    ['an issuer over http', { issuer: 'http://auth.example.com' }, /^issuer must use https/],
    [
      'an issuer with a query',
      { issuer: 'https://auth.example.com?tenant=1' },
      /^issuer must not contain a query/,
    ],
    ['no client id', { clientId: undefined }, /^clientId must be a non-empty string/],
    ['an empty client id', { clientId: '' }, /^clientId must be a non-empty string/],
    ['no authentication', { authentication: undefined }, /^authentication must be what privateKeyJwt/],
    ['a bare secret as authentication', { authentication: 'canary-secret' }, /^authentication must be what/],
    [
      'the factory instead of its result',
      { authentication: clientSecretBasic },
      /^authentication must be what/,
    ],
    ['scopes as one string', { scopes: 'a b' }, /^scopes must be an array of scopes/],
    ['two scopes in one entry', { scopes: ['a b'] }, /^scopes contains "a b", which is not one scope/],
    ['a fetch that is none', { fetch: 'fetch' }, /^fetch must be a function/],
    ['a clock that is none', { now: 0 }, /^now must be a function/],
    ['a listener that is none', { onEvent: {} }, /^onEvent must be a function/],
    ['a time-out of zero', { timeoutMilliseconds: 0 }, /^timeoutMilliseconds must be a whole number/],
    ['a time-out in words', { timeoutMilliseconds: '10s' }, /^timeoutMilliseconds must be/],
    [
      'an endless time-out',
      { timeoutMilliseconds: Number.POSITIVE_INFINITY },
      /^timeoutMilliseconds must be/,
    ],
    ['parameters that are none', { tokenParameters: [] }, /^tokenParameters must be an object of strings/],
    [
      'a parameter that is no string',
      { tokenParameters: { a: 1 } },
      /^tokenParameters: "a" must be a string/,
    ],
    ['scope as a parameter', { tokenParameters: { scope: 'a' } }, /"scope"; use the option scopes/],
    [
      'resource as a parameter',
      { tokenParameters: { resource: 'a' } },
      /"resource"; use the option resource/,
    ],
    [
      'a secret as a parameter',
      { tokenParameters: { client_secret: 'canary-secret' } },
      /use the option authentication/,
    ],
    ['another grant', { tokenParameters: { grant_type: 'password' } }, /use the option grant/],
    ['a flag in words', { dangerouslyOmitResource: 'yes' }, /^dangerouslyOmitResource must be true or false/],
    ['an unknown option', { audience: 'x' }, /createTokenSource: unknown option "audience"/],
    ['a misspelt option', { isuer: 'x' }, /unknown option "isuer", did you mean "issuer"\?/],
  ])('refuse %s at construction, naming the option and the mend', (_, changes, message) => {
    const attempt = () => createTokenSource({ ...valid, ...changes });
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/canary-secret/);
  });

  it.each([undefined, null, [], 'options'])('refuse %j instead of an object', (options) => {
    expect(() => createTokenSource(options as unknown as TokenSourceOptions)).toThrow(
      /createTokenSource takes an object/,
    );
  });

  it.each(['localhost', '127.0.0.1', '[::1]', 'mcp.localhost'])(
    'take http on the loopback host %s',
    (host) => {
      const tokens = createTokenSource({
        ...valid,
        resource: `http://${host}:8080/mcp`,
        issuer: `http://${host}:9090`,
      });
      expect(tokens.resource).toBe(`http://${host}:8080/mcp`);
    },
  );

  it('make no request, and give the resource in canonical form', () => {
    const tokens = createTokenSource({
      ...valid,
      resource: new URL('HTTPS://MCP.example.com:443/'),
      fetch: () => Promise.reject(new Error('a request was made')),
    });
    expect(tokens.resource).toBe('https://mcp.example.com');
  });
});
