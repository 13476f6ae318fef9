import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTestAuthority } from '@mcp-m2m/testing';
import express, { type RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './authority.ts';
import {
  LIST_TOOLS,
  RESOURCE,
  send,
  startProtectedApp,
  toolCall,
  type ProtectedApp,
  type ProtectedAppOptions,
} from './protected-app.ts';

const authority = await createAuthority();

/** Answers with what a handler finds in `req.body` and, where it can still be read, in the stream. */
const echo: RequestHandler = (request, response, next) => {
  const answer = (stream: string) => response.json({ body: request.body as unknown, stream });
  text(request).then(answer).catch(next);
};

function startApp(mount: ProtectedAppOptions['mount']): Promise<ProtectedApp> {
  const options = { authorizationServers: [authority.issuer], now: authority.now };
  return startProtectedApp(mount === undefined ? options : { ...options, mount });
}
const startEcho = (...before: RequestHandler[]): Promise<ProtectedApp> =>
  startApp((server, auth) => server.all('/mcp', ...before, auth.protect(), echo));

const bearer = (): string => `Bearer ${authority.mint()}`;
const inPieces = (...pieces: readonly string[]): RequestInit => ({
  body: ReadableStream.from(pieces.map((piece) => Buffer.from(piece))),
  duplex: 'half',
});

describe('a body that nobody has parsed', () => {
  it('is parsed into req.body and put back into the stream', async () => {
    await using app = await startEcho();
    const answer = await send(app, bearer());
    expect(await answer.json()).toEqual({ body: LIST_TOOLS, stream: JSON.stringify(LIST_TOOLS) });
  });

  it('is put back when it comes in chunks, split inside a character', async () => {
    await using app = await startEcho();
    const message = Buffer.from(JSON.stringify(toolCall('whoami', { text: 'über' })));
    const split = message.indexOf(0xbc);
    const init = {
      body: ReadableStream.from([message.subarray(0, split), message.subarray(split)]),
      duplex: 'half',
    };
    const answer = await send(app, bearer(), undefined, init as RequestInit);
    expect(await answer.json()).toEqual({ body: JSON.parse(message.toString()), stream: message.toString() });
  });

  it('is put back whole when it is a megabyte', async () => {
    await using app = await startEcho();
    const message = toolCall('whoami', { text: 'x'.repeat(1_000_000) });
    expect(await (await send(app, bearer(), message)).json()).toEqual({
      body: message,
      stream: JSON.stringify(message),
    });
  });

  it('is found by a handler that listens for events', async () => {
    await using app = await startApp((server, auth) =>
      server.all('/mcp', auth.protect(), (request, response) => {
        let size = 0;
        request.on('data', (chunk: Buffer) => (size += chunk.length)).on('end', () => response.json(size));
      }),
    );
    expect(await (await send(app, bearer())).json()).toBe(JSON.stringify(LIST_TOOLS).length);
  });

  it.each([
    ['with Content-Length: 0', { body: '' }],
    ['in chunks', inPieces()],
  ])('may be empty, %s: the request needs the base scopes and its end is still heard', async (_, init) => {
    await using app = await startApp((server, auth) =>
      server.all('/mcp', auth.protect(), (request, response) => {
        request.on('data', () => undefined).on('end', () => response.json({ body: request.body as unknown }));
      }),
    );
    expect(await (await send(app, bearer(), undefined, init)).json()).toEqual({});
    const powerless = `Bearer ${authority.mint({ scope: 'other' })}`;
    expect((await send(app, powerless, undefined, { body: '' })).status).toBe(403);
  });

  it.each([
    ['broken JSON', '{"jsonrpc":"2.0"'],
    ['a byte order mark', `\ufeff${JSON.stringify(LIST_TOOLS)}`],
    ['two messages in a row', `${JSON.stringify(LIST_TOOLS)}${JSON.stringify(LIST_TOOLS)}`],
  ])('is 400 with JSON-RPC’s parse error when it is %s', async (_, body) => {
    await using app = await startApp(undefined);
    const response = await send(app, bearer(), undefined, { body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32700 } });
    expect(app.decisions.at(-1)).toMatchObject({
      reason: 'body_not_json',
      status: 400,
      clientId: 'test-client',
    });
    expect(app.callers).toEqual([]);
  });

  it.each([
    ['no JSON-RPC', { hello: 'world' }],
    ['a text', 'tools/list'],
    ['null', null],
    ['an empty batch', []],
    ['a batch of 101', Array.from({ length: 101 }, () => LIST_TOOLS)],
    ['a batch with rubbish in it', [LIST_TOOLS, 7]],
    ['a tool call without a name', { ...LIST_TOOLS, method: 'tools/call' }],
    [
      'a tool call with a list of names',
      { ...LIST_TOOLS, method: 'tools/call', params: { name: ['whoami'] } },
    ],
    ['a method that is no text', { ...LIST_TOOLS, method: ['tools/call'] }],
  ])('is 400 with JSON-RPC’s invalid request when it is %s', async (_, body) => {
    await using app = await startApp(undefined);
    const response = await send(app, bearer(), body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32600 } });
    expect(app.callers).toEqual([]);
  });

  it.each([
    ['declared', (body: string): RequestInit => ({ body })],
    ['in chunks of unknown length', (body: string) => inPieces(...(body.match(/.{1,65536}/gs) ?? []))],
  ])('is 413 beyond 4 MiB, %s', async (_, init) => {
    await using app = await startApp(undefined);
    const message = JSON.stringify(toolCall('whoami', { text: 'x'.repeat(5_000_000) }));
    const response = await send(app, bearer(), undefined, init(message));
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).toBe('close');
    expect(app.decisions.at(-1)).toMatchObject({ reason: 'body_too_large', status: 413 });
    expect(app.callers).toEqual([]);
  });

  it('is not looked at before the caller is known', async () => {
    await using app = await startApp(undefined);
    const refused = await send(app, undefined, undefined, { body: '{"broken' });
    expect([refused.status, app.decisions.at(-1)?.reason]).toEqual([401, 'credentials_missing']);
  });
});

describe('the value that is judged', () => {
  /** In UTF-7 `+ACI-` is a quotation mark: a decoder of that charset reads another tool's name here. */
  const polyglot =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{"x":"+ACIAfQB9-' +
    ',+ACI-params+ACI-:{+ACI-name+ACI-:+ACI-start_deployment+ACI-,+ACI-y+ACI-:{+ACI-z+ACI-:+ACI-"}}}';

  it.each([
    'application/json; charset=utf-7',
    'application/json;charset="UTF-7"',
    'application/json; charset = utf-7',
    'application/json; charset=utf-8x',
    'application/json; x=1; charset=utf-16le',
    'application/json; charset=utf-8; charset=utf-7',
  ])('is the value that a later parser finds: %s is refused', async (contentType) => {
    await using app = await startApp((server, auth) =>
      server.all('/mcp', auth.protect(), express.json(), echo),
    );
    const headers = { 'content-type': contentType };
    const response = await send(app, bearer(), undefined, { body: polyglot, headers });
    expect([response.status, app.decisions.at(-1)?.reason]).toEqual([400, 'body_not_json']);
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; charset= utf8',
  ])('may be declared as what it is: %s', async (contentType) => {
    await using app = await startEcho();
    const response = await send(app, bearer(), undefined, {
      body: JSON.stringify(LIST_TOOLS),
      headers: { 'content-type': contentType },
    });
    expect(response.status).toBe(200);
  });

  it.each(['gzip', 'br', 'deflate', 'x-anything'])(
    'is never behind a content encoding: %s is refused',
    async (encoding) => {
      await using app = await startApp((server, auth) =>
        server.all('/mcp', auth.protect(), express.json(), echo),
      );
      const response = await send(app, bearer(), LIST_TOOLS, { headers: { 'content-encoding': encoding } });
      expect([response.status, app.decisions.at(-1)?.reason]).toEqual([400, 'body_not_json']);
    },
  );

  it('is the one express.json() parsed, when that came before', async () => {
    await using app = await startEcho(express.json());
    expect(await (await send(app, bearer())).json()).toEqual({ body: LIST_TOOLS, stream: '' });
    const call = toolCall('start_deployment', { service: 'web' });
    expect((await send(app, bearer(), call)).status).toBe(403);
  });

  it('is the same for express.json() behind protect()', async () => {
    await using app = await startApp((server, auth) =>
      server.all('/mcp', auth.protect(), express.json(), echo),
    );
    expect(await (await send(app, bearer())).json()).toEqual({ body: LIST_TOOLS, stream: '' });
  });

  it('is the last of two members with one name, as for every handler behind', async () => {
    await using app = await startEcho();
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"start_deployment"}}';
    expect((await send(app, bearer(), undefined, { body })).status).toBe(403);
  });

  it('is every member of a batch', async () => {
    await using app = await startEcho();
    const batch = [LIST_TOOLS, toolCall('start_deployment', { service: 'web' })];
    const response = await send(app, bearer(), batch);
    expect(response.status).toBe(403);
    expect(await response.json()).not.toHaveProperty('id');
  });
});

describe('a client that disconnects', () => {
  const decisionCount = (app: ProtectedApp, count: number) =>
    expect.poll(() => app.decisions.length, { timeout: 3000 }).toBe(count);
  const requestHead = () =>
    ['POST /mcp HTTP/1.1', 'Host: x', 'Content-Type: application/json', `Authorization: ${bearer()}`].join(
      '\r\n',
    );

  it('in the middle of its body is refused, and the server goes on', async () => {
    await using app = await startApp(undefined);
    const keyFetches = authority.endpoints.jwks.requests.length;
    const socket = connect(app.port, '127.0.0.1');
    socket.write(`${requestHead()}\r\nContent-Length: 100\r\n\r\n{"jsonrpc"`);
    await expect
      .poll(() => authority.endpoints.jwks.requests.length, { timeout: 3000 })
      .toBeGreaterThan(keyFetches);
    expect((await send(app, undefined)).status).toBe(401);
    socket.destroy();
    await decisionCount(app, 2);
    expect(app.decisions.at(-1)).toMatchObject({ outcome: 'refused', reason: 'body_not_json' });
    expect((await send(app, bearer())).status).toBe(200);
    expect(app.callers).toHaveLength(1);
  });

  it('while its token is verified leaves nothing pending', async () => {
    await using slow = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
    await using app = await startProtectedApp({ authorizationServers: [slow.issuer] });
    const release = slow.endpoints.jwks.hold();
    const socket = connect(app.port, '127.0.0.1');
    const head = requestHead().replace(/Bearer .*/, `Bearer ${slow.mint()}`);
    socket.write(`${head}\r\nContent-Length: 100\r\n\r\n{"jsonrpc"`);
    await expect.poll(() => slow.endpoints.jwks.requests.length, { timeout: 3000 }).toBe(1);
    socket.destroy();
    // The server has seen the end of the first connection once it answers on a second one.
    expect((await send(app, undefined)).status).toBe(401);
    release();
    await decisionCount(app, 2);
    expect(app.decisions.at(-1)).toMatchObject({ outcome: 'refused', reason: 'body_not_json' });
    expect(app.callers).toEqual([]);
  });
});

describe('a parsed body that did not come from the stream', () => {
  const plant = (planted: unknown): RequestHandler => {
    return (request, _response, next) => {
      request.body = planted;
      next();
    };
  };

  it.each([
    ['a response, which needs the base scopes alone', { result: null }],
    ['what body parsers of Express 4 leave for other media types', {}],
  ])('is not believed: %s', async (_, planted) => {
    await using app = await startApp((router, auth, mcpHandler) =>
      router.all('/mcp', plant(planted), auth.protect(), mcpHandler),
    );
    expect((await send(app, bearer(), toolCall('start_deployment'))).status).toBe(403);
    expect((await send(app, bearer())).status).toBe(200);
  });

  it('is missed where somebody read the stream and kept it', async () => {
    const swallow: RequestHandler = (request, _response, next) => {
      request.resume().once('end', () => next());
    };
    await using app = await startApp((router, auth, mcpHandler) =>
      router.all('/mcp', swallow, auth.protect(), mcpHandler),
    );
    expect((await send(app, bearer())).status).toBe(400);
    expect(app.decisions.at(-1)?.reason).toBe('body_not_json');
  });
});

describe('a form that express.urlencoded() has parsed', () => {
  it.each([
    ['with a second token', 'access_token=x&method=tools/list', 400, 'credentials_repeated'],
    ['without one', 'jsonrpc=2.0&method=tools/list', 415, 'media_type_not_supported'],
  ])('is refused as one that nobody has parsed, %s', async (_, body, status, reason) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers: unknown[] = [];
    for (const before of [[], [express.urlencoded({ extended: true })], [express.urlencoded()]]) {
      await using app = await startEcho(...before);
      const response = await send(app, bearer(), undefined, { body, headers });
      expect([response.status, app.decisions.at(-1)?.reason]).toEqual([status, reason]);
      answers.push([response.headers.get('www-authenticate'), await response.text()]);
    }
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
  });
});
