import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startConsole, type ConsoleScene } from '../console-scene.ts';

let scene: ConsoleScene;
let clock = Date.now();

beforeAll(async () => {
  scene = await startConsole({ now: () => clock, sessionIdleSeconds: 600, sessionLifetimeSeconds: 3600 });
});
afterAll(() => scene.stop());

const minutes = (count: number): void => {
  clock += count * 60_000;
};

describe('signing in by the credential of an administrator', () => {
  it('opens a session whose cookie no script reads, no other site sends, and that says nothing', async () => {
    const browser = scene.browser();
    const { status, headers, body } = await browser.post('api/session', scene.administrator);
    expect(status).toBe(201);
    expect(body.signedIn).toMatchObject({
      kind: 'administrator',
      name: scene.administrator.clientId,
      scopes: ['admin:read', 'admin:write'],
    });
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^mcp-m2m-console=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect((await browser.get('api/session')).body.signedIn.name).toBe(scene.administrator.clientId);
  });

  it('neither the token nor the secret comes back, in any answer or event', async () => {
    const browser = scene.browser();
    const answers = [
      await browser.post('api/session', scene.administrator),
      await browser.get('api/session'),
      await browser.get('api/admin/v1/server'),
      await browser.get('api/admin/v1/clients'),
    ];
    for (const { status, text, headers } of answers) {
      expect(status).toBeLessThan(300);
      const all = text + JSON.stringify([...headers]);
      expect(all).not.toContain(scene.administrator.clientSecret);
      expect(all).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
    }
    expect(JSON.stringify(scene.events)).not.toContain(scene.administrator.clientSecret);
  });

  it('a wrong secret is told in words, and opens nothing', async () => {
    const browser = scene.browser();
    const wrong = { ...scene.administrator, clientSecret: 'wrong' };
    const { status, body } = await browser.post('api/session', wrong);
    expect(status).toBe(401);
    expect(body.detail).toMatch(/does not accept this client id and secret/);
    expect(browser.cookies.size).toBe(0);
    expect((await browser.get('api/admin/v1/clients')).status).toBe(401);
  });

  it('a client that is no administrator is told which one is', async () => {
    const { secret } = await scene.server.clients.create({
      clientId: 'worker',
      authentication: { method: 'secret' },
      access: [{ resource: 'https://mcp.example.com/mcp', scopes: ['deploy:read'] }],
    });
    const { status, body } = await scene
      .browser()
      .post('api/session', { clientId: 'worker', clientSecret: secret });
    expect(status).toBe(403);
    expect(body.detail).toContain('admin:read');
  });

  it('each sign-in has a session of its own, and the one before ends', async () => {
    const browser = await scene.signedIn();
    const [before] = browser.cookies.values();
    await browser.post('api/session', scene.administrator);
    const [after] = browser.cookies.values();
    expect(after).not.toBe(before);
    const other = scene.browser();
    other.cookies.set('mcp-m2m-console', before ?? '');
    expect((await other.get('api/connections')).status).toBe(401);
  });
});

describe('a session ends', () => {
  it('after a time without requests', async () => {
    const browser = await scene.signedIn();
    minutes(9);
    expect((await browser.get('api/connections')).status).toBe(200);
    minutes(9);
    expect((await browser.get('api/connections')).status).toBe(200);
    minutes(11);
    expect((await browser.get('api/connections')).body).toMatchObject({ status: 401, code: 'not_signed_in' });
  });

  it('after a time in all, however busy it is', async () => {
    const browser = await scene.signedIn();
    for (let turn = 0; turn < 7; turn++) {
      minutes(8);
      expect((await browser.get('api/connections')).status).toBe(200);
    }
    minutes(8);
    expect((await browser.get('api/connections')).status).toBe(401);
  });

  it('by signing out, on the server too', async () => {
    const browser = await scene.signedIn();
    const [cookie] = browser.cookies.values();
    const { status, headers } = await browser.delete('api/session');
    expect(status).toBe(204);
    expect(headers.getSetCookie()[0]).toContain('Max-Age=0');
    browser.cookies.set('mcp-m2m-console', cookie ?? '');
    expect((await browser.get('api/connections')).status).toBe(401);
  });

  it('when the credential it was opened with is disabled', async () => {
    const credential = await scene.administratorWith(['admin:write']);
    const browser = scene.browser();
    await browser.post('api/session', credential);
    expect((await browser.get('api/admin/v1/clients')).status).toBe(200);
    await scene.server.clients.disable(credential.clientId);
    const { body } = await browser.get('api/admin/v1/clients');
    expect(body).toMatchObject({ status: 401, code: 'session_ended' });
    expect((await browser.get('api/session')).body.signedIn).toBeUndefined();
  });

  it('a cookie that was made up, or that comes twice, is none', async () => {
    const browser = await scene.signedIn();
    const [cookie = ''] = browser.cookies.values();
    for (const header of [
      'mcp-m2m-console=x',
      `mcp-m2m-console=${'A'.repeat(43)}`,
      `mcp-m2m-console=${cookie}; mcp-m2m-console=${cookie}`,
      'mcp-m2m-console=__proto__',
    ]) {
      const { status } = await browser.send('GET', 'api/connections', { headers: { cookie: header } });
      expect(status, header).toBe(401);
    }
  });
});

describe('guessing', () => {
  it('is slowed for the client and address that guess; who knows the secret elsewhere is let in', async () => {
    let address = '198.51.100.1';
    const guarded = await startConsole({ clientAddress: () => address });
    try {
      const wrong = { ...guarded.administrator, clientSecret: 'wrong' };
      for (let turn = 0; turn < 5; turn++) {
        expect((await guarded.browser().post('api/session', wrong)).status).toBe(401);
      }
      const slowed = await guarded.browser().post('api/session', guarded.administrator);
      expect(slowed.body).toMatchObject({ status: 429, code: 'too_many_attempts' });
      expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
      address = '198.51.100.2';
      expect((await guarded.browser().post('api/session', guarded.administrator)).status).toBe(201);
    } finally {
      await guarded.stop();
    }
  });

  it('many clients from one address are slowed as well', async () => {
    const guarded = await startConsole();
    try {
      const statuses = [];
      for (let turn = 0; turn < 32; turn++) {
        const guess = { clientId: `guess-${turn}`, clientSecret: 'wrong' };
        statuses.push((await guarded.browser().post('api/session', guess)).status);
      }
      expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
      expect(statuses.slice(30)).toEqual([429, 429]);
    } finally {
      await guarded.stop();
    }
  });
});

it('the audit trail has the address of the browser, where the proxy between is trusted', async () => {
  const traced = await startConsole({
    clientAddress: () => '203.0.113.7',
    forwardClientAddress: true,
    trustedProxies: ['loopback'],
  });
  try {
    const browser = await traced.signedIn();
    await browser.post('api/admin/v1/clients', {
      clientId: 'made',
      authentication: { method: 'workload' },
      access: [{ resource: 'https://mcp.example.com/mcp', scopes: [] }],
    });
    const { body } = await browser.get('api/admin/v1/audit?type=client_created&clientId=made');
    expect(body.entries).toMatchObject([{ actor: 'administrator-1', address: '203.0.113.7' }]);
  } finally {
    await traced.stop();
  }
});
