import { describe, expect, it } from 'vitest';
import { createScene, inPieces, LIST_TOOLS, toolCall, type Scene } from './scene.ts';

const MEBIBYTE = 1_048_576;

async function refusalOf({ auth, decisions }: Scene, request: Request): Promise<readonly unknown[]> {
  const result = await auth.protect(request);
  return [result.ok ? 200 : result.response.status, decisions.at(-1)?.reason];
}

/** As a server's runtime frames a body. */
const framed = (body: string): { body: string; headers: Record<string, string> } => ({
  body,
  headers: { 'content-length': String(Buffer.byteLength(body)) },
});

describe.each<[string, (body: string) => object]>([
  ['with its length', framed],
  ['in pieces', (body) => inPieces(...(body.match(/.{1,65536}/gs) ?? []))],
])('a body %s', (_, init) => {
  it.each([
    ['broken JSON', '{"jsonrpc":"2.0"'],
    ['a byte order mark', `\uFEFF${JSON.stringify(LIST_TOOLS)}`],
    ['two messages in a row', `${JSON.stringify(LIST_TOOLS)}${JSON.stringify(LIST_TOOLS)}`],
  ])('is refused when it is %s', async (_name, body) => {
    const scene = await createScene();
    expect(await refusalOf(scene, scene.requestOf('nightly', init(body)))).toEqual([400, 'body_not_json']);
  });

  it('is refused beyond 4 MiB', async () => {
    const scene = await createScene();
    const body = JSON.stringify(toolCall('whoami', { text: 'x'.repeat(5 * MEBIBYTE) }));
    expect(await refusalOf(scene, scene.requestOf('nightly', init(body)))).toEqual([413, 'body_too_large']);
  });

  it('may be almost 4 MiB, and is read again to the byte', async () => {
    const scene = await createScene();
    const body = JSON.stringify(toolCall('whoami', { text: 'ü'.repeat(2 * MEBIBYTE - 100) }));
    const serve = scene.auth.protectHandler(async (request) => new Response(await request.text()));
    expect((await (await serve(scene.requestOf('nightly', init(body)))).text()) === body).toBe(true);
  });

  it('may be empty, and then the request needs the base scopes', async () => {
    const scene = await createScene();
    const serve = scene.auth.protectHandler(async (request, { parsedBody }) =>
      Response.json({ parsedBody, text: await request.text() }),
    );
    expect(await (await serve(scene.requestOf('nightly', init('')))).json()).toEqual({ text: '' });
    const powerless = { authorization: `Bearer ${scene.authority.mint({ scope: 'other' })}` };
    expect(await refusalOf(scene, scene.requestOf('nightly', { ...init(''), headers: powerless }))).toEqual([
      403,
      'scope_insufficient',
    ]);
  });
});

describe('a body', () => {
  it('that is longer than it says is refused all the same', async () => {
    const scene = await createScene();
    const body = JSON.stringify(toolCall('whoami', { text: 'x'.repeat(5 * MEBIBYTE) }));
    for (const length of ['5', '-1', 'many', '']) {
      const request = scene.requestOf('nightly', { body, headers: { 'content-length': length } });
      expect(await refusalOf(scene, request)).toEqual([413, 'body_too_large']);
    }
  });

  it.each([
    ['', {}],
    [', whatever length it says it has', { 'transfer-encoding': 'chunked', 'content-length': '2' }],
  ])('without end is read no further than 4 MiB, and not cancelled%s', async (_, headers) => {
    const scene = await createScene();
    const seen = { pulled: 0, cancelled: false };
    const body = new ReadableStream({
      pull: (controller) => {
        seen.pulled++;
        controller.enqueue(new Uint8Array(MEBIBYTE).fill(0x20));
      },
      cancel: () => {
        seen.cancelled = true;
      },
    });
    const request = scene.requestOf('nightly', { body, duplex: 'half', headers } as object);
    expect(await refusalOf(scene, request)).toEqual([413, 'body_too_large']);
    expect(seen.pulled).toBeLessThan(8);
    expect(seen.cancelled).toBe(false);
  });

  it('that breaks off is refused', async () => {
    const scene = await createScene();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc"')),
      pull: (controller) => controller.error(new Error('the client left')),
    });
    const request = scene.requestOf('nightly', { body, duplex: 'half' } as object);
    expect(await refusalOf(scene, request)).toEqual([400, 'body_not_json']);
  });

  it('that somebody else is reading is refused', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    request.body?.getReader();
    expect(await refusalOf(scene, request)).toEqual([400, 'body_not_json']);
  });

  it('is not asked for before the caller is known', async () => {
    const { auth } = await createScene();
    const request = new Request('https://mcp.example.com/mcp', { method: 'POST', body: '{"broken' });
    expect((await auth.protect(request)).ok).toBe(false);
    expect(request.bodyUsed).toBe(false);
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])(
    'is judged whatever the method: %s',
    async (method) => {
      const scene = await createScene();
      const body = JSON.stringify(toolCall('start_deployment'));
      const request = scene.requestOf('nightly', { method, body });
      expect(await refusalOf(scene, request)).toEqual([403, 'scope_insufficient']);
    },
  );

  it.each(['GET', 'HEAD'])('of a %s, where a runtime lets one pass, is judged too', async (method) => {
    const scene = await createScene();
    const withMethod = (body: object): Request => {
      const request = scene.requestOf('nightly', { json: body });
      return Object.defineProperty(request, 'method', { value: method });
    };
    expect(await refusalOf(scene, withMethod(toolCall('start_deployment')))).toEqual([
      403,
      'scope_insufficient',
    ]);
    const result = await scene.auth.protect(withMethod(LIST_TOOLS));
    expect(result).toMatchObject({ ok: true, parsedBody: LIST_TOOLS });
    expect(result.ok && result.request.body).toBeNull();
  });

  it.each([
    ['content-encoding', 'gzip', 400],
    ['content-type', 'application/json; charset=utf-16', 400],
    ['content-type', 'text/plain', 415],
    ['content-type', 'application/json, text/plain', 415],
  ])('with %s: %s is %i', async (name, value, status) => {
    const scene = await createScene();
    const request = scene.requestOf('nightly', { headers: { [name]: value } });
    expect((await refusalOf(scene, request))[0]).toBe(status);
  });

  it('of a form with a second token is 400', async () => {
    const scene = await createScene();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = scene.requestOf('nightly', { body: 'access_token=x', headers });
    expect(await refusalOf(scene, request)).toEqual([400, 'credentials_repeated']);
  });
});

describe('the request that came', () => {
  it('has its body back, whole and once, by every way there is to read it', async () => {
    const scene = await createScene();
    const text = JSON.stringify(LIST_TOOLS);
    const read: Record<string, (request: Request) => Promise<unknown>> = {
      text: (request) => request.text(),
      json: async (request) => JSON.stringify(await request.json()),
      arrayBuffer: async (request) => new TextDecoder().decode(await request.arrayBuffer()),
      bytes: async (request) => new TextDecoder().decode(await request.bytes()),
      blob: async (request) => (await request.blob()).text(),
      body: (request) => new Response(request.body).text(),
      clone: (request) => request.clone().text(),
    };
    for (const [name, way] of Object.entries(read)) {
      const request = scene.requestOf('nightly');
      expect((await scene.auth.protect(request)).ok).toBe(true);
      expect(request.bodyUsed).toBe(false);
      expect([name, await way(request)]).toEqual([name, text]);
      expect(request.bodyUsed).toBe(name !== 'clone');
      const again = await request.text().catch((error: unknown) => (error as Error).name);
      expect(again).toEqual(name === 'clone' ? text : 'TypeError');
    }
  });

  it('stays what it is, with what a framework has added to it', async () => {
    class FrameworkRequest extends Request {
      readonly country = 'ch';
      get path(): string {
        return new URL(this.url).pathname;
      }
    }
    const scene = await createScene();
    const request = new FrameworkRequest(scene.requestOf('nightly'));
    const { headers, signal, url } = request;
    expect((await scene.auth.protect(request)).ok).toBe(true);
    expect(request).toBeInstanceOf(FrameworkRequest);
    expect([request.country, request.path, request.method]).toEqual(['ch', '/mcp', 'POST']);
    expect([request.headers, request.signal, request.url]).toEqual([headers, signal, url]);
    expect(await request.json()).toEqual(LIST_TOOLS);
  });

  it('cannot be taken for a request that nobody has read', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    expect((await scene.auth.protect(request)).ok).toBe(true);
    expect(() => new Request(request)).toThrow(TypeError);
  });

  it('may pass twice, and is judged by the same value', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    const serve = scene.auth.protectHandler(
      scene.auth.protectHandler(async (inner) => new Response(await inner.text())),
    );
    expect(await (await serve(request)).json()).toEqual(LIST_TOOLS);
    expect(scene.decisions.map(({ operations }) => operations)).toEqual([['tools/list'], ['tools/list']]);
  });

  it('shares nothing with requests that come after it', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    expect((await scene.auth.protect(request)).ok).toBe(true);
    const other = scene.requestOf('other', { body: 'its own' });
    expect([await other.text(), other.bodyUsed, request.bodyUsed]).toEqual(['its own', true, false]);
  });
});

describe('the rebuilt request', () => {
  it('is a Request to hand on: same URL, method, headers and bytes', async () => {
    const scene = await createScene();
    const pieces = ['{"jsonrpc":"2.0",', ' "id":1, "method":"ping"}'];
    const init = { ...inPieces(...pieces), headers: { 'x-own': 'ü' } };
    const request = scene.requestOf('nightly', { url: 'http://localhost:1/mcp?x=1', ...init });
    const result = await scene.auth.protect(request);
    if (!result.ok) throw new Error('refused');
    const handed = new Request(result.request);
    expect([handed.url, handed.method]).toEqual(['http://localhost:1/mcp?x=1', 'POST']);
    expect(handed.headers.get('x-own')).toBe('ü');
    expect(handed.headers.get('content-length')).toBe(String(pieces.join('').length));
    expect(await handed.text()).toBe(pieces.join(''));
  });

  it('is made once', async () => {
    const scene = await createScene();
    const result = await scene.auth.protect(scene.requestOf('nightly'));
    expect(result.ok && result.request === result.request).toBe(true);
  });

  it('ends with the request that came', async () => {
    const scene = await createScene();
    const left = new AbortController();
    const result = await scene.auth.protect(scene.requestOf('nightly', { signal: left.signal }));
    if (!result.ok) throw new Error('refused');
    expect(result.request.signal.aborted).toBe(false);
    left.abort();
    expect(result.request.signal.aborted).toBe(true);
  });
});

describe('a body that somebody has parsed', () => {
  async function parseJson(scene: Scene, json: object): Promise<{ request: Request; parsedBody: unknown }> {
    const request = scene.requestOf('nightly', { json, headers: { 'content-length': '9999' } });
    return { request, parsedBody: await request.json() };
  }

  it('is judged, and is the body of the request from then on', async () => {
    const scene = await createScene();
    const { request, parsedBody } = await parseJson(scene, LIST_TOOLS);
    const result = await scene.auth.protect(request, { parsedBody });
    if (!result.ok) throw new Error('refused');
    expect(result.parsedBody).toBe(parsedBody);
    expect(result.request.headers.get('content-length')).toBe(String(JSON.stringify(LIST_TOOLS).length));
    expect(await request.json()).toEqual(LIST_TOOLS);
    const other = await parseJson(scene, toolCall('start_deployment'));
    const refused = await scene.auth.protect(other.request, { parsedBody: other.parsedBody });
    expect(refused.ok ? 200 : refused.response.status).toBe(403);
  });

  it('is missed where it was read and not handed on', async () => {
    const scene = await createScene();
    const { request } = await parseJson(scene, LIST_TOOLS);
    expect(await refusalOf(scene, request)).toEqual([400, 'body_not_json']);
  });

  it('is not believed where nobody read the request', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly', { json: toolCall('start_deployment') });
    const result = await scene.auth.protect(request, { parsedBody: LIST_TOOLS });
    expect(result.ok ? 200 : result.response.status).toBe(403);
  });

  it.each([
    ['with a second token', 'access_token=x', [400, 'credentials_repeated']],
    ['without one', 'jsonrpc=2.0', [415, 'media_type_not_supported']],
  ])('is refused where it was a form, %s', async (_, body, expected) => {
    const scene = await createScene();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const parsers = [
      (request: Request) => request.formData(),
      async (request: Request) => Object.fromEntries(new URLSearchParams(await request.text())),
    ];
    for (const parse of parsers) {
      const request = scene.requestOf('nightly', { body, headers });
      const result = await scene.auth.protect(request, { parsedBody: await parse(request) });
      expect([!result.ok && result.response.status, scene.decisions.at(-1)?.reason]).toEqual(expected);
    }
  });
});
