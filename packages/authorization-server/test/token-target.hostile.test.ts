import { describe, expect, it } from 'vitest';

import { GRANT, lastReason, MCP, OTHER_MCP, registerWithSecret, requestToken } from './running-server.ts';
import { startServerForFile } from './server-for-file.ts';

const running = await startServerForFile();
const secret = await registerWithSecret(running, 'nightly');
const twoResourceSecret = await registerWithSecret(running, 'both', ['deploy:read'], [MCP, OTHER_MCP]);

describe('what a token is requested for', () => {
  const credentials = () => ({ client_id: 'nightly', client_secret: secret });

  it.each([
    ['unknown', 'https://evil.example.com/mcp'],
    ['not this client’s', OTHER_MCP],
    ['relative', '/mcp'],
    ['with a fragment', `${MCP}#x`],
    ['with an empty fragment', `${MCP}#`],
    ['with a slash more', `${MCP}/`],
    ['in another case', 'https://mcp.example.com/MCP'],
    ['a path below', `${MCP}/admin`],
    ['by http', MCP.replace('https', 'http')],
    ['with a user', MCP.replace('https://', 'https://user@')],
  ])('A12: a resource that is %s is refused', async (_name, resource) => {
    const answer = await requestToken(running, { ...GRANT, ...credentials(), resource });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_target']);
    expect(answer.body['error_description']).toEqual(expect.any(String));
  });

  it('the resource in another spelling of the same URL gives a token for the configured one', async () => {
    for (const resource of ['https://MCP.example.com/mcp', 'https://mcp.example.com:443/mcp']) {
      const answer = await requestToken(running, { ...GRANT, ...credentials(), resource });
      const [, payload] = String(answer.body['access_token']).split('.');
      expect(JSON.parse(Buffer.from(payload as string, 'base64url').toString())).toMatchObject({ aud: MCP });
    }
  });

  it('A12: several resources are refused, the same one twice included', async () => {
    for (const [first, second] of [
      [MCP, OTHER_MCP],
      [MCP, MCP],
      [MCP, ''],
    ] as const) {
      const answer = await requestToken(running, [
        ...Object.entries({ ...GRANT, client_id: 'both', client_secret: twoResourceSecret }),
        ['resource', first],
        ['resource', second],
      ]);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_target']);
      expect(lastReason(running)).toBe('resource_repeated');
    }
  });

  it('A13: no resource gives a token for the only one the client may use', async () => {
    const answer = await requestToken(running, { ...GRANT, ...credentials() });
    const [, payload] = String(answer.body['access_token']).split('.');
    expect(JSON.parse(Buffer.from(payload as string, 'base64url').toString())).toMatchObject({ aud: MCP });
  });

  it('A13: no resource, where the client may use several, is refused and told which', async () => {
    const answer = await requestToken(running, {
      ...GRANT,
      client_id: 'both',
      client_secret: twoResourceSecret,
    });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_target']);
    expect(answer.body['error_description']).toContain(MCP);
    expect(answer.body['error_description']).toContain(OTHER_MCP);
    expect(lastReason(running)).toBe('resource_missing');
  });

  it.each([
    ['the resource has and the client has not', 'deploy:approve'],
    ['nobody has', 'root'],
    ['another resource has', 'other:read'],
    ['of OpenID Connect', 'openid'],
    ['beside one of its own', 'deploy:read deploy:approve'],
    ['in another case', 'DEPLOY:READ'],
    ['with a quote', 'deploy:"read'],
    ['with two spaces', 'deploy:read  deploy:write'],
  ])('A14: a scope %s is refused', async (_name, scope) => {
    const answer = await requestToken(running, { ...GRANT, ...credentials(), scope });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_scope']);
    expect(answer.text).not.toContain('access_token');
    expect(lastReason(running)).toBe('scope_not_allowed');
  });

  it('exactly the scopes asked for are given, and returned', async () => {
    const answer = await requestToken(running, { ...GRANT, ...credentials(), scope: 'deploy:write' });
    expect([answer.status, answer.body['scope']]).toEqual([200, 'deploy:write']);
  });
});
