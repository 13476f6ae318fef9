import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTokenSource, type TokenSource, type TokenSourceOptions } from '../../../src/client/index.ts';
import { startLoopbackServer, type Answer } from '../../loopback-server.ts';
import { openFetch } from '../../node/fetch/open-fetch.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests, type Scene } from '../scene.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const WELL_KNOWN = '/.well-known/oauth-protected-resource/mcp';

/** Where a hostile answer may stand: in place of one of the two documents. */
interface HostilePlace {
  /** Asks for a token, of a server that gives the hostile answer until `mend` is called. */
  readonly tokens: TokenSource;
  readonly mend: () => void;
  readonly scene: Scene;
  /** The server that is asked, and every request for the document in question. */
  readonly origin: string;
  readonly asked: () => number;
}

type Fetches = 'the global fetch' | 'createNodeFetch';

function fetchOption(which: Fetches): Pick<TokenSourceOptions, 'fetch'> {
  return which === 'the global fetch' ? {} : { fetch: openFetch({ allowLoopback: true }) };
}

const PLACES = {
  /** The MCP server publishes it. */
  async protected_resource_metadata(
    answer: Answer,
    which: Fetches,
    timeoutMilliseconds: number,
  ): Promise<HostilePlace> {
    const scene = await createScene();
    let hostile = true;
    const server = await startLoopbackServer(({ url }) => {
      if (url !== WELL_KNOWN) return { status: 404 };
      const resource = `${server.origin}/mcp`;
      return hostile ? answer : { json: { resource, authorization_servers: [scene.authority.issuer] } };
    });
    const options = { ...scene.options, resource: `${server.origin}/mcp`, timeoutMilliseconds };
    return {
      tokens: createTokenSource({ ...options, ...fetchOption(which) }),
      mend: () => void (hostile = false),
      scene,
      origin: server.origin,
      asked: () => server.requests.filter(({ url }) => url === WELL_KNOWN).length,
    };
  },
  /** The authorization server publishes it. */
  async authorization_server_metadata(
    answer: Answer,
    which: Fetches,
    timeoutMilliseconds: number,
  ): Promise<HostilePlace> {
    const scene = await createScene();
    let hostile = true;
    const path = '/.well-known/oauth-authorization-server';
    const server = await startLoopbackServer(({ url }) => {
      if (hostile) return url === path ? answer : { status: 404 };
      const token_endpoint = scene.authority.tokenEndpoint;
      return { json: { issuer: server.origin, token_endpoint } };
    });
    scene.metadata.authorization_servers = [server.origin];
    const options = { ...scene.options, issuer: server.origin, timeoutMilliseconds };
    return {
      tokens: createTokenSource({ ...options, ...fetchOption(which) }),
      mend: () => void (hostile = false),
      scene,
      origin: server.origin,
      asked: () => server.requests.filter(({ url }) => url === path).length,
    };
  },
} as const;

const drip: Answer = (response) => {
  response.writeHead(200, JSON_TYPE);
  const timer = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(timer));
};

const ANSWERS: [string, Answer, object][] = [
  ['M6: a redirect to http elsewhere', redirect('http://mcp.example.com/'), { code: 'redirected' }],
  ['M7: a redirect to itself', redirect(''), { code: 'redirected' }],
  ['M8: a redirect to a file', redirect('file:///etc/passwd'), { code: 'redirected' }],
  ['M1: a redirect to a link-local address', redirect('http://169.254.169.254/'), { code: 'redirected' }],
  ['M10: an oversize document', { json: { pad: 'x'.repeat(300_000) } }, { code: 'metadata_invalid' }],
  [
    'M10: an endless document',
    (response) => {
      response.writeHead(200, JSON_TYPE);
      const pump = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', pump);
      pump();
    },
    { code: 'metadata_invalid', expected: 'at most 262144 bytes' },
  ],
  [
    'M11: a compression bomb',
    { body: gzipSync(Buffer.alloc(20_000_000, ' ')), headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    { code: 'metadata_invalid', expected: 'at most 262144 bytes' },
  ],
  ['M12: a byte now and then', drip, { code: 'timeout', expected: 'an answer within 1500 ms in all' }],
  ['M12: a head that never comes', () => undefined, { code: 'timeout' }],
  ['M13: bad JSON', { body: '{"issuer":', headers: JSON_TYPE }, { code: 'metadata_invalid' }],
  ['M13: an array', { json: [{}] }, { code: 'metadata_invalid' }],
  ['M13: a bare null', { body: 'null', headers: JSON_TYPE }, { code: 'metadata_invalid' }],
  [
    'M13: bytes that are no UTF-8',
    { body: Buffer.from('7b22ff7d', 'hex'), headers: JSON_TYPE },
    { code: 'metadata_invalid' },
  ],
  [
    'M15: text/html',
    { body: '<html>', headers: { 'content-type': 'text/html' } },
    { code: 'metadata_invalid' },
  ],
  ['M15: no content type', { body: '{}' }, { code: 'metadata_invalid' }],
  ['M16: 206', { status: 206, json: {} }, { code: 'metadata_unavailable' }],
];

function redirect(location: string): Answer {
  return { status: 302, headers: { location } };
}

const CASES = (['the global fetch', 'createNodeFetch'] as const).flatMap((which) =>
  (Object.keys(PLACES) as (keyof typeof PLACES)[]).map((step) => [step, which] as const),
);

describe.each(CASES)('as %s, by %s', (step, which) => {
  it.each(ANSWERS)('%s: a typed error, no credential sent, nothing kept', async (_, answer, expected) => {
    const { tokens, mend, scene, origin, asked } = await PLACES[step](
      answer,
      which,
      'code' in expected && expected.code === 'timeout' ? 1500 : 10_000,
    );
    const error = await failureOf(tokens.getToken());
    expect(error).toMatchObject({ step, ...expected });
    expect(error.server).toContain(origin);
    expect(error.message.length).toBeLessThan(2000);
    expect([asked(), tokenRequests(scene).length]).toEqual([1, 0]);
    mend();
    scene.authority.advanceSeconds(600);
    expect((await tokens.getToken()).tokenType).toBe('Bearer');
    expect([asked(), tokenRequests(scene).length]).toEqual([2, 1]);
  });
});

describe('the document of a resource', () => {
  it.each<[string, (resource: string) => Record<string, unknown>, string]>([
    [
      'M17: a prefix of the resource',
      (resource) => ({ resource: resource.slice(0, -1) }),
      'metadata_mismatch',
    ],
    ['M17: the resource and more', (resource) => ({ resource: `${resource}/2` }), 'metadata_mismatch'],
    ['M19: no server', () => ({ authorization_servers: [] }), 'issuer_not_listed'],
    [
      'M19: a thousand servers',
      () => ({
        authorization_servers: Array.from({ length: 1000 }, (_, at) => `https://as${at}.example.com`),
      }),
      'metadata_invalid',
    ],
    ['M27: ten kilobytes of scope', () => ({ scopes_supported: ['s'.repeat(10_240)] }), 'metadata_invalid'],
  ])('with %s: a typed error, and nothing of it is kept', async (_, changes, code) => {
    const scene = await createScene();
    const proper = { ...scene.metadata };
    Object.assign(scene.metadata, changes(scene.resource));
    const tokens = createTokenSource({ ...scene.options, ...fetchOption('createNodeFetch') });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code, step: 'protected_resource_metadata' });
    expect(scene.authority.requests).toHaveLength(0);
    scene.metadata = proper;
    scene.authority.advanceSeconds(600);
    expect((await tokens.getToken()).tokenType).toBe('Bearer');
  });
});

describe('the document of an authorization server', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['M20: another issuer', { issuer: 'https://evil.example.com' }, 'metadata_mismatch'],
    ['M21: a token endpoint over http', { token_endpoint: 'http://as.example.com/token' }, 'untrusted_url'],
    [
      'M1: a token endpoint over http at a link-local address',
      { token_endpoint: 'http://169.254.169.254/' },
      'untrusted_url',
    ],
    ['M8: a token endpoint in data', { token_endpoint: 'data:application/json,{}' }, 'untrusted_url'],
    ['M8: a script as token endpoint', { token_endpoint: 'javascript:alert(1)' }, 'untrusted_url'],
  ])('with %s: a typed error, no credential sent, nothing kept', async (_, changes, code) => {
    const scene = await createScene();
    scene.authority.setMetadata(changes);
    const tokens = createTokenSource({ ...scene.options, ...fetchOption('createNodeFetch') });
    expect(await failureOf(tokens.getToken())).toMatchObject({ code, step: 'authorization_server_metadata' });
    expect(tokenRequests(scene)).toHaveLength(0);
    scene.authority.comeBack();
    scene.authority.setMetadata({
      issuer: scene.authority.issuer,
      token_endpoint: scene.authority.tokenEndpoint,
    });
    scene.authority.advanceSeconds(600);
    expect((await tokens.getToken()).tokenType).toBe('Bearer');
  });

  it('M23: of a foreign server that is listed first is not even asked for', async () => {
    const scene = await createScene();
    const foreign = await startLoopbackServer(() => ({ status: 500 }));
    scene.metadata.authorization_servers = [foreign.origin, scene.authority.issuer];
    await createTokenSource({ ...scene.options, ...fetchOption('createNodeFetch') }).getToken();
    expect(foreign.requests).toHaveLength(0);
  });

  it('M25: is looked for at the next address after 404', async () => {
    const scene = await createScene({ metadata: 'openid' });
    await createTokenSource({ ...scene.options, ...fetchOption('createNodeFetch') }).getToken();
    expect(scene.authority.requests.map(({ path }) => path)).toEqual([
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/token',
    ]);
  });
});
