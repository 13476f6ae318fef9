import { describe, expect, it } from 'vitest';
import { parseIssuerIdentifier } from '../src/issuer-identifier.ts';
import { isLoopbackHostname } from '../src/loopback.ts';
import { parseResourceIdentifier } from '../src/resource-identifier.ts';
import { parseSecureUrl } from '../src/secure-url.ts';

describe('parseSecureUrl', () => {
  it.each([
    'https://mcp.example.com/mcp',
    'http://localhost:3000/',
    'http://127.8.9.1',
    'http://[::1]:8080/mcp',
    'http://api.localhost',
  ])('takes %s', (value) => {
    expect(parseSecureUrl(value, 'resource').href).toBe(new URL(value).href);
    expect(parseSecureUrl(new URL(value), 'resource').href).toBe(new URL(value).href);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /^resource must be an absolute URL such as .* received nothing\.$/],
    [7, /received 7/],
    [{}, /received an object/],
    ['', /must be an absolute URL, received ""/],
    ['mcp.example.com', /must be an absolute URL, received "mcp.example.com"/],
    ['http://mcp.example.com', /must use https .* received "http:\/\/mcp\.example\.com"/],
    ['http://127.0.0.1.example.com', /must use https/],
    ['http://localhost.example.com', /must use https/],
    ['http://10.0.0.1', /must use https/],
    ['file:///etc/passwd', /must use https/],
    ['javascript:alert(1)', /must use https/],
    ['https://mcp.example.com/#', /must not contain a fragment/],
    ['https://name@mcp.example.com', /must not contain a user name or password/],
  ])('refuses %j', (value, message) => {
    expect(() => parseSecureUrl(value, 'resource')).toThrow(TypeError);
    expect(() => parseSecureUrl(value, 'resource')).toThrow(message);
  });

  it.each([
    'https://user:canary@mcp.example.com',
    'http://user:canary@mcp.example.com',
    'ftp://user:canary@mcp.example.com',
    'https://user:canary@',
    'user:canary@mcp.example.com',
    'http://user:canary/ter2@mcp.example.com',
    'http://canary:80/ter2@mcp.example.com',
    'http://user:hun?canary/@mcp.example.com',
    'http://user:canary/@canary@mcp.example.com:x',
    'http:\\\\user:canary/ter2@mcp.example.com',
    'http://user:\ncanary\n@mcp.example.com:x',
  ])('S1: never shows the password of %s', (value) => {
    expect(() => parseSecureUrl(value, 'resource')).toThrow(TypeError);
    expect(() => parseSecureUrl(value, 'resource')).not.toThrow(/canary/);
  });
});

describe('parseResourceIdentifier', () => {
  it.each([
    ['https://mcp.example.com', 'https://mcp.example.com'],
    ['https://mcp.example.com/', 'https://mcp.example.com'],
    ['HTTPS://MCP.Example.COM:443/Mcp', 'https://mcp.example.com/Mcp'],
    ['https://mcp.example.com:8443/', 'https://mcp.example.com:8443'],
    ['https://mcp.example.com/mcp/', 'https://mcp.example.com/mcp/'],
    ['https://mcp.example.com/?tenant=a', 'https://mcp.example.com/?tenant=a'],
    ['https://mcp.example.com/a/../mcp', 'https://mcp.example.com/mcp'],
  ])('gives %s as %s', (value, canonical) => {
    expect(parseResourceIdentifier(value)).toBe(canonical);
    expect(parseResourceIdentifier(canonical)).toBe(canonical);
  });

  it('names the option it is told', () => {
    expect(() => parseResourceIdentifier('', 'resources[1]')).toThrow(/^resources\[1\] must be/);
  });
});

describe('parseIssuerIdentifier', () => {
  it.each(['https://auth.example.com', 'https://auth.example.com/', 'https://AUTH.example.com:443/Tenant/'])(
    'leaves %s as it is, because issuers are compared by character',
    (value) => {
      expect(parseIssuerIdentifier(value)).toBe(value);
    },
  );

  it('takes a URL object', () => {
    expect(parseIssuerIdentifier(new URL('https://auth.example.com/tenant'))).toBe(
      'https://auth.example.com/tenant',
    );
  });

  it.each(['https://auth.example.com?', 'https://auth.example.com/?tenant=1'])(
    'refuses the query of %s',
    (value) => {
      expect(() => parseIssuerIdentifier(value)).toThrow(/^issuer must not contain a query/);
    },
  );
});

describe('isLoopbackHostname', () => {
  it.each(['localhost', 'a.localhost', '127.0.0.1', '127.255.255.254', '[::1]'])('%s is loopback', (host) => {
    expect(isLoopbackHostname(host)).toBe(true);
  });

  it.each([
    'localhost.example.com',
    'notlocalhost',
    '127.example.com',
    '10.0.0.1',
    '[::2]',
    '0.0.0.0',
    '169.254.169.254',
  ])('%s is not', (host) => {
    expect(isLoopbackHostname(host)).toBe(false);
  });

  it('knows the other spellings of loopback once a URL has been parsed', () => {
    for (const spelling of ['2130706433', '0x7f.1', '0177.0.0.1', '127.1']) {
      expect(isLoopbackHostname(new URL(`http://${spelling}/`).hostname)).toBe(true);
    }
  });
});
