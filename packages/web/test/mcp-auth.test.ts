import { createHash, randomBytes } from 'node:crypto';
import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import type { ProtectedRequest } from '@mcp-m2m/web';
import { describe, expect, it } from 'vitest';
import { createScene, LIST_TOOLS, RESOURCE, toolCall, type Scene } from './scene.ts';

async function pass({ auth }: Scene, request: Request): Promise<ProtectedRequest> {
  const result = await auth.protect(request);
  if (!result.ok) throw new Error(`refused: ${await result.response.text()}`);
  return result;
}

async function statusOf({ auth }: Scene, request: Request): Promise<number> {
  const result = await auth.protect(request);
  return result.ok ? 200 : result.response.status;
}

describe('protect()', () => {
  it('gives the caller, the headers, the request and the value that was judged', async () => {
    const scene = await createScene();
    const result = await pass(scene, scene.requestOf('nightly'));
    expect(result).toMatchObject({ ok: true, headers: {}, parsedBody: LIST_TOOLS });
    expect(result.caller).toMatchObject({ kind: 'machine', clientId: 'nightly', scopes: ['deploy:read'] });
    expect(await result.request.json()).toEqual(LIST_TOOLS);
  });

  it('gives a response to answer with, where the request must not be served', async () => {
    const { auth } = await createScene();
    const result = await auth.protect(new Request(RESOURCE, { method: 'POST', body: '{"broken' }));
    expect(result).toEqual({ ok: false, response: expect.any(Response) });
    if (result.ok) return;
    expect(result.response.status).toBe(401);
    expect(result.response.headers.get('www-authenticate')).toContain('Bearer scope="deploy:read"');
    expect(result.response.headers.get('content-type')).toBe('application/json');
  });

  it('judges what the body asks for', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly', { json: toolCall('start_deployment') });
    expect(await statusOf(scene, request)).toBe(403);
    expect(scene.decisions.at(-1)?.operations).toEqual(['tools/call start_deployment']);
  });

  it.each(['GET', 'DELETE', 'HEAD'])('asks a %s for the base scopes alone', async (method) => {
    const scene = await createScene();
    const request = scene.requestOf('nightly', { method });
    const result = await pass(scene, request);
    expect(result.parsedBody).toBeUndefined();
    expect(result.request).toBe(request);
    const authorization = `Bearer ${scene.authority.mint({ scope: 'other' })}`;
    expect(await statusOf(scene, new Request(RESOURCE, { method, headers: { authorization } }))).toBe(403);
  });

  it('answers a preflight without credentials and without a body', async () => {
    const { auth, decisions } = await createScene();
    const headers = { 'access-control-request-method': 'POST' };
    const result = await auth.protect(new Request(RESOURCE, { method: 'OPTIONS', headers }));
    if (result.ok) throw new Error('passed');
    expect([result.response.status, result.response.body]).toEqual([204, null]);
    expect(result.response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(decisions).toEqual([]);
  });

  it('H2: refuses several Authorization headers, which arrive joined', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    request.headers.append('authorization', 'Bearer other');
    expect(await statusOf(scene, request)).toBe(400);
  });

  it('H10: does not look at a token in the query', async () => {
    const { auth, authority } = await createScene();
    const url = `${RESOURCE}?access_token=${authority.mint()}`;
    const result = await auth.protect(new Request(url, { method: 'POST', body: '{}' }));
    expect(result.ok ? 200 : result.response.status).toBe(401);
  });
});

describe('the URL of a request', () => {
  async function prove({ authority }: Scene, url: string, htu: string): Promise<Request> {
    const key = await generateDpopKey();
    const accessToken = authority.mint({ cnf: { jkt: key.thumbprint } });
    const dpop = createDpopProof({ key, method: 'POST', url: htu, accessToken, now: authority.now });
    const headers = { authorization: `DPoP ${accessToken}`, dpop, 'content-type': 'application/json' };
    return new Request(url, { method: 'POST', body: JSON.stringify(LIST_TOOLS), headers });
  }

  it.each([
    ['http://127.0.0.1:8080/mcp', RESOURCE],
    ['https://evil.example/mcp', RESOURCE],
    ['https://mcp.example.com/mcp#/fragment', RESOURCE],
    ['http://localhost/mcp?tenant=1#x', RESOURCE],
    ['http://localhost/a%2Fb', 'https://mcp.example.com/a%2Fb'],
    ['http://localhost', 'https://mcp.example.com/'],
    ['http://localhost//mcp', 'https://mcp.example.com//mcp'],
  ])('D14: counts by its path alone: %s is %s', async (url, htu) => {
    const scene = await createScene();
    expect(await statusOf(scene, await prove(scene, url, htu))).toBe(200);
  });

  it.each([
    ['https://evil.example/mcp', 'https://evil.example/mcp'],
    ['http://localhost/other', RESOURCE],
    ['http://localhost//mcp', RESOURCE],
    ['http://localhost/MCP', RESOURCE],
  ])('D14: never by the host it names: %s is not %s', async (url, htu) => {
    const scene = await createScene();
    expect(await statusOf(scene, await prove(scene, url, htu))).toBe(401);
  });
});

describe('a client certificate', () => {
  it('C36: is none unless protect() is told of one', async () => {
    const scene = await createScene({ clientCertificate: { from: 'socket' } });
    const der = randomBytes(300);
    const thumbprint = createHash('sha256').update(der).digest('base64url');
    const authorization = `Bearer ${scene.authority.mint({ cnf: { 'x5t#S256': thumbprint } })}`;
    const statusWith = async (clientCertificate?: Uint8Array): Promise<number> => {
      const request = scene.requestOf('nightly', { headers: { authorization } });
      const result = await scene.auth.protect(request, { clientCertificate });
      return result.ok ? 200 : result.response.status;
    };
    expect(await statusWith()).toBe(401);
    expect(await statusWith(randomBytes(300))).toBe(401);
    expect(await statusWith(der)).toBe(200);
  });

  it('may come in a header that a proxy sets, of which there is one', async () => {
    const scene = await createScene({ clientCertificate: { from: 'header' } });
    const der = randomBytes(300);
    const thumbprint = createHash('sha256').update(der).digest('base64url');
    const authorization = `Bearer ${scene.authority.mint({ cnf: { 'x5t#S256': thumbprint } })}`;
    const headers = { authorization, 'client-cert': `:${der.toString('base64')}:` };
    const single = scene.requestOf('nightly', { headers });
    const double = scene.requestOf('nightly', { headers });
    double.headers.append('client-cert', headers['client-cert']);
    expect([await statusOf(scene, single), await statusOf(scene, double)]).toEqual([200, 401]);
  });
});

describe('protectHandler()', () => {
  it('calls the handler with the caller and the body, by the names that the SDK reads', async () => {
    const scene = await createScene();
    const serve = scene.auth.protectHandler(async (request, { authInfo, parsedBody }) =>
      Response.json([authInfo.clientId, parsedBody, await request.json(), request.bodyUsed]),
    );
    const response = await serve(scene.requestOf('nightly'));
    expect(await response.json()).toEqual(['nightly', LIST_TOOLS, LIST_TOOLS, true]);
  });

  it('passes on what the runtime passes beside the request', async () => {
    const scene = await createScene();
    const serve = scene.auth.protectHandler(
      (_request, _passed, env: { readonly NAME: string }, context: { readonly id: number }) =>
        Response.json([env.NAME, context.id]),
    );
    const response = await serve(scene.requestOf('nightly'), { NAME: 'production' }, { id: 7 });
    expect(await response.json()).toEqual(['production', 7]);
  });

  it('calls no handler for a request that is refused', async () => {
    const { auth } = await createScene();
    const calls: Request[] = [];
    const serve = auth.protectHandler((request) => {
      calls.push(request);
      return new Response();
    });
    expect((await serve(new Request(RESOURCE, { method: 'POST', body: '{}' }))).status).toBe(401);
    expect(calls).toEqual([]);
  });

  it('leaves an error of the handler to whoever called', async () => {
    const scene = await createScene();
    const serve = scene.auth.protectHandler(() => Promise.reject(new Error('the handler’s own')));
    await expect(serve(scene.requestOf('nightly'))).rejects.toThrow('the handler’s own');
  });

  it('leaves a response as it is, unless headers have to be added', async () => {
    const scene = await createScene();
    const response = new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
    expect(await scene.auth.protectHandler(() => response)(scene.requestOf('nightly'))).toBe(response);
  });
});

describe('headers that a response must carry', () => {
  async function createProvenRequest({ authority, auth }: Scene): Promise<Request> {
    const key = await generateDpopKey();
    const accessToken = authority.mint({ cnf: { jkt: key.thumbprint } });
    const proof = { key, method: 'POST', url: RESOURCE, accessToken, now: authority.now };
    const send = (dpop: string) =>
      new Request(RESOURCE, {
        method: 'POST',
        body: JSON.stringify(LIST_TOOLS),
        headers: { authorization: `DPoP ${accessToken}`, dpop, 'content-type': 'application/json' },
      });
    const challenged = await auth.protect(send(createDpopProof(proof)));
    const nonce = challenged.ok ? undefined : challenged.response.headers.get('dpop-nonce');
    if (typeof nonce !== 'string') throw new Error('no nonce');
    // The nonce of the period before is still accepted, and the next one is handed out.
    authority.advanceSeconds(300);
    return send(createDpopProof({ ...proof, nonce }));
  }

  it.each([
    ['one that may be changed', () => new Response('served', { status: 201, headers: { 'x-own': '1' } })],
    ['a redirect, which may not', () => Response.redirect('https://elsewhere.example/', 303)],
  ])('are added to %s', async (_, respond) => {
    const scene = await createScene({ dpop: { nonce: { lifetimeSeconds: 300 } } });
    const request = await createProvenRequest(scene);
    const expected = respond();
    const response = await scene.auth.protectHandler(respond)(request);
    expect(response.headers.get('dpop-nonce')).toMatch(/./);
    expect(response.status).toBe(expected.status);
    for (const [name, value] of expected.headers) expect(response.headers.get(name)).toBe(value);
    expect(await response.text()).toBe(await expected.text());
  });

  it('are in the result of protect(), for whoever writes the response', async () => {
    const scene = await createScene({ dpop: { nonce: { lifetimeSeconds: 300 } } });
    const result = await pass(scene, await createProvenRequest(scene));
    const response = result.finish(new Response());
    expect(response.headers.get('dpop-nonce')).toBe(Object.values(result.headers)[0]);
  });
});

describe('callerOf()', () => {
  it('gives the caller of a request that passed, by either of its two objects', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    const result = await pass(scene, request);
    expect(result.request).not.toBe(request);
    expect(scene.auth.callerOf(request)).toBe(result.caller);
    expect(scene.auth.callerOf(result.request)).toBe(result.caller);
  });

  it('says what is missing where the request did not pass', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    expect(() => scene.auth.callerOf(request)).toThrow(/^callerOf\(request\): .* did not pass protect\(\)/);
    await pass(scene, request);
    const other = await createScene();
    expect(() => other.auth.callerOf(request)).toThrow(TypeError);
    expect(() => scene.auth.callerOf(new Request(request))).toThrow(TypeError);
  });

  it('forgets who called when the same request is refused later', async () => {
    const scene = await createScene();
    const request = scene.requestOf('nightly');
    await pass(scene, request);
    request.headers.delete('authorization');
    expect(await statusOf(scene, request)).toBe(401);
    expect(() => scene.auth.callerOf(request)).toThrow(TypeError);
  });

  it('gives each of many concurrent requests its own caller', async () => {
    const scene = await createScene();
    const names = Array.from({ length: 50 }, (_, index) => `client-${index}`);
    const serve = scene.auth.protectHandler(async (request) => {
      await request.text();
      return new Response(scene.auth.callerOf(request).clientId);
    });
    const answers = await Promise.all(names.map(async (name) => (await serve(scene.requestOf(name))).text()));
    expect(answers).toEqual(names);
  });
});

describe('metadata()', () => {
  const PATH = '/.well-known/oauth-protected-resource/mcp';

  it('answers at the path that follows from the resource, whatever host the request names', async () => {
    const { auth, authority } = await createScene({ resourceName: 'Deploy desk' });
    const response = await auth.metadata(new Request(`http://localhost:8787${PATH}?x=1#fragment`));
    expect(response?.status).toBe(200);
    expect(auth.metadata(new Request(`http://localhost${PATH}#fragment`))).toBeDefined();
    expect(await response?.json()).toMatchObject({
      resource: RESOURCE,
      authorization_servers: [authority.issuer],
      scopes_supported: ['deploy:read', 'deploy:write'],
      resource_name: 'Deploy desk',
    });
  });

  it('leaves every other path to the application', async () => {
    const { auth } = await createScene();
    for (const path of [`${PATH}/`, `/x${PATH}`, '/.well-known/oauth-protected-resource', '/mcp', '/']) {
      expect(auth.metadata(new Request(`http://localhost${path}`))).toBeUndefined();
    }
  });
});

describe('mcpAuth()', () => {
  it('refuses wrong options by their names', async () => {
    await expect(createScene({ authorizationServers: [] })).rejects.toThrow(/^authorizationServers must be/);
    await expect(createScene({ audience: RESOURCE } as object)).rejects.toThrow(/unknown option "audience"/);
  });

  it('fetches keys beforehand when asked to, and tells whether they are there', async () => {
    const { auth, authority } = await createScene();
    expect(await auth.preload()).toBe(true);
    authority.goDown();
    const { auth: late } = await createScene({ authorizationServers: [authority.issuer] });
    expect(await late.preload()).toBe(false);
  });
});
