import { brokenConnections } from 'broken-connections';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ConsoleScene } from '../console-scene.ts';
import { startMcpServer, type TestMcpServer } from './mcp-server.ts';
import { launchChromium, openPage, signIn, type PageSession } from './page-session.ts';
import { startOnRunDatabase } from './run-database.ts';

let browser: Browser;
let scene: ConsoleScene;
let mcp: TestMcpServer;
let session: PageSession;
let secret: string;

beforeAll(async () => {
  [browser, scene] = await Promise.all([launchChromium(), startOnRunDatabase({ allowLoopback: true })]);
  mcp = await startMcpServer(scene.issuer);
  await scene.server.resources.create({
    resource: mcp.url,
    label: 'Deploy desk',
    scopes: ['deploy:read', 'deploy:write'],
  });
  const created = await scene.server.clients.create({
    clientId: 'nightly-report',
    authentication: { method: 'secret' },
    access: [{ resource: mcp.url, scopes: ['deploy:read'] }],
  });
  secret = created.secret ?? '';
  session = await openPage(browser, scene.console.url);
  await signIn(session, scene.administrator);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await browser.close();
  await mcp[Symbol.asyncDispose]();
  await scene.stop();
});

async function openForm(): Promise<void> {
  await session.page.goto(`${scene.console.url}#/connections`);
  await session.page.getByRole('link', { name: 'Add MCP server' }).click();
  await session.page.getByRole('heading', { name: 'Add MCP server' }).waitFor();
}

it('"Add" without anything says what is missing', async () => {
  await openForm();
  await session.page.getByRole('button', { name: 'Add', exact: true }).click();
  expect(await session.page.getByRole('alert').textContent()).toBe('Fill in the URL of the MCP server.');
  await session.expectAccessible('the form of a connection');
});

it('the grant that started this, with a credential: tested step by step, added, and healthy', async () => {
  const { page } = session;
  await openForm();
  await page.getByLabel('URL of the MCP server').fill(mcp.url);
  await page.getByLabel('Label').fill('Deploy desk');
  await page.getByLabel('Issuer').fill(scene.issuer);
  await page.getByLabel('Client ID').fill('nightly-report');
  await page.getByLabel('Client secret', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('It works: 2 tools').waitFor();
  const steps = page.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem');
  expect(await steps.count()).toBe(10);
  await session.expectAccessible('a test that went well');
  await session.shoot('connections-test-healthy');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('heading', { name: 'Deploy desk' }).waitFor();
  await page.getByText('It works: 2 tools').waitFor();
  await page.getByRole('table', { name: 'Tools' }).getByText('start_deployment').waitFor();
  expect(await page.content()).not.toContain(secret);
  await session.expectAccessible('a saved connection');
  await session.shoot('connections-detail');
});

it('one that breaks later is told by a re-test, with what to do', async () => {
  const { page } = session;
  await scene.server.clients.disable('nightly-report');
  await page.getByRole('button', { name: 'Test again' }).click();
  await page.getByText('It does not work').waitFor();
  expect(await page.getByRole('main').textContent()).toContain('does not accept the credential');
  await session.shoot('connections-test-broken');
  await scene.server.clients.enable('nightly-report');
  await page.getByRole('link', { name: 'Back to the connections' }).click();
  await page.getByText('broken').waitFor();
  await session.expectAccessible('connections');
  await page.getByRole('link', { name: 'Deploy desk' }).click();
  await page.getByRole('button', { name: 'Test again' }).click();
  await page.getByText('It works: 2 tools').waitFor();
});

it.each(['authorization_code', 'device_code', 'password'])(
  'a grant that needs a person (%s) is offered, explained, and not saved in silence',
  async (grant) => {
    const { page } = session;
    await openForm();
    await page.getByLabel('URL of the MCP server').fill(mcp.url);
    await page.getByLabel('Grant').selectOption(grant);
    await page.getByText('Not for a machine').waitFor();
    await session.expectAccessible(`the grant ${grant}`);
    session.expectComplaint(/422/);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'This connection was not saved' });
    expect(await alert.textContent()).toMatch(/Choose "Client credentials"/);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('It does not work').waitFor();
    await session.shoot(`connections-${grant}`);
  },
);

it('what is half filled in ends in a sentence', async () => {
  const { page } = session;
  await openForm();
  await page.getByLabel('URL of the MCP server').fill(mcp.url);
  await page.getByLabel('Client ID').fill('nightly-report');
  const add = page.getByRole('button', { name: 'Add', exact: true });
  await add.click();
  await page.getByRole('alert').getByText('add its secret or private key').waitFor();
  await page.getByLabel('Client secret', { exact: true }).fill(secret);
  await add.click();
  await page.getByRole('alert').getByText('fill in the issuer').waitFor();
  await page.getByLabel('Grant').selectOption('token_exchange');
  await page.getByLabel('Issuer').fill(scene.issuer);
  await add.click();
  await page.getByRole('alert').getByText('fill in "Subject token"').waitFor();
  await page.getByLabel('Grant').selectOption('workload');
  await add.click();
  await page.getByRole('alert').getByText('choose a source of them, or paste one').waitFor();
  expect((await (await scene.signedIn()).get('api/connections')).body.connections).toHaveLength(1);
});

it('when the console is gone, that is said, too', async () => {
  const { page } = session;
  await openForm();
  await page.getByLabel('URL of the MCP server').fill(mcp.url);
  session.expectComplaint(/ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to load/);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('alert').getByText('The console does not answer').waitFor();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('The test could not be run').waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('As far as one comes without a credential, it works').waitFor();
  expect((await (await scene.signedIn()).get('api/connections')).body.connections).toHaveLength(2);
});

it('a broken connection has its verdict on the page', async () => {
  const { page } = session;
  const some = brokenConnections.filter(({ id }) =>
    ['wrong-path', 'server-fails', 'not-protected'].includes(id),
  );
  expect(some).toHaveLength(3);
  for (const { start, says } of some) {
    await using connection = await start();
    const { url, issuer = '', clientId = '', clientSecret = '' } = connection.settings;
    await openForm();
    await page.getByLabel('URL of the MCP server').fill(url);
    await page.getByLabel('Issuer').fill(issuer);
    await page.getByLabel('Client ID').fill(clientId);
    await page.getByLabel('Client secret', { exact: true }).fill(clientSecret);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText(/^It (?:works|does not work)/).waitFor();
    expect(
      await page
        .getByRole('status')
        .allTextContents()
        .then((texts) => texts.join(' ')),
    ).toMatch(says);
  }
});

it('a connection is deleted', async () => {
  const { page } = session;
  await page.goto(`${scene.console.url}#/connections`);
  await page.getByRole('link', { name: 'Deploy desk' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Connections' }).waitFor();
  await expect.poll(() => page.getByRole('link', { name: 'Deploy desk' }).count()).toBe(0);
});

it('nothing went wrong in the page meanwhile', () => {
  expect(session.complaints).toEqual([]);
});
