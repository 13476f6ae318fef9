import { parseChallenges } from '@mcp-m2m/testing';
import type { RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';
import { createDpopClient, sendProof } from './hostile/dpop-requests.ts';
import {
  METADATA_URL,
  send,
  startProtectedApp,
  type ProtectedApp,
  type ProtectedAppOptions,
} from './protected-app.ts';

const authority = await createAuthority();

function start(options: Partial<ProtectedAppOptions> = {}): Promise<ProtectedApp> {
  return startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now, ...options });
}

const ORIGIN = { origin: 'https://page.example' };
const listOf = (header: string | null): string[] => (header ?? '').toLowerCase().split(/, */);

function preflight(url: string | URL, method: string, headers: string): Promise<Response> {
  const asked = { 'access-control-request-method': method, 'access-control-request-headers': headers };
  return fetch(url, { method: 'OPTIONS', headers: { ...ORIGIN, ...asked } });
}

/** What a browser asks of a preflight's answer (Fetch, CORS-preflight fetch), for a request without cookies. */
function expectAllowed(response: Response, method: string, headers: readonly string[]): void {
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(listOf(response.headers.get('access-control-allow-methods'))).toContain(method.toLowerCase());
  const allowed = listOf(response.headers.get('access-control-allow-headers'));
  for (const header of headers) {
    const named = allowed.includes(header) || (allowed.includes('*') && header !== 'authorization');
    expect([header, named]).toEqual([header, true]);
  }
}

describe('a preflight', () => {
  const HEADERS = [
    'authorization',
    'dpop',
    'content-type',
    'mcp-session-id',
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
    'mcp-param-region',
    'last-event-id',
    'traceparent',
  ];

  it.each(['POST', 'GET', 'DELETE'])(
    'of a %s to the MCP server is answered without credentials',
    async (method) => {
      await using app = await start({ dpop: { required: true, nonce: true } });
      expectAllowed(await preflight(app.url, method, HEADERS.join(',')), method, HEADERS);
      expect(app.decisions).toEqual([]);
    },
  );

  it('of a GET of the metadata is answered', async () => {
    await using app = await start();
    const url = new URL(new URL(METADATA_URL).pathname, app.url);
    const response = await preflight(url, 'GET', 'mcp-protocol-version');
    expectAllowed(response, 'GET', ['mcp-protocol-version']);
    expect(listOf(response.headers.get('access-control-allow-methods'))).not.toContain('post');
  });

  it('lets no handler be reached', async () => {
    await using app = await start({
      mount: (server, auth) =>
        server.all('/mcp', auth.protect(), () => {
          throw new Error('reached');
        }),
    });
    expect((await preflight(app.url, 'POST', 'authorization')).status).toBe(204);
    const plain = await fetch(app.url, { method: 'OPTIONS', headers: ORIGIN });
    expect(plain.status).toBe(401);
  });
});

describe('a page', () => {
  /** Readable for a page of any origin: this header is exposed to it. */
  function expectReadable(response: Response, header: string): void {
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(listOf(response.headers.get('access-control-expose-headers'))).toContain(header);
    expect(response.headers.has(header)).toBe(true);
  }

  it('reads the challenge of a request without a token, and finds the metadata, which it reads too', async () => {
    await using app = await start();
    const response = await send(app, undefined, undefined, { headers: ORIGIN });
    expectReadable(response, 'www-authenticate');
    const [challenge] = parseChallenges(response.headers.get('www-authenticate'));
    const { pathname } = new URL(challenge?.parameters.resource_metadata ?? '');
    const metadata = await fetch(new URL(pathname, app.url), { headers: ORIGIN });
    expect([metadata.status, metadata.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  it('reads why its token was refused, and what scopes it lacks', async () => {
    await using app = await start();
    const expired = authority.mint({}, { expiresInSeconds: -100 });
    expectReadable(await send(app, `Bearer ${expired}`), 'www-authenticate');
    const other = await send(app, `Bearer ${authority.mint({ scope: 'other' })}`);
    expect(other.status).toBe(403);
    expectReadable(other, 'www-authenticate');
  });

  it('reads the nonce that its proof has to carry', async () => {
    await using app = await start({ dpop: { nonce: true } });
    const client = await createDpopClient(authority);
    const response = await sendProof(app, client, client.prove());
    expectReadable(response, 'dpop-nonce');
    expectReadable(response, 'www-authenticate');
  });

  it('reads when to come again', async () => {
    const replayStore = { useOnce: () => Promise.reject(new Error('down')) };
    await using app = await start({ dpop: { replayStore } });
    const client = await createDpopClient(authority);
    expectReadable(await sendProof(app, client, client.prove()), 'retry-after');
  });
});

describe('a CORS middleware of the application', () => {
  const cors: RequestHandler = (_, response, next) => {
    response.set({
      'Access-Control-Allow-Origin': 'https://page.example',
      'Access-Control-Allow-Credentials': 'true',
      Vary: 'Origin',
    });
    next();
  };
  const mount: ProtectedAppOptions['mount'] = (server, auth, handler) =>
    server.all('/mcp', cors, auth.protect(), handler);

  it('decides who reads refusals', async () => {
    await using app = await start({ mount });
    const response = await send(app, undefined, undefined, { headers: ORIGIN });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(response.headers.get('vary')).toBe('Origin');
    expect(listOf(response.headers.get('access-control-expose-headers'))).toContain('www-authenticate');
  });

  it('decides who reads answers, which are not opened without it', async () => {
    await using open = await start({ mount });
    await using closed = await start();
    const token = `Bearer ${authority.mint()}`;
    const [own, none] = [await send(open, token), await send(closed, token)];
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://page.example',
    ]);
    expect([none.status, none.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });
});
