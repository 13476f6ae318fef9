import { expect, it, onTestFinished } from 'vitest';

import { createBrowser, type Browser } from '../browser.ts';
import { startConsole, type ConsoleScene } from '../console-scene.ts';
import { startOpenIdProvider, type OpenIdProvider } from '../openid-provider.ts';

async function start(change: object = {}): Promise<{ scene: ConsoleScene; provider: OpenIdProvider }> {
  let redirectUri = '';
  const provider = await startOpenIdProvider(() => redirectUri);
  const scene = await startConsole({
    knowing: (origin, administrator) => {
      redirectUri = `${origin}/console/sign-in/openid/callback`;
      return {
        openId: {
          issuer: provider.issuer,
          clientId: provider.clientId,
          clientSecret: provider.clientSecret,
          role: { claim: 'roles', value: 'mcp-admin' },
          administrator,
          label: 'Company login',
          ...change,
        },
      };
    },
  });
  onTestFinished(async () => {
    await scene.stop();
    await provider[Symbol.asyncDispose]();
  });
  return { scene, provider };
}

/** Follows redirects from the console to the provider and back. */
async function followSignIn(scene: ConsoleScene, browser: Browser): Promise<string> {
  const provider = createBrowser('http://127.0.0.1/');
  let url = `${scene.origin}/console/sign-in/openid`;
  for (let hop = 0; hop < 10; hop++) {
    const at = url.startsWith(scene.origin) ? browser : provider;
    const { headers, status } = await at.send('GET', url, {
      headers: { origin: null, 'x-mcp-m2m-console': null, 'sec-fetch-site': 'cross-site' },
    });
    const location = headers.get('location');
    if (status < 300 || status >= 400 || location === null) return url;
    url = new URL(location, url).href;
    if (url.startsWith(`${scene.origin}/console/#`) || url === `${scene.origin}/console/`) return url;
  }
  return url;
}

it('a person with the role signs in, and acts by the credential of the console', async () => {
  const { scene, provider } = await start();
  const browser = scene.browser();
  expect((await browser.get('api/session')).body.openId).toEqual({
    label: 'Company login',
    path: '/console/sign-in/openid',
  });
  expect(await followSignIn(scene, browser)).toBe(`${scene.origin}/console/`);
  expect((await browser.get('api/session')).body.signedIn).toMatchObject({
    kind: 'person',
    name: provider.person.name,
  });
  expect((await browser.get('api/admin/v1/clients')).status).toBe(200);
  await browser.post('api/admin/v1/signing-keys/rotate', {});
  expect(scene.events.at(-1)).toMatchObject({ type: 'administered', subject: 'person-1' });
  expect([...browser.cookies.keys()]).toEqual(['mcp-m2m-console']);
});

it.each([
  ['nobody with another role is let in', { roles: ['reader', 'mcp-administrator'] }],
  ['nobody without roles is let in', { roles: undefined }],
  ['nobody whose role is an object is let in', { roles: { 'mcp-admin': true } }],
])('%s', async (_who, person) => {
  const { scene, provider } = await start();
  Object.assign(provider.person, person);
  const browser = scene.browser();
  expect(await followSignIn(scene, browser)).toBe(`${scene.origin}/console/#/sign-in-failed/role_missing`);
  expect(browser.cookies.size).toBe(0);
  expect(scene.events.at(-1)).toMatchObject({ type: 'sign_in_refused', reason: 'role_missing' });
});

it('a role within claims is found by the way to it', async () => {
  const { scene, provider } = await start({
    role: { claim: ['roles', 'console', 'list'], value: 'mcp-admin' },
  });
  Object.assign(provider.person, { roles: { console: { list: 'reader mcp-admin' } } });
  expect(await followSignIn(scene, scene.browser())).toBe(`${scene.origin}/console/`);
});

it('a person who declines is back at the console, and told so', async () => {
  const { scene, provider } = await start();
  provider.decline = true;
  expect(await followSignIn(scene, scene.browser())).toBe(`${scene.origin}/console/#/sign-in-failed/refused`);
});

it('the way back leads in only for the browser that went there, once', async () => {
  const { scene } = await start();
  const victim = scene.browser();
  const begun = await victim.get('sign-in/openid');
  const location = new URL(begun.headers.get('location') ?? '');
  expect(Object.fromEntries(location.searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    scope: 'openid profile',
  });
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(location.searchParams.get(name)?.length, name).toBeGreaterThanOrEqual(43);
  }
  expect(begun.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
  const back = `sign-in/openid/callback?code=stolen&state=${location.searchParams.get('state')}`;
  const stranger = await scene.browser().get(back);
  expect(stranger.headers.get('location')).toContain('#/sign-in-failed/expired');
  const forgedState = await victim.get('sign-in/openid/callback?code=stolen&state=another');
  expect(forgedState.headers.get('location')).toContain('#/sign-in-failed/refused');
  expect(victim.cookies.has('mcp-m2m-console')).toBe(false);
  expect((await victim.get(back)).headers.get('location')).toContain('#/sign-in-failed/expired');
});

it('a provider that is down is told, and the credential of an administrator still opens', async () => {
  const { scene, provider } = await start();
  await provider[Symbol.asyncDispose]();
  const browser = scene.browser();
  const { headers } = await browser.get('sign-in/openid');
  expect(headers.get('location')).toContain('#/sign-in-failed/provider_unavailable');
  expect((await browser.post('api/session', scene.administrator)).status).toBe(201);
});

it('where the console has no credential that holds, nobody is let in', async () => {
  const { scene } = await start({ administrator: { clientId: 'administrator-1', clientSecret: 'old' } });
  expect(await followSignIn(scene, scene.browser())).toBe(
    `${scene.origin}/console/#/sign-in-failed/administrator_unavailable`,
  );
});
