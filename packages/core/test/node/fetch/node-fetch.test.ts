import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLoopbackServer, type Answer } from '../../loopback-server.ts';
import { openFetch, refusalOf, rejectionOf } from './open-fetch.ts';

const LOCAL = { allowLoopback: true };

describe('a request', () => {
  const form = new FormData();
  form.set('field', 'ü');

  it.each<[string, NonNullable<RequestInit['body']>, string, RegExp]>([
    ['a string', '{"a":"ü"}', 'text/plain;charset=UTF-8', /^\{"a":"ü"\}$/],
    ['bytes', new TextEncoder().encode('bytes'), '', /^bytes$/],
    ['an ArrayBuffer', Uint8Array.of(97, 98).buffer, '', /^ab$/],
    [
      'parameters',
      new URLSearchParams({ a: 'b c' }),
      'application/x-www-form-urlencoded;charset=UTF-8',
      /^a=b\+c$/,
    ],
    ['a Blob', new Blob(['blob'], { type: 'text/x-blob' }), 'text/x-blob', /^blob$/],
    ['a form', form, 'multipart/form-data; boundary=', /name="field"\r\n\r\nü\r\n/],
  ])('with %s goes with its length and content type', async (_, body, contentType, received) => {
    const server = await startLoopbackServer(() => ({ body: 'ok' }));
    expect((await openFetch(LOCAL)(server.origin, { method: 'POST', body })).status).toBe(200);
    const [request] = server.requests;
    expect(request?.body).toMatch(received);
    expect(request?.headers['content-type'] ?? '').toContain(contentType);
    expect(request?.headers['content-length']).toBe(String(Buffer.byteLength(request?.body ?? '')));
    expect(request?.headers['transfer-encoding']).toBeUndefined();
  });

  it.each(['POST', 'DELETE'])('with a stream goes piece by piece, by %s too', async (method) => {
    const server = await startLoopbackServer(() => ({ body: 'ok' }));
    const fetch = openFetch(LOCAL);
    const send = (body: ReadableStream): Promise<Response> =>
      fetch(server.origin, { method, body, duplex: 'half' });
    for (let call = 0; call < 2; call++) {
      expect(await (await send(new Blob(['one ', 'two']).stream())).text()).toBe('ok');
    }
    expect(server.requests.map(({ body }) => body)).toEqual(['one two', 'one two']);
    expect(server.requests[0]?.headers['transfer-encoding']).toBe('chunked');
    const failure = new Error('the stream broke');
    const broken = new ReadableStream({ pull: (controller) => controller.error(failure) });
    expect(await rejectionOf(send(broken))).toMatchObject({ message: 'fetch failed', cause: failure });
  });

  it('may be a Request, with its method, headers and body, which an init overrides', async () => {
    const server = await startLoopbackServer(() => ({ body: 'ok' }));
    const request = new Request(`${server.origin}/a?b#c`, {
      method: 'PUT',
      headers: { 'x-own': '1', authorization: 'old' },
      body: 'body',
    });
    const response = await openFetch(LOCAL)(request, { headers: { authorization: 'new' } });
    expect(response).toMatchObject({ url: `${server.origin}/a?b`, redirected: false });
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      url: '/a?b',
      body: 'body',
      headers: { authorization: 'new' },
    });
    expect(server.requests[0]?.headers['x-own']).toBeUndefined();
  });

  it('cannot set what belongs to the connection', async () => {
    const server = await startLoopbackServer(() => ({ body: 'ok' }));
    await openFetch(LOCAL)(server.origin, {
      method: 'POST',
      body: 'four',
      headers: {
        host: 'evil',
        'content-length': '1',
        connection: 'close',
        'accept-encoding': 'zstd',
        te: 'x',
      },
    });
    expect(server.requests[0]?.headers).toEqual({
      host: new URL(server.origin).host,
      'accept-encoding': 'identity',
      'content-length': '4',
      'content-type': 'text/plain;charset=UTF-8',
      connection: 'keep-alive',
      accept: '*/*',
      'user-agent': 'mcp-m2m',
    });
  });

  it('without a body has length zero where a body is expected', async () => {
    const server = await startLoopbackServer(() => ({ body: 'ok' }));
    await openFetch(LOCAL)(server.origin, { method: 'POST' });
    await openFetch(LOCAL)(server.origin);
    expect(server.requests.map(({ headers }) => headers['content-length'])).toEqual(['0', undefined]);
  });

  it.each(['file:///etc/passwd', 'data:application/json,{}', 'javascript:alert(1)', 'ftp://a/b', '/mcp', ''])(
    'M8: to %j is refused',
    async (url) => {
      expect((await refusalOf(openFetch(LOCAL)(url))).code).toBe('unsupported_url');
    },
  );

  it('with a password in its URL is refused, and the password is not shown', async () => {
    const error = await refusalOf(openFetch(LOCAL)('https://user:hush@mcp.example.com/'));
    expect(error.code).toBe('unsupported_url');
    expect(String(error.stack)).not.toContain('hush');
  });

  it('uses a connection again', async () => {
    const ports = new Set<unknown>();
    const server = await startLoopbackServer(() => (response) => {
      ports.add(response.socket?.remotePort);
      response.end('ok');
    });
    const fetch = openFetch(LOCAL);
    for (let call = 0; call < 5; call++) await (await fetch(server.origin)).text();
    expect(ports.size).toBe(1);
  });

  it('without effects is sent again where a kept connection was just closed, any other is not', async () => {
    const { origin, methods } = await startForgetfulServer();
    const fetch = openFetch(LOCAL);
    await (await fetch(origin)).text();
    expect(await (await fetch(origin)).text()).toBe('ok');
    expect(methods).toEqual(['GET', 'GET', 'GET']);
    expect(await rejectionOf(fetch(origin, { method: 'POST' }))).toMatchObject({
      message: 'fetch failed',
      cause: { code: 'ECONNRESET' },
    });
    expect(methods).toEqual(['GET', 'GET', 'GET', 'POST']);
  });
});

describe('an answer', () => {
  it('is handed on with status, headers and body', async () => {
    const server = await startLoopbackServer(() => ({
      status: 418,
      headers: { 'www-authenticate': ['Bearer a="1"', 'DPoP b="2"'], 'set-cookie': ['a=1', 'b=2'] },
      body: 'short',
    }));
    const response = await openFetch(LOCAL)(server.origin);
    expect([response.status, response.statusText, await response.text()]).toEqual([
      418,
      "I'm a Teapot",
      'short',
    ]);
    expect(response.headers.get('www-authenticate')).toBe('Bearer a="1", DPoP b="2"');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('is read as it comes: server-sent events', async () => {
    let send: (text: string) => void = () => undefined;
    const closed = Promise.withResolvers<void>();
    const server = await startLoopbackServer(() => (response) => {
      response.once('close', closed.resolve).writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      send = (text) => void response.write(text);
    });
    const response = await openFetch(LOCAL)(server.origin);
    const reader = (response.body as ReadableStream<Uint8Array>)
      .pipeThrough(new TextDecoderStream())
      .getReader();
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      send(event);
      expect(await reader.read()).toEqual({ done: false, value: event });
    }
    await reader.cancel();
    await closed.promise;
  });

  it.each([204, 205, 304])('of status %i has no body, and its connection is used again', async (status) => {
    const server = await startLoopbackServer(() => ({ status }));
    const fetch = openFetch(LOCAL);
    expect([(await fetch(server.origin)).body, (await fetch(server.origin)).status]).toEqual([null, status]);
  });

  it('to HEAD has no body', async () => {
    const server = await startLoopbackServer(() => ({
      headers: { 'content-length': 7, 'content-encoding': 'x' },
    }));
    const response = await openFetch(LOCAL)(server.origin, { method: 'HEAD' });
    expect([response.body, response.headers.get('content-length')]).toEqual([null, '7']);
  });

  it.each<[string, Answer]>([
    [
      'T19: that is cut off',
      (response) =>
        void response.writeHead(200, { 'content-length': 99 }).write('a', () => response.destroy()),
    ],
    [
      'T19: cut between its chunks',
      (response) => void response.writeHead(200).write('a', () => response.destroy()),
    ],
    [
      'that is cut within its coding',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync('whole').subarray(0, 12) },
    ],
  ])('%s fails where it is read', async (_, answer) => {
    const server = await startLoopbackServer(() => answer);
    const response = await openFetch(LOCAL)(server.origin);
    expect(await rejectionOf(response.text())).toMatchObject({
      code: expect.stringMatching(/^(?:ECONNRESET|Z_BUF_ERROR)$/) as string,
    });
  });

  it.each([
    ['a status that is none', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`],
    ['nothing', ''],
  ])('with %s is a failed fetch', async (_, text) => {
    const server = createTcpServer(
      (socket) => void socket.on('error', () => undefined).once('data', () => socket.end(text)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const error = await rejectionOf(openFetch(LOCAL)(`http://127.0.0.1:${port}`));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe('fetch failed');
  });
});

/** Keeps connections open after the first answer, and closes each when its second request comes. */
async function startForgetfulServer(): Promise<{ origin: string; methods: string[] }> {
  const methods: string[] = [];
  const server = createTcpServer((socket) => {
    let requests = 0;
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        methods.push(data.toString('latin1').split(' ', 1)[0] ?? '');
        if (++requests > 1) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, methods };
}
