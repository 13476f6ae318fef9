import { describe, expect, it } from 'vitest';
import { authorizationServerMetadataUrls, protectedResourceMetadataUrl } from '../src/well-known.ts';

const WELL_KNOWN = 'https://mcp.example.com/.well-known/oauth-protected-resource';

describe('protectedResourceMetadataUrl', () => {
  it.each([
    ['https://mcp.example.com', WELL_KNOWN],
    ['https://mcp.example.com/', WELL_KNOWN],
    ['https://mcp.example.com/mcp', `${WELL_KNOWN}/mcp`],
    ['https://mcp.example.com/mcp/', `${WELL_KNOWN}/mcp/`],
    ['https://mcp.example.com/a/b?tenant=1', `${WELL_KNOWN}/a/b?tenant=1`],
    ['https://mcp.example.com/?tenant=1', `${WELL_KNOWN}?tenant=1`],
  ])('of %s is %s', (resource, url) => {
    expect(protectedResourceMetadataUrl(resource)).toBe(url);
  });
});

describe('authorizationServerMetadataUrls', () => {
  const origin = 'https://auth.example.com';

  it.each([origin, `${origin}/`])('of %s are RFC 8414, then OpenID Connect', (issuer) => {
    expect(authorizationServerMetadataUrls(issuer)).toEqual([
      `${origin}/.well-known/oauth-authorization-server`,
      `${origin}/.well-known/openid-configuration`,
    ]);
  });

  it.each([`${origin}/tenant/1`, `${origin}/tenant/1/`])('of %s insert the path, then append', (issuer) => {
    expect(authorizationServerMetadataUrls(issuer)).toEqual([
      `${origin}/.well-known/oauth-authorization-server/tenant/1`,
      `${origin}/.well-known/openid-configuration/tenant/1`,
      `${origin}/tenant/1/.well-known/openid-configuration`,
    ]);
  });
});
