import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createConsole } from '../../src/index.ts';
import { SECRET_KEY, startConsole, type ConsoleScene } from '../console-scene.ts';

let scene: ConsoleScene;

beforeAll(async () => {
  scene = await startConsole();
});
afterAll(() => scene.stop());

describe('what every answer carries', () => {
  it.each(['', 'api/session', 'api/admin/v1/clients', 'api/nothing', 'nothing', 'sign-in/openid'])(
    '/console/%s has the strict policy',
    async (path) => {
      const { headers } = await scene.browser().get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|nonce-|sha\d|data:|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    },
  );

  it('the page holds no inline script and no inline style', async () => {
    const { text, headers } = await scene.browser().get('');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).not.toMatch(/<style|style=|\son\w+=/);
    expect([...text.matchAll(/<script\b([^>]*)>([^<]*)/g)].length).toBeGreaterThan(0);
    for (const [, attributes = '', code = ''] of text.matchAll(/<script\b([^>]*)>([^<]*)/g)) {
      expect(attributes).toContain('src="./');
      expect(code).toBe('');
    }
  });

  it('answers of the API are kept nowhere', async () => {
    const browser = await scene.signedIn();
    for (const path of ['api/session', 'api/connections', 'api/admin/v1/clients']) {
      expect((await browser.get(path)).headers.get('cache-control'), path).toBe('no-store');
    }
  });

  it('without its slash the console sends there, and nothing outside its folder is served', async () => {
    const bare = await fetch(`${scene.origin}/console`, { redirect: 'manual' });
    expect([bare.status, bare.headers.get('location')]).toEqual([308, '/console/']);
    for (const path of ['..%2fpackage.json', '%2e%2e/package.json', 'assets/', 'index.html%00']) {
      expect((await scene.browser().get(`./${path}`)).status, path).toBe(404);
    }
  });
});

describe('requests that another site makes a browser send', () => {
  const forged: readonly [string, Record<string, string | null>][] = [
    ['without the header of the page', { 'x-mcp-m2m-console': null }],
    ['from another origin', { origin: 'https://evil.example' }],
    ['from an opaque origin', { origin: 'null' }],
    ['without an origin', { origin: null }],
    ['from a site beside it', { 'sec-fetch-site': 'same-site' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
  ];

  it.each(forged)('a change %s is refused', async (_how, headers) => {
    const browser = await scene.signedIn();
    for (const [method, path] of [
      ['POST', 'api/connections'],
      ['POST', 'api/connection-tests'],
      ['POST', 'api/session'],
      ['DELETE', 'api/session'],
      ['POST', 'api/admin/v1/signing-keys/rotate'],
      ['DELETE', 'api/admin/v1/clients/administrator-1'],
    ] as const) {
      const { status, body } = await browser.send(method, path, { headers });
      expect([status, body?.code], `${method} ${path}`).toEqual([403, 'request_forged']);
    }
    expect((await browser.get('api/session')).body.signedIn).toBeDefined();
  });

  it('nothing is read for another site either', async () => {
    const browser = await scene.signedIn();
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await browser.send('GET', 'api/connections', { headers })).status).toBe(403);
    const { headers: answered } = await browser.get('api/connections');
    expect(answered.get('access-control-allow-origin')).toBeNull();
  });
});

describe('what is passed on to the administrative API', () => {
  it('is what its document has, with method and path, and nothing else', async () => {
    const browser = await scene.signedIn();
    for (const [method, path] of [
      ['GET', 'api/admin/v1/nothing'],
      ['PUT', 'api/admin/v1/clients'],
      ['GET', 'api/admin/v1/clients/a/b/c'],
      ['GET', 'api/admin/v1/%2e%2e/%2e%2e/token'],
      ['GET', 'api/admin/v1/..%2f..%2ftoken'],
      ['GET', 'api/admin/v1/clients/..%2f..%2faudit'],
      ['GET', 'api/admin/v1/clients/%00'],
      ['GET', 'api/admin/v1/clients/%252e%252e'],
      ['POST', 'api/admin/v1/../../token'],
      ['GET', 'api/admin/v2/clients'],
      ['OPTIONS', 'api/admin/v1/clients'],
      ['GET', 'api/admin/v1//clients'],
      ['GET', 'api/admin/v1/\\evil.example/clients'],
    ] as const) {
      const { status } = await browser.send(method, path);
      expect([404, 405], `${method} ${path}: ${status}`).toContain(status);
    }
    expect((await browser.get('api/session')).body.signedIn).toBeDefined();
  });

  it('keeps queries, entity tags and idempotency keys, and hides what the page need not see', async () => {
    const browser = await scene.signedIn();
    const body = {
      clientId: 'passed-on',
      authentication: { method: 'secret' },
      access: [{ resource: 'https://mcp.example.com/mcp', scopes: ['deploy:read'] }],
    };
    const headers = { 'idempotency-key': 'once' };
    const created = await browser.send('POST', 'api/admin/v1/clients', { body, headers });
    expect(created.status).toBe(201);
    const again = await browser.send('POST', 'api/admin/v1/clients', { body, headers });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body.secret).toBe(created.body.secret);
    const found = await browser.get('api/admin/v1/clients?search=passed');
    expect(found.body.clients).toHaveLength(1);
    const one = await browser.get('api/admin/v1/clients/passed-on');
    const tag = one.headers.get('etag') ?? '';
    const changed = await browser.send('PATCH', 'api/admin/v1/clients/passed-on', {
      body: { label: 'One' },
      headers: { 'if-match': tag },
    });
    expect(changed.status).toBe(200);
    const stale = await browser.send('PATCH', 'api/admin/v1/clients/passed-on', {
      body: { label: 'Two' },
      headers: { 'if-match': tag },
    });
    expect(stale.body).toMatchObject({ status: 412, code: 'revision_mismatch' });
    expect((await browser.delete('api/admin/v1/clients/passed-on')).status).toBe(204);
  });

  it('is held to the scopes of the session', async () => {
    const browser = scene.browser();
    await browser.post('api/session', await scene.administratorWith(['admin:read']));
    expect((await browser.get('api/admin/v1/clients')).status).toBe(200);
    const refused = await browser.delete('api/admin/v1/clients/administrator-1');
    expect(refused.status).toBe(403);
    expect(
      (await browser.post('api/connections', { url: 'https://mcp.example.com/mcp' })).body,
    ).toMatchObject({
      status: 403,
      code: 'not_allowed',
    });
  });

  it('what was changed, and by whom, is told to the operator', async () => {
    const browser = await scene.signedIn();
    await browser.post('api/admin/v1/signing-keys/rotate', {});
    expect(scene.events.at(-1)).toMatchObject({
      type: 'administered',
      subject: 'administrator-1',
      method: 'POST',
      path: '/admin/v1/signing-keys/rotate',
      status: 200,
    });
  });

  it('an issuer with a path is administered below it', async () => {
    const nested = await startConsole({ issuerPath: '/auth' });
    try {
      const browser = await nested.signedIn();
      const { body } = await browser.get('api/admin/v1/server');
      expect(body.issuer).toBe(`${nested.origin}/auth`);
    } finally {
      await nested.stop();
    }
  });
});

describe('bounds', () => {
  it('a body of more than a mebibyte is refused, and one without a length', async () => {
    const browser = await scene.signedIn();
    const large = { url: 'x'.repeat(1_100_000) };
    expect((await browser.post('api/connections', large)).status).toBe(413);
    const [cookie] = browser.cookies;
    const response = await fetch(new URL('api/connections', scene.console.url), {
      method: 'POST',
      headers: { origin: scene.origin, 'x-mcp-m2m-console': '1', cookie: (cookie ?? []).join('=') },
      body: new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{}'));
          controller.close();
        },
      }),
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(411);
  });

  it('broken JSON and unknown members are refused in words', async () => {
    const browser = await scene.signedIn();
    expect((await browser.post('api/connections', '{"url":')).status).toBe(400);
    const { body } = await browser.post('api/connections', { url: 'https://a.example/mcp', secret: 'x' });
    expect(body).toMatchObject({ status: 400, code: 'request_malformed' });
    expect(body.detail).toContain('secret');
  });
});

describe('options', () => {
  const right = { issuer: 'http://localhost:4000', secretKey: SECRET_KEY, connections: ':memory:' };
  const wrong: readonly [string, object, RegExp][] = [
    ['an unknown one', { isuer: 'x' }, /unknown option "isuer"/],
    ['a short secret key', { secretKey: 'short' }, /secretKey must be at least 32 random bytes/],
    ['a path with a slash at its end', { path: '/console/' }, /path must be a path/],
    ['an origin with a path', { origin: 'https://a.example/b' }, /origin must be an https origin/],
    ['an origin without TLS', { origin: 'http://a.example' }, /origin must be an https origin/],
    ['no file of connections', { connections: '' }, /connections must be the path/],
    ['a session of a day without a request more', { sessionIdleSeconds: 90_000 }, /sessionIdleSeconds/],
    [
      'a role without a value',
      { openId: openId({ role: { claim: 'roles', value: '' } }) },
      /openId\.role\.value/,
    ],
  ];
  it.each(wrong)('%s is a TypeError that names it', (_what, change, message) => {
    expect(() => createConsole({ ...right, ...change })).toThrow(message);
    expect(() => createConsole({ ...right, ...change })).toThrow(TypeError);
  });

  function openId(change: object): object {
    return {
      issuer: 'https://login.example.com',
      clientId: 'console',
      clientSecret: 'secret',
      administrator: { clientId: 'a', clientSecret: 'b' },
      ...change,
    };
  }
});

it('on https the cookie has the prefix __Host- and Secure', async () => {
  const behind = await startConsole({ origin: 'https://auth.example.com' });
  try {
    const { headers } = await behind.browser().send('POST', `${behind.origin}/console/api/session`, {
      body: behind.administrator,
      headers: { origin: 'https://auth.example.com' },
    });
    expect(headers.getSetCookie()[0]).toMatch(
      /^__Host-mcp-m2m-console=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
  } finally {
    await behind.stop();
  }
});
