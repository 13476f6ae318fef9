import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { clientSecretBasic, createTokenSource, type TokenSource } from '../../../src/client/index.ts';
import { startProtectedMcpServer, type ProtectedMcpServer, type ServerKind } from './protected-mcp-server.ts';
import { connect, type Connection, type Fitting, type Line } from './sdk-connections.ts';

const SECRET = 'a secret with % and +';
const EXTENSION = 'io.modelcontextprotocol/oauth-client-credentials';

const COMBINATIONS: readonly (readonly [Line, Fitting, ServerKind])[] = (
  [
    ['v2 in 2026-07-28', 'handler of SDK v2'],
    ['v2 in 2025-11-25', 'handler of SDK v2'],
    ['v2 in 2025-11-25', 'sessions of SDK v2'],
    ['v2 in 2025-11-25', 'sessions of SDK v1'],
    ['v1 in 2025-11-25', 'handler of SDK v2'],
    ['v1 in 2025-11-25', 'sessions of SDK v2'],
    ['v1 in 2025-11-25', 'sessions of SDK v1'],
  ] as const
).flatMap(([line, kind]) =>
  (['authorizedFetch', 'a provider'] as const).map((fitting) => [line, fitting, kind] as const),
);

interface Stage {
  readonly authority: TestAuthority;
  readonly server: ProtectedMcpServer;
  readonly tokens: TokenSource;
  readonly connection: Connection;
  readonly tokenRequests: () => URLSearchParams[];
}

function createSource(authority: TestAuthority, resource: string): TokenSource {
  return createTokenSource({
    resource,
    issuer: authority.issuer,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret: SECRET }),
    now: authority.now,
  });
}

async function startAuthority(): Promise<TestAuthority> {
  const authority = await createTestAuthority();
  onTestFinished(() => authority.close());
  authority.registerClient({ clientId: 'nightly-report', secret: SECRET });
  return authority;
}

async function setUp(line: Line, fitting: Fitting, kind: ServerKind): Promise<Stage> {
  const authority = await startAuthority();
  const server = await startProtectedMcpServer(authority, kind);
  const tokens = createSource(authority, server.url);
  const connection = await connect(line, fitting, server.url, tokens);
  const tokenRequests = () => authority.endpoints.token.requests.map(({ body }) => new URLSearchParams(body));
  return { authority, server, tokens, connection, tokenRequests };
}

describe.each(COMBINATIONS)('SDK %s with %s, at the %s', (line, fitting, kind) => {
  it('lists tools and calls them with one token', async () => {
    const { connection, server, tokenRequests } = await setUp(line, fitting, kind);
    expect(connection.revision).toBe(line.slice('v2 in '.length));
    expect(await connection.toolNames()).toEqual([
      'list_deployments',
      'start_deployment',
      'approve_production',
    ]);
    expect(await connection.call('list_deployments')).toBe('list_deployments done');
    expect(new Set(server.shownTokens()).size).toBe(1);
    expect(tokenRequests()).toHaveLength(1);
  });

  it('declares the client extension to the server', async () => {
    const { connection, server } = await setUp(line, fitting, kind);
    await connection.toolNames();
    const methodOf = (body: unknown): string => (body as { method: string }).method;
    const declaring = server.bodies.filter((body) => JSON.stringify(body).includes(EXTENSION));
    // In the newer revision every request says so, in the older one the first.
    expect(declaring.map(methodOf)).toEqual(
      line === 'v2 in 2026-07-28' ? server.bodies.map(methodOf) : ['initialize'],
    );
    expect(JSON.stringify(declaring[0])).toContain(`"extensions":{"${EXTENSION}":{}}`);
  });

  it('goes on with a new token when the old one has expired', async () => {
    const { connection, server, authority, tokenRequests } = await setUp(line, fitting, kind);
    await connection.call('list_deployments');
    authority.advanceSeconds(600);
    expect(await connection.call('list_deployments')).toBe('list_deployments done');
    expect(await connection.call('list_deployments')).toBe('list_deployments done');
    expect(tokenRequests()).toHaveLength(2);
    expect(new Set(server.shownTokens()).size).toBe(2);
    expect(server.decisions.filter(({ reason }) => reason === 'token_expired')).toEqual([]);
  });

  it('goes on after one renewal when the token was withdrawn', async () => {
    const { connection, server, tokens, tokenRequests } = await setUp(line, fitting, kind);
    await connection.call('list_deployments');
    server.revoked.add(idOf((await tokens.getToken()).accessToken));
    expect(await connection.call('list_deployments')).toBe('list_deployments done');
    expect(tokenRequests()).toHaveLength(2);
    expect(server.decisions.filter(({ reason }) => reason === 'token_revoked')).toHaveLength(1);
  });

  it('does not hammer when every token is refused', async () => {
    const { connection, server, tokenRequests } = await setUp(line, fitting, kind);
    server.revoked.add('all');
    for (let call = 0; call < 5; call++) {
      await expect(connection.call('list_deployments')).rejects.toThrow(/401|refused|revoked|unauthorized/i);
    }
    expect(tokenRequests()).toHaveLength(2);
    // At most two of each call, and of the stream that may be opened meanwhile.
    expect(server.decisions.filter(({ reason }) => reason === 'token_revoked').length).toBeLessThanOrEqual(
      12,
    );
  });

  it('brings the words of a person-only tool to the caller, and asks for no token for it', async () => {
    const { connection, tokenRequests } = await setUp(line, fitting, kind);
    await expect(connection.call('approve_production')).rejects.toThrow(/needs a person/);
    expect(tokenRequests()).toHaveLength(1);
  });
});

describe.each(COMBINATIONS.filter(([, fitting]) => fitting === 'authorizedFetch'))(
  'a tool that needs a further scope, SDK %s with %s, at the %s',
  (line, fitting, kind) => {
    it('is called after one step-up, which outlives the token', async () => {
      const { connection, authority, tokenRequests } = await setUp(line, fitting, kind);
      expect(await connection.call('start_deployment')).toBe('start_deployment done');
      authority.advanceSeconds(600);
      expect(await connection.call('start_deployment')).toBe('start_deployment done');
      expect(tokenRequests().map((request) => request.get('scope'))).toEqual([
        'deploy:read',
        'deploy:read deploy:write',
        'deploy:read deploy:write',
      ]);
    });
  },
);

describe('a tool that needs a further scope, with a provider', () => {
  it.each(['v2 in 2026-07-28', 'v2 in 2025-11-25'] as const)(
    'SDK %s names the scope to the caller, and nothing is asked for',
    async (line) => {
      const { connection, tokenRequests } = await setUp(line, 'a provider', 'handler of SDK v2');
      await expect(connection.call('start_deployment')).rejects.toMatchObject({
        name: 'InsufficientScopeError',
        requiredScope: expect.stringContaining('deploy:write'),
      });
      expect(tokenRequests()).toHaveLength(1);
      expect(await connection.call('list_deployments')).toBe('list_deployments done');
    },
  );

  it('SDK v1 cannot tell the provider: the call fails, after one useless renewal however often it is made', async () => {
    const { connection, tokenRequests } = await setUp('v1 in 2025-11-25', 'a provider', 'handler of SDK v2');
    await expect(connection.call('start_deployment')).rejects.toThrow(/403/);
    for (let call = 0; call < 5; call++) {
      await expect(connection.call('start_deployment')).rejects.toThrow(/403|authorizedFetch/);
    }
    expect(tokenRequests().map((request) => request.get('scope'))).toEqual(['deploy:read', 'deploy:read']);
    expect(await connection.call('list_deployments')).toBe('list_deployments done');
  });
});

describe.each(COMBINATIONS.filter(([, , kind]) => kind !== 'handler of SDK v2'))(
  'the stream of a session, SDK %s with %s, at the %s',
  (line, fitting, kind) => {
    it('is opened with the token', async () => {
      const { server, tokens } = await setUp(line, fitting, kind);
      const streams = () => server.requests.filter(({ method }) => method === 'GET');
      await vi.waitFor(() => expect(streams()).toMatchObject([{ allowed: true }]));
      const { accessToken } = await tokens.getToken();
      expect(streams().map(({ headers }) => headers.authorization)).toEqual([`Bearer ${accessToken}`]);
    });
  },
);

describe.each([
  ['v2 in 2026-07-28', 'authorizedFetch'],
  ['v2 in 2025-11-25', 'a provider'],
  ['v1 in 2025-11-25', 'authorizedFetch'],
  ['v1 in 2025-11-25', 'a provider'],
] as const)('two servers with a source each, SDK %s with %s', (line, fitting) => {
  it('never see each other’s token', async () => {
    const authority = await startAuthority();
    const servers = [await startProtectedMcpServer(authority), await startProtectedMcpServer(authority)];
    const connections = await Promise.all(
      servers.map(({ url }) => connect(line, fitting, url, createSource(authority, url))),
    );
    await Promise.all(connections.flatMap((one) => [one.call('list_deployments'), one.toolNames()]));
    for (const { url, shownTokens } of servers) {
      expect(new Set(shownTokens().map((token) => claimsOf(token).aud))).toEqual(new Set([url]));
    }
  });
});

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

function idOf(token: string): unknown {
  return claimsOf(token).jti;
}
