import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { toIncomingRequest } from '../../src/node/incoming-request.ts';
import type { IncomingRequest } from '../../src/server/index.ts';
import { listen, send, type RawRequest } from './scene.ts';

/** What becomes of a request that is sent. */
async function receive(request: RawRequest, url?: string): Promise<IncomingRequest> {
  let seen: IncomingRequest | undefined;
  const port = await listen((incoming: IncomingMessage, response) => {
    seen = url === undefined ? toIncomingRequest(incoming) : toIncomingRequest(incoming, url);
    response.end();
  });
  await send(port, request);
  if (seen === undefined) throw new Error('no request came');
  return seen;
}

describe('toIncomingRequest', () => {
  it('describes a request', async () => {
    const { method, url, headers, clientCertificate } = await receive({
      method: 'DELETE',
      path: '/mcp?x=1',
      headers: { authorization: 'Bearer x', 'X-Other': 'y' },
    });
    expect({ method, url, clientCertificate }).toEqual({
      method: 'DELETE',
      url: '/mcp?x=1',
      clientCertificate: undefined,
    });
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'x-other': 'y' });
  });

  it('takes the target from the framework, where that keeps it elsewhere', async () => {
    expect((await receive({ path: '/' }, '/mounted/mcp')).url).toBe('/mounted/mcp');
  });

  it.each([
    ['http://evil.example/mcp?x=1', '/mcp?x=1'],
    ['https://mcp.example.com', '/'],
    ['https://mcp.example.com?x', '/?x'],
    ['HTTP://user:pw@evil.example:80//mcp', '//mcp'],
    ['x://evil.example/mcp', '/mcp'],
  ])('leaves scheme and host of the target %s behind', async (path, url) => {
    expect((await receive({ path })).url).toBe(url);
    expect((await receive({ path: '/' }, path)).url).toBe(url);
  });

  it.each(['//evil.example/mcp', '/http://evil.example/', '/a/../b', '/%2e%2e/x'])(
    'keeps the path %s as it is',
    async (path) => {
      expect((await receive({ path })).url).toBe(path);
    },
  );

  it('shows every Authorization header, and no header of another name twice as one', async () => {
    const { headers } = await receive({
      headers: { Authorization: ['Bearer a', 'Bearer b'], DPoP: ['a', 'b'], 'Mcp-Session-Id': ['a', 'b'] },
    });
    expect(headers.authorization).toEqual(['Bearer a', 'Bearer b']);
    expect([headers.dpop, headers['mcp-session-id']]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const alone = await receive({ headers: { Authorization: 'Bearer a', DPoP: ['a', 'b'] } });
    expect([alone.headers.authorization, alone.headers.dpop]).toEqual(['Bearer a', 'a, b']);
  });
});
