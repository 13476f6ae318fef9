import { describe, expect, it } from 'vitest';
import { authorizedFetch, createTokenSource } from '../../../src/client/index.ts';
import { requestResourceChallenge } from '../../../src/client/discovery/resource-challenge.ts';
import { startLoopbackServer, type Answer, type ReceivedRequest } from '../../loopback-server.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, PING, requestedScopes, tokenRequests, trace, type Scene } from '../scene.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource/mcp';

/** What a server under test answers at its MCP endpoint, and the paths at which it publishes its metadata. */
interface ServerPlan {
  readonly answer: (request: ReceivedRequest, origin: string) => Answer;
  readonly published: readonly string[];
}

async function startServer(scene: Scene, { answer, published }: ServerPlan) {
  const server = await startLoopbackServer((request) => {
    if (request.url === '/mcp') return answer(request, server.origin);
    if (!published.includes(request.url)) return { status: 404 };
    return {
      json: {
        resource,
        authorization_servers: [scene.authority.issuer],
        scopes_supported: ['deploy:read', 'deploy:write'],
      },
    };
  });
  const resource = `${server.origin}/mcp`;
  const asked: string[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    asked.push(url);
    return globalThis.fetch(url, init);
  };
  const tokens = createTokenSource({ ...scene.options, resource, fetch });
  return { resource, requests: server.requests, asked, tokens };
}

const challenge = (parameters: string): Answer => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer ${parameters}` },
});

const withoutToken = ({ headers }: ReceivedRequest) => headers.authorization === undefined;

describe('the call for a challenge', () => {
  it('is one ping without a token, before everything else; its address is asked first', async () => {
    const scene = await createScene();
    const { requests, tokens } = await startServer(scene, {
      answer: (_request, origin) => challenge(`resource_metadata="${origin}/custom-metadata"`),
      published: ['/custom-metadata', WELL_KNOWN],
    });
    await tokens.getToken();
    expect(trace(requests)).toEqual(['POST /mcp', 'GET /custom-metadata']);
    expect(requests[0]).toMatchObject({
      body: PING,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    });
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
    expect(scene.authority.requests.map(({ path }) => path)).toEqual([
      '/.well-known/oauth-authorization-server',
      '/token',
    ]);
  });

  it('is made again with the next discovery; where it then fails, the address is remembered', async () => {
    const scene = await createScene();
    let address = '/first';
    const { requests, tokens } = await startServer(scene, {
      answer: (_request, origin) =>
        address === '' ? { status: 500 } : challenge(`resource_metadata="${origin}${address}"`),
      published: ['/first', '/second'],
    });
    for (address of ['/first', '/second', '']) {
      await tokens.getToken();
      scene.authority.advanceSeconds(4000);
    }
    const rounds = ['/first', '/second', '/second'];
    expect(trace(requests)).toEqual(rounds.flatMap((path) => ['POST /mcp', `GET ${path}`]));
  });

  it('gives way to the well-known addresses when there is nothing at its address', async () => {
    const scene = await createScene();
    const { requests, tokens } = await startServer(scene, {
      answer: (_request, origin) => challenge(`resource_metadata="${origin}/gone"`),
      published: [WELL_KNOWN],
    });
    await tokens.getToken();
    expect(trace(requests)).toEqual(['POST /mcp', 'GET /gone', `GET ${WELL_KNOWN}`]);
  });

  it('does not ask twice at a well-known address that the challenge names', async () => {
    const scene = await createScene();
    const { requests, tokens } = await startServer(scene, {
      answer: (_request, origin) => challenge(`resource_metadata="${origin}${WELL_KNOWN}"`),
      published: ['/.well-known/oauth-protected-resource'],
    });
    await tokens.getToken();
    expect(trace(requests)).toEqual([
      'POST /mcp',
      `GET ${WELL_KNOWN}`,
      'GET /.well-known/oauth-protected-resource',
    ]);
  });

  it('is not made where the refusal of a token has just named an address', async () => {
    const scene = await createScene();
    const { requests, resource, tokens } = await startServer(scene, {
      answer: (request, origin) =>
        challenge(`resource_metadata="${origin}${withoutToken(request) ? '/first' : '/second'}"`),
      published: ['/first', '/second'],
    });
    await authorizedFetch(tokens)(resource);
    expect(trace(requests)).toEqual(['POST /mcp', 'GET /first', 'GET /mcp', 'GET /second', 'GET /mcp']);
    expect(requests.filter(withoutToken).map(({ url }) => url)).toEqual(['/mcp', '/first', '/second']);
  });

  it('is answered for DPoP alone: its address is asked, its scopes are requested', async () => {
    const scene = await createScene();
    const { requests, tokens } = await startServer(scene, {
      answer: (_request, origin) => ({
        status: 401,
        headers: {
          'www-authenticate': `DPoP algs="ES256", resource_metadata="${origin}/custom", scope="deploy:read"`,
        },
      }),
      published: ['/custom', WELL_KNOWN],
    });
    await tokens.getToken();
    expect(trace(requests)).toEqual(['POST /mcp', 'GET /custom']);
    expect(requestedScopes(scene)).toEqual(['deploy:read']);
  });

  it('is not made where the refusal of a token names an address for DPoP alone', async () => {
    const scene = await createScene();
    const { requests, resource, tokens } = await startServer(scene, {
      answer: (request, origin) =>
        withoutToken(request)
          ? { status: 404 }
          : { status: 401, headers: { 'www-authenticate': `DPoP resource_metadata="${origin}/custom"` } },
      published: ['/custom', WELL_KNOWN],
    });
    await authorizedFetch(tokens)(resource);
    expect(trace(requests)).toEqual([
      'POST /mcp',
      `GET ${WELL_KNOWN}`,
      'GET /mcp',
      'GET /custom',
      'GET /mcp',
    ]);
  });

  it.each<[string, (elsewhere: string) => Answer]>([
    ['200', () => ({ json: { jsonrpc: '2.0', id: 1, result: {} } })],
    [
      '200 with a challenge',
      () => ({
        headers: { 'www-authenticate': 'Bearer resource_metadata="http://evil.example", scope="x"' },
      }),
    ],
    [
      'a stream of events without an end',
      () => (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const drip = setInterval(() => response.write(': \n\n'), 5);
        response.once('close', () => clearInterval(drip));
      },
    ],
    ['401 without a challenge', () => ({ status: 401 })],
    [
      '401 with a challenge of another scheme',
      () => ({
        status: 401,
        headers: {
          'www-authenticate': 'Basic realm="x"',
        },
      }),
    ],
    ['403', () => ({ status: 403, headers: { 'www-authenticate': 'Bearer scope="x"' } })],
    ['404', () => ({ status: 404 })],
    ['405', () => ({ status: 405, headers: { allow: 'GET' } })],
    ['500', () => ({ status: 500 })],
    ['a redirect', (elsewhere) => ({ status: 307, headers: { location: elsewhere } })],
    ['a cut connection', () => (response) => response.destroy()],
  ])('is ignored when it is answered with %s', async (_, answer) => {
    const scene = await createScene();
    const elsewhere = await startLoopbackServer(() => challenge('scope="x"'));
    const { requests, tokens } = await startServer(scene, {
      answer: () => answer(`${elsewhere.origin}/mcp`),
      published: [WELL_KNOWN],
    });
    await tokens.getToken();
    expect(trace(requests)).toEqual(['POST /mcp', `GET ${WELL_KNOWN}`]);
    expect(elsewhere.requests).toHaveLength(0);
    expect(requestedScopes(scene)).toEqual(['deploy:read deploy:write']);
  });

  it.each([
    ['a server that hangs', 'server'],
    ['a fetch that does not heed its signal', 'fetch'],
  ])('M12: leaves time for the rest with %s', async (_, what) => {
    const scene = await createScene();
    const { requests, resource } = await startServer(scene, {
      answer: () => () => undefined,
      published: [WELL_KNOWN],
    });
    const asked: string[] = [];
    const tokens = createTokenSource({
      ...scene.options,
      resource,
      timeoutMilliseconds: 1001,
      fetch: (url, init) => {
        asked.push(`${init.method ?? 'GET'} ${url.replace(resource, '/mcp')}`);
        const stuck = what === 'fetch' && url === resource;
        return stuck ? new Promise(() => undefined) : globalThis.fetch(url, init);
      },
    });
    expect((await tokens.getToken()).tokenType).toBe('Bearer');
    expect(asked[0]).toBe('POST /mcp');
    expect(trace(requests).at(-1)).toBe(`GET ${WELL_KNOWN}`);
  });
});

describe.each([
  ['M1: a link-local address', () => 'http://169.254.169.254/latest/meta-data'],
  ['M6: http instead of https', () => 'http://mcp.example.com/metadata'],
  ['M8: a file', () => 'file:///etc/passwd'],
  ['M8: data', () => 'data:application/json,{}'],
  ['M8: a script', () => 'javascript:alert(1)'],
  ['M8: a blob of the same origin', (origin: string) => `blob:${origin}/1`],
  ['another port', (origin: string) => origin.replace(/\d+$/, '9')],
  ['another name of the same machine', (origin: string) => origin.replace('127.0.0.1', 'localhost')],
  ['a host that only begins alike', (origin: string) => `${origin}.example.com/metadata`],
  ['a user name that looks like the host', (origin: string) => `${origin}@evil.example.com/metadata`],
  ['a path without a host', () => WELL_KNOWN],
  ['no URL', () => 'metadata'],
  ['nothing', () => ''],
])('%s as resource_metadata', (_, address) => {
  it('is refused in the challenge that is asked for, before anything is sent there', async () => {
    const scene = await createScene();
    const { resource, requests, asked, tokens } = await startServer(scene, {
      answer: (_request, origin) => challenge(`resource_metadata="${address(origin)}", scope="deploy:read"`),
      published: [WELL_KNOWN],
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'untrusted_url',
      step: 'protected_resource_metadata',
    });
    expect(asked).toEqual([resource]);
    expect(trace(requests)).toEqual(['POST /mcp']);
    expect(scene.authority.requests).toHaveLength(0);
  });

  it('is refused in the refusal of a token, before anything is sent there', async () => {
    const scene = await createScene();
    const { resource, asked, tokens } = await startServer(scene, {
      answer: (request, origin) =>
        withoutToken(request) ? { status: 404 } : challenge(`resource_metadata="${address(origin)}"`),
      published: [WELL_KNOWN],
    });
    await tokens.getToken();
    asked.length = 0;
    const called: string[] = [];
    const fetch = authorizedFetch(tokens, {
      fetch: (url, init) => {
        called.push(url as string);
        return globalThis.fetch(url, init);
      },
    });
    expect(await failureOf(fetch(resource))).toMatchObject({
      code: 'untrusted_url',
      step: 'protected_resource_metadata',
    });
    expect([called, asked]).toEqual([[resource], []]);
    expect(tokenRequests(scene)).toHaveLength(1);
  });
});

describe('requestResourceChallenge', () => {
  const request = async (header: string) => {
    const server = await startLoopbackServer(() => ({
      status: 401,
      headers: { 'www-authenticate': header },
    }));
    return requestResourceChallenge(server.origin, {});
  };

  it('reads address and scopes, in whatever case the scheme is written and whatever stands before', async () => {
    const header =
      'Basic realm="a, b", bearer scope="read  write offline_access", resource_metadata="https://x/y"';
    expect(await request(header)).toEqual({
      resourceMetadataUrl: 'https://x/y',
      scopes: ['read', 'write'],
    });
  });

  it('reads a challenge of another scheme where there is none for Bearer', async () => {
    const header = 'Basic realm="x", DPoP algs="ES256", scope="read", resource_metadata="https://x/y"';
    expect(await request(header)).toEqual({ resourceMetadataUrl: 'https://x/y', scopes: ['read'] });
    expect((await request('DPoP scope="read"'))?.scopes).toEqual(['read']);
    expect(await request('DPoP algs="ES256", Basic realm="x"')).toBeUndefined();
  });

  it.each([
    ['a challenge that says nothing', 'Bearer'],
    ['a scope that is none', 'Bearer scope="read \\"all\\""'],
    ['M27: ten kilobytes of scope', `Bearer scope="${'s'.repeat(10_000)}"`],
    ['M27: one scope of 257 characters', `Bearer scope="${'s'.repeat(257)}"`],
    ['M27: 101 scopes', `Bearer scope="${Array.from({ length: 101 }, (_, index) => index).join(' ')}"`],
    ['a challenge of another scheme beside a Bearer one', 'Bearer, DPoP scope="read"'],
  ])('finds neither address nor scopes in %s', async (_, header) => {
    expect(await request(header)).toEqual({ resourceMetadataUrl: undefined, scopes: [] });
  });

  it("rejects with the caller's reason when the caller leaves", async () => {
    const reason = new Error('the caller has left');
    const caller = new AbortController();
    const server = await startLoopbackServer(() => () => caller.abort(reason));
    const { signal } = caller;
    await expect(requestResourceChallenge(server.origin, { signal })).rejects.toBe(reason);
  });
});
