import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { MCP, type ConsoleScene } from '../console-scene.ts';
import { startMcpServer, type TestMcpServer } from './mcp-server.ts';
import { launchChromium, openPage, signIn } from './page-session.ts';
import { startOnRunDatabase } from './run-database.ts';

const SECTIONS = ['Clients', 'Connections', 'Access', 'Trust', 'Activity', 'Keys'];
const SCRIPT = '<script>document.title="taken"</script><img src=x onerror=alert(1)>';
const REVERSED = 'invoice\u202egnp.exe\u2066 and \u200bhidden';

let browser: Browser;
let scene: ConsoleScene;
let mcp: TestMcpServer;

beforeAll(async () => {
  [browser, scene] = await Promise.all([launchChromium(), startOnRunDatabase({ allowLoopback: true })]);
  mcp = await startMcpServer(scene.issuer);
  const access = [{ resource: mcp.url, scopes: ['deploy:read'] }];
  await scene.server.resources.create({
    resource: mcp.url,
    label: SCRIPT,
    scopes: ['deploy:read', 'x'.repeat(150)],
  });
  await scene.server.clients.create({
    clientId: 'hostile',
    label: SCRIPT,
    authentication: { method: 'secret' },
    access,
  });
  await scene.server.clients.create({
    clientId: 'long',
    label: 'ש'.repeat(200),
    description: 'W'.repeat(2000),
    authentication: { method: 'workload' },
    access: [{ resource: MCP, scopes: [] }],
  });
  const { secret = '' } = await scene.server.clients.create({
    clientId: 'nightly-report',
    authentication: { method: 'secret' },
    access,
  });
  mcp.tools = [
    { name: SCRIPT, description: SCRIPT },
    { name: REVERSED, description: REVERSED },
    { name: 'N'.repeat(10_240), description: 'M'.repeat(10_240) },
  ];
  const member = await scene.signedIn();
  for (const label of [SCRIPT, 'L'.repeat(200), REVERSED]) {
    const { body, status, text } = await member.post('api/connections', {
      label,
      url: mcp.url,
      issuer: scene.issuer,
      clientId: 'nightly-report',
      credential: { kind: 'secret', secret },
    });
    if (status !== 201) throw new Error(text);
    await member.post(`api/connections/${body.id}/test`);
  }
});
afterAll(async () => {
  await browser.close();
  await mcp[Symbol.asyncDispose]();
  await scene.stop();
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it.each([
    ['wide', 1280, 900],
    ['phone', 390, 844],
  ] as const)(
    'every section is accessible, fits and says nothing wrong on a %s screen',
    async (size, width, height) => {
      await using session = await openPage(browser, scene.console.url, {
        colorScheme,
        viewport: { width, height },
      });
      const { page } = session;
      await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
      await session.expectAccessible('signing in');
      await session.shoot(`sign-in-${colorScheme}-${size}`);
      await signIn(session, scene.administrator);
      const places = [
        ...SECTIONS.map((name) => [name, name.toLowerCase()] as const),
        ['Add MCP server', 'connections/new'],
        ['Create a client', 'clients/new'],
        ['script', 'clients/of/hostile'],
      ] as const;
      for (const [title, place] of places) {
        await page.goto(`${scene.console.url}#/${place}`);
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        await expect.poll(() => page.getByText('Loading…').count()).toBe(0);
        await session.expectAccessible(`${place} in ${colorScheme} on a ${size} screen`);
        await session.shoot(`${place.replaceAll('/', '-')}-${colorScheme}-${size}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${place} is wider than the screen`).toBeLessThanOrEqual(0);
      }
      expect(await page.evaluate(() => document.documentElement.dataset['mantineColorScheme'])).toBe(
        colorScheme,
      );
      expect(session.complaints).toEqual([]);
    },
  );
});

describe('labels and texts of others', () => {
  it('render as text: no script runs, nothing turns, nothing pushes the page apart', async () => {
    await using session = await openPage(browser, scene.console.url);
    const { page } = session;
    await signIn(session, scene.administrator);
    await page.getByRole('link', { name: SCRIPT }).waitFor();
    await session.page.goto(`${scene.console.url}#/connections`);
    await page.getByRole('link', { name: SCRIPT }).click();
    const tools = page.getByRole('table', { name: 'Tools' });
    await tools.waitFor();
    const shown = (await tools.textContent()) ?? '';
    expect(shown).toContain(SCRIPT);
    expect(shown).toContain('invoice\\u{202e}gnp.exe');
    expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
    expect(shown.length).toBeLessThan(2000);
    await session.shoot('hostile-tools');
    expect(await page.title()).toBe('Connections · mcp-m2m console');
    expect(await page.locator('main img, main script').count()).toBe(0);
    await page.goto(`${scene.console.url}#/access`);
    await page.getByRole('link', { name: SCRIPT }).click();
    await page.getByRole('heading', { level: 1, name: SCRIPT }).waitFor();
    await page.goto(`${scene.console.url}#/clients/of/long`);
    await page.getByText('W'.repeat(50)).waitFor();
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
    expect(session.complaints).toEqual([]);
  });

  it('in the address lead nowhere else', async () => {
    await using session = await openPage(browser, scene.console.url);
    await signIn(session, scene.administrator);
    session.expectComplaint(/404/);
    for (const place of [
      'clients/of/..%2f..%2faudit',
      'clients/of/%00',
      'connections/of/%E0%A4%A',
      'trust/<script>',
    ]) {
      await session.page.goto(`${scene.console.url}#/${place}`);
      await session.page.getByRole('navigation', { name: 'Sections' }).waitFor();
    }
    expect(session.complaints).toEqual([]);
  });
});

it('all of it works by keyboard: signing in, going to a section, asking before an act and leaving it', async () => {
  await using session = await openPage(browser, scene.console.url);
  const { page } = session;
  await page.getByLabel('Client ID').waitFor();
  const focusOn = async (name: string | RegExp): Promise<void> => {
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press('Tab');
      const words = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
        return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim();
      });
      if (typeof name === 'string' ? words === name : name.test(words)) return;
    }
    throw new Error(`the keyboard does not come to ${name}`);
  };
  await focusOn('Client ID');
  await page.keyboard.type(scene.administrator.clientId);
  await focusOn('Client secret');
  await page.keyboard.type(scene.administrator.clientSecret);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
  await focusOn('Keys');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
  await focusOn('Retire now');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Retire now');
  await focusOn('Sign out').catch(async () => await page.getByRole('button', { name: 'Sign out' }).focus());
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
  expect(session.complaints).toEqual([]);
});

it('the scheme that was chosen stays, and is all that the browser keeps', async () => {
  await using session = await openPage(browser, scene.console.url, { colorScheme: 'light' });
  const { page } = session;
  await signIn(session, scene.administrator);
  await page.getByLabel('Colours').selectOption('dark');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset['mantineColorScheme'])).toBe('dark');
  const kept = await page.evaluate(async () => ({
    local: JSON.stringify(localStorage),
    session: JSON.stringify(sessionStorage),
    databases: (await indexedDB.databases()).length,
    caches: await caches.keys(),
    cookies: document.cookie,
  }));
  expect(kept).toEqual({
    local: '{"mantine-color-scheme-value":"dark"}',
    session: '{}',
    databases: 0,
    caches: [],
    cookies: '',
  });
  expect(session.complaints).toEqual([]);
});

it('when the session has ended, one is led to signing in, and back to where one was', async () => {
  await using session = await openPage(browser, scene.console.url);
  const { page } = session;
  await signIn(session, scene.administrator);
  await page.goto(`${scene.console.url}#/keys`);
  await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
  await page.context().clearCookies();
  session.expectComplaint(/401/);
  await page.goto(`${scene.console.url}#/trust`);
  await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
  await signIn(session, scene.administrator);
  await page.getByRole('heading', { level: 1, name: 'Trust' }).waitFor();
  expect(session.complaints).toEqual([]);
});
