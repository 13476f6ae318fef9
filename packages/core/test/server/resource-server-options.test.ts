import { describe, expect, it } from 'vitest';
import { createResourceServer, type ResourceServerOptions } from '../../src/server/index.ts';

const GOOD = { resource: 'https://mcp.example.com/mcp', authorizationServers: ['https://auth.example.com'] };
const ISSUER = 'https://auth.example.com';
const create = (options: unknown) => createResourceServer(options as ResourceServerOptions);

describe('the options of a resource server', () => {
  it('need no more than the resource and an issuer, and contact nobody', () => {
    const calls: string[] = [];
    const fetch = (url: string) => {
      calls.push(url);
      return Promise.reject(new Error('not expected'));
    };
    expect(create({ ...GOOD, fetch }).resource).toBe('https://mcp.example.com/mcp');
    expect(calls).toEqual([]);
  });

  it.each([
    ['https://MCP.example.com:443/mcp', 'https://mcp.example.com/mcp'],
    ['https://mcp.example.com/', 'https://mcp.example.com'],
    [new URL('https://mcp.example.com/mcp'), 'https://mcp.example.com/mcp'],
    ['http://127.0.0.1:3000/mcp', 'http://127.0.0.1:3000/mcp'],
  ])('make %s canonical', (resource, canonical) => {
    expect(create({ ...GOOD, resource }).resource).toBe(canonical);
  });

  it.each([
    [undefined, /^mcpAuth takes an object with the options resource, authorizationServers/],
    [[], /^mcpAuth takes an object/],
    [{ ...GOOD, issuer: 'x' }, /^mcpAuth: unknown option "issuer"/],
    [{ ...GOOD, acces: {} }, /unknown option "acces", did you mean "access"/],
    [{ ...GOOD, resource: undefined }, /^resource must be an absolute URL such as/],
    [{ ...GOOD, resource: '/mcp' }, /^resource must be an absolute URL/],
    [{ ...GOOD, resource: 'http://mcp.example.com/mcp' }, /^resource must use https/],
    [{ ...GOOD, resource: 'https://mcp.example.com/mcp#x' }, /^resource must not contain a fragment; remove/],
    [
      { ...GOOD, resource: 'https://u:p@mcp.example.com' },
      /^resource must not contain a user name or password; remove/,
    ],
    [{ ...GOOD, resource: 'javascript:alert(1)' }, /^resource must use https/],
    [{ resource: GOOD.resource }, /^authorizationServers must be an array with at least one issuer, such as/],
    [{ ...GOOD, authorizationServers: [] }, /^authorizationServers must be an array with at least one/],
    [{ ...GOOD, authorizationServers: ISSUER }, /^authorizationServers must be an array/],
    [{ ...GOOD, authorizationServers: [''] }, /^authorizationServers\[0\] must be an absolute URL/],
    [
      { ...GOOD, authorizationServers: ['http://auth.example.com'] },
      /^authorizationServers\[0\] must use https/,
    ],
    [
      { ...GOOD, authorizationServers: [`${ISSUER}?x=1`] },
      /^authorizationServers\[0\] must not contain a query; remove/,
    ],
    [
      { ...GOOD, authorizationServers: [ISSUER, ISSUER] },
      /^authorizationServers\[1\] names .* a second time; remove one/,
    ],
    [{ ...GOOD, authorizationServers: [null] }, /^authorizationServers\[0\] takes an object/],
    [
      { ...GOOD, authorizationServers: [{ issuer: 7 }] },
      /^authorizationServers\[0\]\.issuer must be an absolute URL/,
    ],
    [
      { ...GOOD, authorizationServers: [{ issuer: ISSUER, jwks: 'x' }] },
      /^authorizationServers\[0\]: unknown option "jwks"/,
    ],
    [
      { ...GOOD, authorizationServers: [{ issuer: ISSUER, jwksUri: 'http://a.example/jwks' }] },
      /^authorizationServers\[0\]\.jwksUri must use https/,
    ],
    [
      { ...GOOD, authorizationServers: [{ issuer: ISSUER, algorithms: ['HS256'] }] },
      /^authorizationServers\[0\]\.algorithms must be .*RS256/,
    ],
    [
      { ...GOOD, authorizationServers: [{ issuer: ISSUER, algorithms: [] }] },
      /^authorizationServers\[0\]\.algorithms/,
    ],
    [{ ...GOOD, access: { scope: [] } }, /^access: unknown option "scope"/],
    [{ ...GOOD, clockToleranceSeconds: -1 }, /^clockToleranceSeconds must be a number from 0 to 300/],
    [{ ...GOOD, clockToleranceSeconds: 301 }, /^clockToleranceSeconds must be/],
    [{ ...GOOD, clockToleranceSeconds: Number.NaN }, /^clockToleranceSeconds must be/],
    [{ ...GOOD, clockToleranceSeconds: '30' }, /^clockToleranceSeconds must be/],
    [{ ...GOOD, timeoutMilliseconds: 50 }, /^timeoutMilliseconds must be a number from 100 to 10000/],
    [{ ...GOOD, staleIfErrorSeconds: Number.POSITIVE_INFINITY }, /^staleIfErrorSeconds must be a number/],
    [{ ...GOOD, onDecision: 'log' }, /^onDecision must be a function/],
    [{ ...GOOD, fetch: {} }, /^fetch must be a function/],
    [{ ...GOOD, now: 0 }, /^now must be a function/],
    [{ ...GOOD, resourceName: '' }, /^resourceName must be a text/],
    [{ ...GOOD, resourceDocumentation: 7 }, /^resourceDocumentation must be a text/],
  ])('that are wrong are refused by name, with the mend (%#)', (options, message) => {
    expect(() => create(options)).toThrow(TypeError);
    expect(() => create(options)).toThrow(message);
  });
});
