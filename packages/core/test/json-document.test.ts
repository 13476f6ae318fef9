import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../src/document-error.ts';
import type { ExchangeOptions } from '../src/bounded-document.ts';
import { fetchJsonDocument } from '../src/json-document.ts';
import { startLoopbackServer, type Answer } from './loopback-server.ts';

async function failureOf(promise: Promise<unknown>): Promise<DocumentError> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof DocumentError) return outcome;
  throw new Error('expected a DocumentError', { cause: outcome });
}

async function get(answer: Answer, options?: ExchangeOptions) {
  const server = await startLoopbackServer(() => answer);
  return { server, document: fetchJsonDocument(`${server.origin}/document?key=value`, options) };
}

describe('fetchJsonDocument', () => {
  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/jwk-set+json'])(
    'takes %s',
    async (type) => {
      const { document } = await get({ body: '{"a":1}', headers: { 'content-type': type, etag: 'e' } });
      const { value, headers } = await document;
      expect(value).toEqual({ a: 1 });
      expect(headers.get('etag')).toBe('e');
    },
  );

  it('asks for JSON', async () => {
    const { server, document } = await get({ json: {} });
    await document;
    expect(server.requests[0]).toMatchObject({ method: 'GET', headers: { accept: 'application/json' } });
  });

  it.each<[string, Answer, object]>([
    ['a redirect', { status: 302, headers: { location: '/other' } }, { code: 'redirected', status: 302 }],
    ['404', { status: 404 }, { code: 'unexpected_status', status: 404 }],
    ['204', { status: 204 }, { code: 'unexpected_status', status: 204 }],
    ['M16: 206', { status: 206, json: {} }, { code: 'unexpected_status', status: 206 }],
    [
      '503 with a time to wait',
      { status: 503, headers: { 'retry-after': '30' } },
      { code: 'unexpected_status', retryAfterSeconds: 30 },
    ],
    [
      'M15: HTML',
      { body: '<p>', headers: { 'content-type': 'text/html' } },
      { code: 'unexpected_content_type', received: '"text/html"' },
    ],
    ['no content type', { body: '{}' }, { code: 'unexpected_content_type', received: 'no content type' }],
    ['M13: bad JSON', { body: '{', headers: { 'content-type': 'application/json' } }, { code: 'not_json' }],
    [
      'bad UTF-8',
      { body: Buffer.from('{"a":"\xff"}', 'latin1'), headers: { 'content-type': 'application/json' } },
      { code: 'not_json' },
    ],
    ['M13: an array', { json: [] }, { code: 'not_an_object' }],
    ['null', { json: null }, { code: 'not_an_object', received: 'null' }],
    ['M10: an oversize body', { json: 'x'.repeat(262_144) }, { code: 'too_large' }],
    [
      'M11: a compression bomb',
      {
        body: gzipSync(Buffer.alloc(20_000_000, ' ')),
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
      { code: 'too_large', expected: 'at most 262144 bytes' },
    ],
    ['a cut connection', (response) => response.destroy(), { code: 'unreachable' }],
    [
      'a truncated body',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{', () => response.destroy());
      },
      { code: 'unreachable' },
    ],
  ])('refuses %s', async (_, answer, expected) => {
    const { server, document } = await get(answer);
    const error = await failureOf(document);
    expect(error).toMatchObject(expected);
    expect(error.url).toBe(`${server.origin}/document`);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    'http://mcp.example.com/',
    'http://169.254.169.254/',
    'https://user:password@mcp.example.com/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'javascript:1',
    'blob:https://mcp.example.com/1',
    '/relative',
    '',
  ])('refuses to fetch %j at all', async (url) => {
    const fetch = () => Promise.reject(new Error('a request was made'));
    const error = await failureOf(fetchJsonDocument(url, { fetch }));
    expect(error.code).toBe('insecure_url');
    expect(error.message).not.toContain('password');
  });

  it('M12: bounds the time of the whole exchange, silent or slow', async () => {
    const silent = await get(() => undefined, { timeoutMilliseconds: 80 });
    expect(await failureOf(silent.document)).toMatchObject({
      code: 'timeout',
      expected: 'an answer within 80 ms',
    });
    const slow = await get(
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(drip));
      },
      { timeoutMilliseconds: 120 },
    );
    expect((await failureOf(slow.document)).code).toBe('timeout');
  });

  it('bounds the time even if fetch does not heed its signal', async () => {
    const never = () => new Promise<Response>(() => undefined);
    const document = fetchJsonDocument('https://mcp.example.com/', { fetch: never, timeoutMilliseconds: 30 });
    expect((await failureOf(document)).code).toBe('timeout');
  });

  it("rejects with the caller's reason when the caller leaves, before or during", async () => {
    const reason = new Error('the caller has left');
    const fetch = (_url: string, init: RequestInit) => globalThis.fetch(_url, init);
    const early = get({ json: {} }, { signal: AbortSignal.abort(reason), fetch });
    await expect((await early).document).rejects.toBe(reason);
    const caller = new AbortController();
    const late = await get(() => caller.abort(reason), { signal: caller.signal });
    await expect(late.document).rejects.toBe(reason);
  });

  it('names a network failure by its code', async () => {
    const fetch = () =>
      Promise.reject(
        new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      );
    const error = await failureOf(fetchJsonDocument('https://mcp.example.com/', { fetch }));
    expect(error.received).toBe('a network failure (ECONNREFUSED)');
    const { document } = await get((response) => response.destroy());
    expect((await failureOf(document)).received).toMatch(/^a network failure \([A-Z_]+\)$/);
  });

  it('quotes nothing of a document that is not JSON, neither in its message nor in a cause', async () => {
    const { document } = await get({
      body: 'canary \u001b[31m',
      headers: { 'content-type': 'application/json' },
    });
    const error = await failureOf(document);
    expect(`${error.message}${String(error.cause)}`).not.toContain('canary');
  });

  it('takes the time to wait from a date on the injected clock', async () => {
    const { document } = await get(
      { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' } },
      { now: () => 20_000 },
    );
    expect((await failureOf(document)).retryAfterSeconds).toBe(40);
  });
});
