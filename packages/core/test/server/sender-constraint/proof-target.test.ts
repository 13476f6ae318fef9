import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameTarget, normalizeTarget } from '../../../src/server/sender-constraint/proof-target.ts';

const URL_HERE = 'https://mcp.example.com/a/mcp?x=1';

describe('isSameTarget', () => {
  it.each([
    'https://mcp.example.com/a/mcp',
    'https://mcp.example.com/a/mcp?y=2#z',
    'HTTPS://MCP.EXAMPLE.COM:443/a/mcp',
    'https://mcp.example.com/a/b/../mcp',
    'https://mcp.example.com/%61/m%63p',
    'https://mcp.example.com/a/%2e/mcp',
  ])('takes %s', (htu) => {
    expect(isSameTarget(htu, URL_HERE)).toBe(true);
  });

  it.each([
    '',
    '/a/mcp',
    'mcp.example.com/a/mcp',
    'https://mcp.example.com/a/mcp/',
    'https://mcp.example.com/a%2Fmcp',
    'https://mcp.example.com/A/mcp',
    'https://mcp.example.com./a/mcp',
    'https://mcp.example.com:444/a/mcp',
    'http://mcp.example.com/a/mcp',
    'https://x:y@mcp.example.com/a/mcp',
    'data:text/plain,https://mcp.example.com/a/mcp',
    'https://',
  ])('refuses %j', (htu) => {
    expect(isSameTarget(htu, URL_HERE)).toBe(false);
  });

  it('knows one spelling of an escape, and keeps reserved characters escaped', () => {
    expect(isSameTarget('https://h/a%2fb%e2%82%ac', 'https://h/a%2Fb%E2%82%AC')).toBe(true);
    expect(normalizeTarget('https://h/%7eme%2f%3f')).toBe('https://h/~me%2F%3F');
  });

  it.each(['no url', 'https://[', ''])('finds nothing to compare %j with, not even itself', (url) => {
    expect(isSameTarget(url, url)).toBe(false);
  });

  it('is what URL libraries agree on: a URL is the same as itself, and as its normal form', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const normal = normalizeTarget(url) ?? '';
        expect(isSameTarget(url, url)).toBe(true);
        expect(isSameTarget(normal, url)).toBe(true);
        expect(normalizeTarget(normal)).toBe(normal);
      }),
    );
  });
});
