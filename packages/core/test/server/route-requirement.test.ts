import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createResourceServer, type Decision, type ResourceServer } from '../../src/server/index.ts';

const RESOURCE = 'https://mcp.example.com/mcp';
const DEPLOY = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'deploy' } };
const LIST = { jsonrpc: '2.0', id: 7, method: 'tools/list' };

async function createServer(): Promise<{
  readonly authority: TestAuthority;
  readonly server: ResourceServer;
  readonly decisions: Decision[];
}> {
  const authority = await createTestAuthority({ audience: RESOURCE, scope: 'read' });
  onTestFinished(() => authority.close());
  const decisions: Decision[] = [];
  const server = createResourceServer({
    resource: RESOURCE,
    authorizationServers: [authority.issuer],
    access: { scopes: ['read'], tools: { deploy: ['write', 'admin'] } },
    now: authority.now,
    onDecision: (decision) => decisions.push(decision),
  });
  return { authority, server, decisions };
}

const request = (token?: string, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'POST',
  url: '/mcp',
  headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
});

async function decide(server: ResourceServer, token: string, body: unknown) {
  const authenticated = await server.authenticate(request(token));
  return authenticated.ok ? authenticated.authorize(body) : authenticated;
}

describe('requiring()', () => {
  it('refuses as the policy does, to the byte', async () => {
    const { authority, server, decisions } = await createServer();
    const token = authority.mint();
    const byPolicy = await decide(server, token, DEPLOY);
    expect(byPolicy).toMatchObject({ ok: false, status: 403, reason: 'scope_insufficient' });
    const byRoute = server.requiring(['write', 'admin']);
    expect(await decide(byRoute, token, DEPLOY)).toEqual(byPolicy);
    expect(await decide(byRoute, token, LIST)).toEqual(byPolicy);
    expect(await decide(byRoute, authority.mint({ scope: 'read write admin' }), LIST)).toEqual({ ok: true });
    expect(await decide(server, token, LIST)).toEqual({ ok: true });
    expect(decisions.map(({ outcome }) => outcome)).toEqual([
      'refused',
      'refused',
      'refused',
      'allowed',
      'allowed',
    ]);
  });

  it('names its scopes in the challenge of a request without a token', async () => {
    const { server } = await createServer();
    const refusal = await server.requiring(['write']).authenticate(request());
    expect(refusal).toMatchObject({
      headers: { 'WWW-Authenticate': expect.stringContaining('scope="read write"') },
    });
  });

  it('says of a request without a body what it is', async () => {
    const { authority, server } = await createServer();
    const refusal = await decide(server.requiring({ caller: 'user' }), authority.mint(), undefined);
    expect(refusal).toMatchObject({ reason: 'user_required' });
    expect((refusal as { description: string }).description).toMatch(/^This request needs a person/);
    const refused = await decide(server.requiring({ clients: ['other'] }), authority.mint(), undefined);
    expect(refused).toMatchObject({ reason: 'operation_not_allowed', received: 'a request without a body' });
  });

  it('shares sessions and verified tokens with the server it came from', async () => {
    const { authority, server } = await createServer();
    const route = server.requiring({ caller: 'machine' });
    const owner = await route.authenticate(request(authority.mint()));
    if (owner.ok) owner.bindSession('session-1');
    const other = authority.mint({ sub: 'other', client_id: 'other' });
    const stolen = await server.authenticate(request(other, { 'mcp-session-id': 'session-1' }));
    expect(stolen).toMatchObject({ ok: false, reason: 'session_of_another' });
    const token = authority.mint();
    await server.authenticate(request(token));
    expect(route.authenticate(request(token))).not.toBeInstanceOf(Promise);
  });

  it('throws for a wrong requirement', async () => {
    const { server } = await createServer();
    expect(() => server.requiring({ role: 'admin' } as object)).toThrow(
      /^requiring\(access\): unknown option "role"/,
    );
  });
});
