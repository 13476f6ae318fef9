import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MCP, type ConsoleScene } from '../console-scene.ts';
import { launchChromium, openPage, signIn, type PageSession } from './page-session.ts';
import { startOnRunDatabase } from './run-database.ts';

let browser: Browser;
let scene: ConsoleScene;
let session: PageSession;

beforeAll(async () => {
  [browser, scene] = await Promise.all([launchChromium(), startOnRunDatabase()]);
  session = await openPage(browser, scene.console.url);
  await signIn(session, scene.administrator);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await browser.close();
  await scene.stop();
});

const main = () => session.page.getByRole('main');

it('a client is made step by step, and its secret is shown once', async () => {
  const { page } = session;
  await page.getByRole('link', { name: 'Create client' }).click();
  await page.getByLabel('Label').fill('Nightly report');
  await page.getByLabel('Client ID').fill('nightly-report');
  await page.getByLabel('Owner').fill('Data team');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('radio', { name: 'A secret' }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByRole('alert').textContent()).resolves.toBe('Choose at least one MCP server.');
  await page.getByRole('checkbox', { name: MCP }).check();
  expect(await page.getByRole('checkbox', { name: 'deploy:read' }).isChecked()).toBe(true);
  expect(await page.getByRole('checkbox', { name: 'deploy:write' }).isChecked()).toBe(false);
  await page.getByRole('button', { name: 'All scopes' }).click();
  await session.shoot('clients-wizard-access');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('The secret ends').selectOption('30');
  const inAMonth = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(
    Date.now() + 30 * 86_400_000,
  );
  expect(await page.getByTestId('expiry-shown').textContent()).toContain(inAMonth);
  await page.getByRole('button', { name: 'Next' }).click();
  await session.expectAccessible('summary of the wizard');
  await session.shoot('clients-wizard-summary');
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.getByRole('heading', { name: 'Nightly report was created' }).waitFor();
  await session.expectAccessible('reveal of the secret');
  const shown = (await page.getByLabel('Client secret', { exact: true }).textContent()) ?? '';
  await session.shoot('clients-secret');
  await page.getByRole('button', { name: 'Copy: Client secret' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  const storages = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  expect(storages).not.toContain(shown);
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

it.each(['curl, Basic', 'curl, POST', 'Python'])('the ready command %s gets a token', async (name) => {
  const { page } = session;
  const secret = (await page.getByLabel('Client secret', { exact: true }).textContent()) ?? '';
  await page.getByRole('tab', { name }).click();
  const command = (await page.getByRole('tabpanel').locator('pre').textContent()) ?? '';
  expect(command).not.toContain(secret);
  const environment = { env: { ...process.env, MCP_M2M_CLIENT_SECRET: secret } };
  const { stdout } = name.startsWith('curl')
    ? await promisify(execFile)('sh', ['-c', command.replace('curl ', 'curl --silent ')], environment)
    : await promisify(execFile)('python3', ['-c', `${command}\nprint(access_token)`], environment);
  expect(stdout).toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
});

it('the secret is gone once one has left, and the client is found by search', async () => {
  const { page } = session;
  await page.getByRole('link', { name: 'Go to the client' }).click();
  await page.getByRole('heading', { name: 'Secrets' }).waitFor();
  expect(await page.getByLabel('Client secret', { exact: true }).count()).toBe(0);
  expect(await main().textContent()).not.toMatch(/mcpm2m_\w{30,}/);
  await session.expectAccessible('a client');
  await session.shoot('clients-detail');
  await page.getByRole('link', { name: 'Back to the clients' }).click();
  await page.getByLabel('Search').fill('data team');
  await page.getByRole('table', { name: 'Clients' }).getByText('Nightly report').waitFor();
  await expect.poll(() => page.getByRole('table', { name: 'Clients' }).getByRole('row').count()).toBe(2);
  await page.getByLabel('Search').fill('nothing of the kind');
  await page.getByText('No client matches.').waitFor();
  await page.getByLabel('Search').fill('');
  await page.getByRole('link', { name: 'Nightly report' }).waitFor();
  await session.shoot('clients');
});

it('a secret is rotated: started, judged, cancelled, started again and finished', async () => {
  const { page } = session;
  await page.getByRole('link', { name: 'Nightly report' }).click();
  const rotation = page.getByRole('region', { name: 'Rotation' });
  const start = async (): Promise<void> => {
    await rotation.getByRole('button', { name: 'Start rotation' }).click();
    await rotation.getByText('The new secret has not been used yet').waitFor();
  };
  await start();
  const newSecret = (await rotation.getByLabel('Client secret', { exact: true }).textContent()) ?? '';
  expect(newSecret.length).toBeGreaterThan(30);
  await session.expectAccessible('a rotation under way');
  await session.shoot('clients-rotation');
  const confirm = async (label: string): Promise<void> => {
    await rotation.getByRole('button', { name: label }).click();
    await page.getByRole('dialog').getByRole('button', { name: label }).click();
    await rotation.getByRole('button', { name: 'Start rotation' }).waitFor();
  };
  await confirm('Cancel rotation');
  await start();
  await confirm('Finish rotation');
  const client = await scene.server.clients.get('nightly-report');
  expect(client?.authentication.method === 'secret' ? client.authentication.secrets.length : 0).toBe(1);
});

it('another secret is added, and one is deleted', async () => {
  const { page } = session;
  const secrets = page.getByRole('region', { name: 'Secrets' });
  await secrets.getByRole('button', { name: 'Add a secret' }).click();
  await secrets.getByLabel('The new secret ends').selectOption('never');
  await secrets.getByText('It has no end').waitFor();
  await secrets.getByRole('button', { name: 'Add it' }).click();
  await secrets.getByLabel('Client secret', { exact: true }).waitFor();
  await expect.poll(() => secrets.getByRole('row').count()).toBe(3);
  await secrets.getByRole('button', { name: 'Delete' }).last().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => secrets.getByRole('row').count()).toBe(2);
});

it('its settings are changed; a change that somebody else was first with is refused in words', async () => {
  const { page } = session;
  const settings = page.getByRole('region', { name: 'Settings' });
  await settings.getByRole('button', { name: 'Change' }).click();
  await settings.getByLabel('Label').fill('Nightly report 2');
  await scene.server.clients.update('nightly-report', { owner: 'Somebody else' });
  session.expectComplaint(/412/);
  await settings.getByRole('button', { name: 'Save' }).click();
  expect(await settings.getByRole('alert').textContent()).toMatch(/changed/i);
  await page.reload();
  await settings.getByRole('button', { name: 'Change' }).click();
  await settings.getByLabel('Label').fill('Nightly report 2');
  await settings.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Nightly report 2' }).waitFor();
});

it('a client with a key takes its public key alone', async () => {
  const { page } = session;
  await page.goto(`${scene.console.url}#/clients/new`);
  await page.getByLabel('Client ID').fill('signer');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('radio', { name: 'A private key' }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('alert').getByText('Paste the public key').waitFor();
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout',
  ]);
  await page.getByLabel('Public key').fill(stdout);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('checkbox', { name: MCP }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.getByRole('heading', { name: 'signer was created' }).waitFor();
  await page.getByRole('link', { name: 'Go to the client' }).click();
  await page.getByRole('region', { name: 'Public keys' }).getByText('EC, P-256').waitFor();
  expect((await scene.server.clients.get('signer'))?.authentication.method).toBe('private_key_jwt');
});

it('a client is deleted only after it was disabled, and after its id was typed', async () => {
  const { page } = session;
  await page.goto(`${scene.console.url}#/clients/of/nightly-report`);
  const danger = page.getByRole('region', { name: 'Danger zone' });
  expect(await danger.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
  await danger.getByRole('button', { name: 'Disable' }).click();
  await session.expectAccessible('a question before an act');
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await danger.getByRole('button', { name: 'Enable' }).waitFor();
  await danger.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Type nightly-report to confirm').fill('nightly-report');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Clients' }).waitFor();
  expect(await scene.server.clients.get('nightly-report')).toBeUndefined();
});

it('nothing went wrong in the page meanwhile', () => {
  expect(session.complaints).toEqual([]);
});
