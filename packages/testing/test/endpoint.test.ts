import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuthority, type TestAuthority } from '../src/index.ts';

let authority: TestAuthority;
beforeEach(async () => {
  authority = await createTestAuthority({ path: '/tenant' });
});
afterEach(() => authority.close());

const getKeys = (signal?: AbortSignal) => fetch(authority.jwksUri, signal === undefined ? {} : { signal });
const getMetadata = () => fetch(`${authority.issuer}/.well-known/openid-configuration`);

describe('the whole authority', () => {
  test('goes down without losing its port, records what was tried, and comes back', async () => {
    expect((await getKeys()).status).toBe(200);
    authority.goDown();
    await expect(getKeys()).rejects.toThrow('fetch failed');
    await expect(getMetadata()).rejects.toThrow('fetch failed');
    expect(authority.requests.map((request) => request.endpoint)).toEqual(['jwks', 'jwks', 'metadata']);
    authority.comeBack();
    expect((await getKeys()).status).toBe(200);
  });

  test('hangs until the client gives up, and answers new requests once it is back', async () => {
    authority.hang();
    const client = new AbortController();
    const hanging = getKeys(client.signal);
    hanging.catch(() => undefined);
    await expect.poll(() => authority.endpoints.jwks.requests.length).toBe(1);
    client.abort();
    await expect(hanging).rejects.toThrow('aborted');
    authority.comeBack();
    expect((await getKeys()).status).toBe(200);
  });

  test('cuts a hanging request when it goes down', async () => {
    authority.hang();
    const hanging = getKeys();
    hanging.catch(() => undefined);
    await expect.poll(() => authority.requests.length).toBe(1);
    authority.goDown();
    await expect(hanging).rejects.toThrow('fetch failed');
  });

  test('closes at once while requests hang, and may be closed twice', async () => {
    authority.hang();
    const hanging = [getKeys(), getMetadata()].map((request) =>
      expect(request).rejects.toThrow('fetch failed'),
    );
    await expect.poll(() => authority.requests.length).toBe(2);
    await authority.close();
    await Promise.all(hanging);
    await authority.close();
    await expect(getKeys()).rejects.toThrow('fetch failed');
  });
});

describe('one endpoint', () => {
  test('fails alone', async () => {
    authority.endpoints.jwks.goDown();
    await expect(getKeys()).rejects.toThrow('fetch failed');
    expect((await getMetadata()).status).toBe(200);
    authority.endpoints.jwks.recover();
    expect((await getKeys()).status).toBe(200);
  });

  test('answers what it is told, as often as it is told, and then recovers', async () => {
    authority.endpoints.jwks.answerWith(
      { status: 503, headers: { 'retry-after': '7' }, body: '<html>' },
      { times: 2 },
    );
    for (const _ of [1, 2]) {
      const response = await getKeys();
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
      expect(await response.text()).toBe('<html>');
    }
    expect((await getKeys()).status).toBe(200);
    expect(() => authority.endpoints.jwks.answerWith({}, { times: 0 })).toThrow('times must be at least 1');
  });

  test('answers by a function of the request', async () => {
    authority.endpoints.jwks.answerWith(({ path, method }) => ({ status: 418, json: { path, method } }));
    const response = await getKeys();
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ path: '/tenant/jwks', method: 'GET' });
  });

  test('tells the author of an answer function that it threw', async () => {
    authority.endpoints.jwks.answerWith(() => {
      throw new Error('fixture missing');
    });
    const response = await getKeys();
    expect([response.status, await response.text()]).toEqual([
      500,
      'The test authority failed: fixture missing',
    ]);
  });

  test('redirects', async () => {
    authority.endpoints.jwks.answerWith({ status: 302, headers: { location: 'http://169.254.169.254/' } });
    const response = await fetch(authority.jwksUri, { redirect: 'manual' });
    expect(response.headers.get('location')).toBe('http://169.254.169.254/');
  });

  test('sends a body in pieces', async () => {
    authority.endpoints.jwks.answerWith({
      chunks: ['{"ke', Buffer.from('ys":'), '[]}'],
      millisecondsBetweenChunks: 1,
    });
    expect(await (await getKeys()).json()).toEqual({ keys: [] });
  });

  test('drips an endless body until the client leaves', async () => {
    let stopped = false;
    function* drip(): Generator<string> {
      try {
        for (;;) yield ' ';
      } finally {
        stopped = true;
      }
    }
    authority.endpoints.jwks.answerWith({ chunks: drip(), millisecondsBetweenChunks: 5 });
    const client = new AbortController();
    const response = await getKeys(client.signal);
    expect(response.status).toBe(200);
    client.abort();
    await expect(response.text()).rejects.toThrow('aborted');
    await expect.poll(() => stopped).toBe(true);
  });

  test('truncates a body, with and without a length', async () => {
    authority.endpoints.jwks.answerWith({
      body: '{"keys":',
      headers: { 'content-length': '100' },
      thenReset: true,
    });
    await expect(getKeys().then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/);
    authority.endpoints.jwks.answerWith({ chunks: ['{"keys":'], thenReset: true });
    await expect(getKeys().then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/);
  });

  test('holds requests together and answers all of them when released', async () => {
    const release = authority.endpoints.jwks.hold();
    let answered = 0;
    const held = Array.from({ length: 5 }, () => getKeys().then(() => (answered += 1)));
    await expect.poll(() => authority.endpoints.jwks.requests.length).toBe(5);
    expect(answered).toBe(0);
    release();
    await Promise.all(held);
    expect(answered).toBe(5);
    expect((await getKeys()).status).toBe(200);
  });

  test('adds headers to its own answers', async () => {
    authority.endpoints.jwks.setHeaders({ 'cache-control': 'max-age=999999999' });
    const response = await getKeys();
    expect(response.headers.get('cache-control')).toBe('max-age=999999999');
    expect(await response.json()).toEqual(authority.jwks);
    authority.endpoints.jwks.setHeaders({});
    expect((await getKeys()).headers.has('cache-control')).toBe(false);
  });

  test('records method, path, headers and body, and forgets them when told to', async () => {
    await fetch(`${authority.tokenEndpoint}?x=1`, {
      method: 'POST',
      body: 'a=b',
      headers: { 'x-probe': 'yes' },
    });
    await fetch(`${authority.issuer}/elsewhere`);
    expect(authority.endpoints.token.requests).toMatchObject([
      {
        endpoint: 'token',
        method: 'POST',
        path: '/tenant/token?x=1',
        body: 'a=b',
        headers: { 'x-probe': 'yes' },
      },
    ]);
    expect(authority.requests.map((request) => request.endpoint)).toEqual(['token', 'other']);
    authority.clearRequests();
    expect(authority.requests).toEqual([]);
    expect(authority.endpoints.token.requests).toEqual([]);
  });

  test('takes only GET for a document, and no body without end', async () => {
    const posted = await fetch(authority.jwksUri, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const large = await fetch(authority.tokenEndpoint, { method: 'POST', body: 'x'.repeat(3_000_000) });
    expect(large.status).toBe(413);
  });
});
