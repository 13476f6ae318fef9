import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../authority.ts';
import {
  LIST_TOOLS,
  RESOURCE,
  sendRaw,
  startProtectedApp,
  type ProtectedApp,
  type ProtectedAppOptions,
} from '../protected-app.ts';
import { createDpopClient, sendProof } from './dpop-requests.ts';

const authority = await createAuthority();
const client = await createDpopClient(authority);

function start(options: Partial<ProtectedAppOptions> = {}): Promise<ProtectedApp> {
  return startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now, ...options });
}

const mountAnything: ProtectedAppOptions['mount'] = (server, auth) =>
  server.all('/{*path}', auth.protect(), (_, response) => {
    response.end();
  });

const proveFor = (htu: string, method = 'POST'): string => client.prove({ method, claims: { htu } });

async function expectOutcomes(
  app: ProtectedApp,
  outcomes: readonly (readonly [htu: string, status: number])[],
  init: RequestInit = {},
): Promise<void> {
  for (const [htu, status] of outcomes) {
    const response = await sendProof(app, client, proveFor(htu), init);
    const reason = status === 401 ? 'proof_invalid' : undefined;
    expect([htu, response.status, app.decisions.at(-1)?.reason]).toEqual([htu, status, reason]);
  }
}

describe('the URL that a proof names', () => {
  it.each([
    'https://MCP.example.COM/mcp',
    'HTTPS://mcp.example.com/mcp',
    'https://mcp.example.com:443/mcp',
    'https://mcp.example.com/mcp?x=1',
    'https://mcp.example.com/mcp#fragment',
    'https://mcp.example.com/mcp?x=1#fragment',
    'https://mcp.example.com/%6Dcp',
    'https://mcp.example.com/a/../mcp',
    'https://mcp.example.com/./mcp',
  ])('D14: may be written %s', async (htu) => {
    await using app = await start();
    expect((await sendProof(app, client, proveFor(htu))).status).toBe(200);
  });

  it('D14: is compared without the query of the request', async () => {
    await using app = await start();
    const outcomes = [
      [RESOURCE, 200],
      [`${RESOURCE}?x=1`, 200],
      [`${RESOURCE}?x=2`, 200],
      ['https://mcp.example.com/?x=/mcp', 401],
    ] as const;
    await expectOutcomes({ ...app, url: `${app.url}?x=1` }, outcomes);
  });

  it('D14: is that of the request, where several paths are protected', async () => {
    await using app = await start({ mount: mountAnything });
    for (const [path, other] of [
      ['/mcp', '/admin'],
      ['/admin', '/mcp'],
      ['/a%2Fb', '/a/b'],
      ['/a%2fb', '/a%2F'],
      ['/', '/mcp'],
      ['//evil.example/mcp', '/mcp'],
    ] as const) {
      const here = { ...app, url: `http://127.0.0.1:${app.port}${path}` };
      const [own, foreign] = [path, other].map((one) => `https://mcp.example.com${one}`);
      await expectOutcomes(here, [
        [foreign ?? '', 401],
        [own ?? '', 200],
      ]);
    }
  });

  it('D14: is not what Host and forwarded headers say', async () => {
    const mount: ProtectedAppOptions['mount'] = (server, auth, handler) => {
      server.set('trust proxy', true);
      server.all('/mcp', auth.protect(), handler);
    };
    await using app = await start({ mount });
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '8080',
      'x-forwarded-prefix': '/evil',
      'x-original-url': '/evil',
      forwarded: 'host=evil.example;proto=http',
    };
    const outcomes = [
      [RESOURCE, 200],
      ['https://evil.example/mcp', 401],
      ['http://evil.example/mcp', 401],
      ['http://evil.example:8080/evil/mcp', 401],
      [app.url, 401],
    ] as const;
    await expectOutcomes(app, outcomes, { headers });
    const lines = ['Host: evil.example', `Authorization: DPoP ${client.token}`];
    expect((await sendRaw(app, [...lines, `DPoP: ${proveFor('https://evil.example/mcp')}`])).status).not.toBe(
      200,
    );
  });

  it('D14: is not what a request target in absolute form says', async () => {
    await using app = await start({ mount: mountAnything });
    const body = JSON.stringify(LIST_TOOLS);
    const sendAbsolute = (htu: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = {
          authorization: `DPoP ${client.token}`,
          dpop: proveFor(htu),
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        };
        const options = { port: app.port, host: '127.0.0.1', method: 'POST', headers };
        forward({ ...options, path: 'http://evil.example/mcp?x=1' }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end(body);
      });
    expect(await sendAbsolute('http://evil.example/mcp')).toBe(401);
    expect(await sendAbsolute('https://mcp.example.comhttp//evil.example/mcp')).toBe(401);
    expect(await sendAbsolute(RESOURCE)).toBe(200);
  });

  it('D14: is that of the resource’s origin, with the default port left out and another one kept', async () => {
    const audience = 'https://mcp.example.com:8443/mcp';
    await using app = await start({ resource: audience });
    const other = await createDpopClient(authority, { aud: audience });
    const status = async (url: string) => (await sendProof(app, other, other.prove({ url }))).status;
    expect([await status(audience), await status(RESOURCE)]).toEqual([200, 401]);
  });
});

describe('publicUrl', () => {
  const publicUrl = 'https://gateway.example.com/tools/mcp';

  it('D14: is what proofs name behind a proxy that rewrites paths', async () => {
    await using app = await start({ publicUrl });
    await using proxy = await startRewritingProxy(app.port);
    const here = { ...app, url: `http://127.0.0.1:${proxy.port}/tools/mcp` };
    await expectOutcomes(here, [
      [publicUrl, 200],
      [RESOURCE, 401],
      ['https://gateway.example.com/mcp', 401],
      ['https://mcp.example.com/tools/mcp', 401],
    ]);
  });

  it('D14: is missed where it is not set', async () => {
    await using app = await start();
    await using proxy = await startRewritingProxy(app.port);
    const here = { ...app, url: `http://127.0.0.1:${proxy.port}/tools/mcp` };
    await expectOutcomes(here, [
      [publicUrl, 401],
      [RESOURCE, 200],
    ]);
  });
});

describe('the method that a proof names', () => {
  it.each(['GET', 'DELETE', 'PUT'])('D13: is that of a %s', async (method) => {
    await using app = await start({ mount: mountAnything });
    const init = { method, body: null };
    expect((await sendProof(app, client, proveFor(RESOURCE, 'POST'), init)).status).toBe(401);
    expect((await sendProof(app, client, proveFor(RESOURCE, method.toLowerCase()), init)).status).toBe(401);
    expect((await sendProof(app, client, proveFor(RESOURCE, method), init)).status).toBe(200);
  });
});

/** Serves `/tools/mcp` by asking for `/mcp`, and says so in forwarded headers. */
async function startRewritingProxy(port: number): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((incoming, outgoing) => {
    const headers = {
      ...incoming.headers,
      'x-forwarded-host': 'gateway.example.com',
      'x-forwarded-proto': 'https',
    };
    const path = (incoming.url ?? '').replace('/tools', '');
    const { method } = incoming;
    const upstream = forward({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
