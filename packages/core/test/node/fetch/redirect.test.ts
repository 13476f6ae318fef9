import { describe, expect, it } from 'vitest';
import { startLoopbackServer, type Answer } from '../../loopback-server.ts';
import { openFetch, refusalOf } from './open-fetch.ts';

const LOCAL = { allowLoopback: true };

describe('a redirect', () => {
  const hops: Record<string, Answer> = {
    '/302': { status: 302, headers: { location: '/end' } },
    '/303': { status: 303, headers: { location: '/end' } },
    '/307': { status: 307, headers: { location: '/end#new' } },
    '/loop': { status: 302, headers: { location: '/loop' } },
    '/bare': { status: 302, body: 'no location' },
    '/file': { status: 302, headers: { location: 'file:///etc/passwd' } },
    '/data': { status: 302, headers: { location: 'data:,x' } },
    '/https': { status: 302, headers: { location: 'https://127.0.0.1/' } },
    '/private': { status: 302, headers: { location: 'http://169.254.169.254/' } },
    '/user': { status: 302, headers: { location: '//u@HOST/end' } },
  };
  const start = () =>
    startLoopbackServer(({ url, headers }) => {
      const hop = hops[url] ?? { body: 'end' };
      if (typeof hop === 'function' || typeof hop.headers?.location !== 'string') return hop;
      return {
        ...hop,
        headers: { location: hop.headers.location.replace('HOST', headers.host ?? '') },
      };
    });

  it('within the origin is followed as fetch follows it', async () => {
    const server = await start();
    const fetch = openFetch(LOCAL);
    for (const path of ['/302', '/303', '/307']) {
      const response = await fetch(`${server.origin}${path}`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'x-own': '1' },
      });
      expect([await response.text(), response.url, response.redirected]).toEqual([
        'end',
        `${server.origin}/end`,
        true,
      ]);
    }
    const ends = server.requests.filter(({ url }) => url === '/end');
    expect(
      ends.map(({ method, body, headers }) => [method, body, headers['content-type'], headers['x-own']]),
    ).toEqual([
      ['GET', '', undefined, '1'],
      ['GET', '', undefined, '1'],
      ['POST', '{}', 'application/json', '1'],
    ]);
  });

  it.each(['/file', '/data', '/https', '/private', '/user'])(
    'away from the origin is not followed: %s',
    async (path) => {
      const server = await start();
      const error = await refusalOf(openFetch(LOCAL)(`${server.origin}${path}`));
      expect(error.code).toBe('redirect_refused');
      expect(server.requests).toHaveLength(1);
    },
  );

  it('to another server is not followed, and that server is not asked', async () => {
    const other = await startLoopbackServer(() => ({ body: 'stolen' }));
    const server = await startLoopbackServer(() => ({ status: 307, headers: { location: other.origin } }));
    await refusalOf(openFetch(LOCAL)(server.origin, { headers: { authorization: 'Bearer t' } }));
    expect(other.requests).toHaveLength(0);
  });

  it('M7: in a loop ends after twenty', async () => {
    const server = await start();
    expect((await refusalOf(openFetch(LOCAL)(`${server.origin}/loop`))).code).toBe('redirect_refused');
    expect(server.requests).toHaveLength(21);
  });

  it('is returned by "manual", refused by "error", and is an answer without a location', async () => {
    const server = await start();
    const fetch = openFetch(LOCAL);
    const manual = await fetch(`${server.origin}/302`, { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location'), manual.type]).toEqual([302, '/end', 'default']);
    expect((await refusalOf(fetch(`${server.origin}/302`, { redirect: 'error' }))).code).toBe(
      'redirect_refused',
    );
    expect(await (await fetch(`${server.origin}/bare`)).text()).toBe('no location');
  });

  it('of a stream is not followed where the stream would have to go again', async () => {
    const server = await start();
    const init = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit;
    expect((await refusalOf(openFetch(LOCAL)(`${server.origin}/307`, init))).message).toContain('goes once');
  });
});
