import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coversUrl } from '../../../src/client/requests/covered-url.ts';

const covers = (resource: string, url: string) => coversUrl(resource, new URL(url));
const RESOURCE = 'https://mcp.example.com/mcp';

describe('coversUrl', () => {
  it.each([
    [RESOURCE, RESOURCE],
    [RESOURCE, 'https://mcp.example.com:443/mcp'],
    [RESOURCE, 'https://MCP.EXAMPLE.COM/mcp?a=b'],
    [RESOURCE, `${RESOURCE}/`],
    [RESOURCE, `${RESOURCE}/messages?session=1#part`],
    [RESOURCE, `${RESOURCE}/a..b/..c/...`],
    [RESOURCE, `${RESOURCE}/inner/../inner`],
    [RESOURCE, `${RESOURCE}/100%25`],
    [RESOURCE, `${RESOURCE}/100%`],
    [RESOURCE, `${RESOURCE}/a%20b/Gr%C3%BC%C3%9Fe`],
    [RESOURCE, `${RESOURCE}/%${'25'.repeat(7)}`],
    ['https://mcp.example.com', 'https://mcp.example.com/anything'],
    ['https://mcp.example.com/mcp/', 'https://mcp.example.com/mcp/a'],
    ['https://mcp.example.com/mcp?tenant=a', 'https://mcp.example.com/mcp?tenant=a'],
  ])('%s covers %s', (resource, url) => {
    expect(covers(resource, url)).toBe(true);
  });

  it.each([
    [RESOURCE, 'http://mcp.example.com/mcp'],
    [RESOURCE, 'https://mcp.example.com:8443/mcp'],
    [RESOURCE, 'https://mcp.example.com.evil.example/mcp'],
    [RESOURCE, 'https://evil.example/https://mcp.example.com/mcp'],
    [RESOURCE, 'https://mcp.example.com@evil.example/mcp'],
    [RESOURCE, 'https://user@mcp.example.com/mcp'],
    [RESOURCE, 'https://mcp.example.com/'],
    [RESOURCE, 'https://mcp.example.com/MCP'],
    [RESOURCE, 'https://mcp.example.com/mcp2'],
    [RESOURCE, 'https://mcp.example.com/mcp%2f'],
    [RESOURCE, 'https://mcp.example.com/mcp/..'],
    [RESOURCE, 'https://mcp.example.com/mcp/%2e%2E/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/.%2e/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp\\..\\admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%2fadmin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%5Cadmin'],
    [RESOURCE, 'https://mcp.example.com/mcp/a%2f..%2f..%2fadmin'],
    [RESOURCE, 'https://mcp.example.com/mcp/%252e%252e/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/%25252e%25252e%25252fadmin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..;/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%3Bx/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%00/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%2500/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%20/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/%20..%2520;a/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%09/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/..%C2%A0/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/a%0d%0ab'],
    [RESOURCE, 'https://mcp.example.com/mcp/%c2%85'],
    [RESOURCE, 'https://mcp.example.com/mcp/%c0%ae%c0%ae/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/%25c0%25ae%25c0%25ae/admin'],
    [RESOURCE, 'https://mcp.example.com/mcp/%e0%80%ae'],
    [RESOURCE, `https://mcp.example.com/mcp/%${'25'.repeat(9)}`],
    [RESOURCE, `https://mcp.example.com/mcp/%${'25'.repeat(30_000)}`],
    [RESOURCE, 'blob:https://mcp.example.com/mcp'],
    ['https://mcp.example.com/mcp/', 'https://mcp.example.com/mcp'],
    ['https://mcp.example.com/mcp?tenant=a', 'https://mcp.example.com/mcp?tenant=b'],
    ['https://mcp.example.com/mcp?tenant=a', 'https://mcp.example.com/mcp/x?tenant=a'],
  ])('%s does not cover %s', (resource, url) => {
    expect(covers(resource, url)).toBe(false);
  });

  it('covers no URL that is outside after any decoding', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E',
      '%252e',
      '/',
      '\\',
      '%2f',
      '%5c',
      '%252F',
      ';',
      'a',
      'mcp',
      '%',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const url = URL.parse(`https://mcp.example.com/mcp/${pieces.join('')}`);
        if (url === null || !coversUrl(RESOURCE, url)) return;
        let path = url.pathname;
        for (let round = 0; round < 4; round++) {
          path = path.replace(/%25|%2e|%2f|%5c/gi, (match) => decodeURIComponent(match));
          const resolved = new URL(path.replaceAll('\\', '/'), 'https://mcp.example.com').pathname;
          expect(resolved === '/mcp' || resolved.startsWith('/mcp/')).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
