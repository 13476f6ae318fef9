import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ConsoleScene } from '../console-scene.ts';
import { startMcpServer, type TestMcpServer } from './mcp-server.ts';
import { launchChromium, openPage, signIn, type PageSession } from './page-session.ts';
import { startOnRunDatabase } from './run-database.ts';

let browser: Browser;
let scene: ConsoleScene;
let mcp: TestMcpServer;
let authority: TestAuthority;
let session: PageSession;

beforeAll(async () => {
  [browser, scene, authority] = await Promise.all([
    launchChromium(),
    startOnRunDatabase({ allowLoopback: true }),
    createTestAuthority(),
  ]);
  mcp = await startMcpServer(scene.issuer);
  session = await openPage(browser, scene.console.url);
  await signIn(session, scene.administrator);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await browser.close();
  await mcp[Symbol.asyncDispose]();
  await authority.close();
  await scene.stop();
});

const go = async (section: string): Promise<void> => {
  await session.page
    .getByRole('navigation', { name: 'Sections' })
    .getByRole('link', { name: section })
    .click();
  await session.page.getByRole('heading', { level: 1, name: section }).waitFor();
};

describe('Access', () => {
  it('an MCP server is registered with its scopes', async () => {
    const { page } = session;
    await go('Access');
    await page.getByLabel('Identifier').fill(mcp.url);
    await page.getByLabel('Label').fill('Deploy desk');
    await page.getByLabel('Scopes').fill('deploy:read deploy:write');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { level: 1, name: 'Deploy desk' }).waitFor();
    const { resources } = await scene.server.resources.list();
    expect(resources.find(({ resource }) => resource === mcp.url)?.scopes).toEqual([
      'deploy:read',
      'deploy:write',
    ]);
  });

  it('its tools are imported from a connection, and given scopes', async () => {
    const { page } = session;
    const { secret = '' } = await scene.server.clients.create({
      clientId: 'nightly-report',
      authentication: { method: 'secret' },
      access: [{ resource: mcp.url, scopes: ['deploy:read'] }],
    });
    await page.getByRole('link', { name: 'add a connection' }).click();
    await page.getByLabel('URL of the MCP server').fill(mcp.url);
    await page.getByLabel('Label').fill('Deploy desk by nightly report');
    await page.getByLabel('Issuer').fill(scene.issuer);
    await page.getByLabel('Client ID').fill('nightly-report');
    await page.getByLabel('Client secret', { exact: true }).fill(secret);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('It works: 2 tools').waitFor();
    await go('Access');
    await page.getByRole('link', { name: 'Deploy desk' }).click();
    await page.getByRole('button', { name: 'Import 2 tools' }).click();
    await page.getByRole('checkbox', { name: 'start_deployment needs deploy:write' }).check();
    await page.getByRole('button', { name: 'Save the tools' }).click();
    await expect
      .poll(async () => (await scene.server.resources.get(mcp.url))?.tools)
      .toMatchObject([
        { name: 'list_deployments', scopes: [] },
        { name: 'start_deployment', scopes: ['deploy:write'] },
      ]);
    expect(await page.getByLabel('Access policy', { exact: true }).textContent()).toContain(
      '"start_deployment"',
    );
    await session.expectAccessible('a resource');
    await session.shoot('access-tools');
  });

  it('when the tools of the server have changed since, that is said', async () => {
    const { page } = session;
    mcp.tools = [
      { name: 'list_deployments', description: 'Lists and deletes what is deployed.' },
      { name: 'drop_database' },
    ];
    await go('Connections');
    await page.getByRole('link', { name: 'Deploy desk by nightly report' }).click();
    await page.getByRole('button', { name: 'Test again' }).click();
    await page.getByText('It works: 2 tools').waitFor();
    await go('Access');
    await page.getByRole('link', { name: 'Deploy desk' }).click();
    const notice = page.getByRole('status').filter({ hasText: 'have changed since' });
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(
      /New: drop_database.*Gone: start_deployment.*Described in other words: list_deployments/s,
    );
    await session.expectAccessible('changed tools');
  });

  it('one of the configuration is shown, and changed there', async () => {
    const { page } = session;
    await go('Access');
    await page.getByRole('link', { name: 'https://mcp.example.com/mcp' }).click();
    await page.getByText('stands in the configuration').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
  });
});

describe('Trust', () => {
  it('a rule is made from a template, with the issuer that it needs', async () => {
    const { page } = session;
    await scene.server.clients.create({
      clientId: 'deployer',
      authentication: { method: 'workload' },
      access: [{ resource: mcp.url, scopes: ['deploy:read'] }],
    });
    await go('Trust');
    await page.getByLabel('For the client').selectOption('deployer');
    await page.getByLabel('Template').selectOption({ label: 'Kubernetes service account' });
    await page.getByLabel('issuer', { exact: true }).fill(authority.issuer);
    await page.getByLabel('namespace', { exact: true }).fill('ci');
    await page.getByLabel('serviceAccount', { exact: true }).fill('deployer');
    await page.getByRole('button', { name: 'Fill in from the template' }).click();
    await expect
      .poll(() => page.getByLabel('Conditions').inputValue())
      .toContain('system:serviceaccount:ci:deployer');
    await page.getByRole('button', { name: 'Add the rule' }).click();
    await page.getByText('The rule was added').waitFor();
    await page.getByRole('table', { name: 'Trust rules' }).getByText('deployer').first().waitFor();
    await page.getByRole('table', { name: 'Trusted issuers' }).getByText(authority.issuer).waitFor();
  });

  it('a token is read in the browser, and sent only when one asks for it', async () => {
    const { page } = session;
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
    const subject = 'system:serviceaccount:ci:deployer';
    const token = authority.mint(
      { sub: subject, aud: scene.issuer, client_id: undefined, scope: undefined },
      { typ: 'JWT' },
    );
    await page.getByLabel('Token of a workload').fill(token);
    await page.getByLabel('What the token says').getByText(subject).waitFor();
    expect(sent.filter((request) => request.includes(token))).toEqual([]);
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('It would be accepted').waitFor();
    expect(sent.filter((request) => request.includes(token))).toHaveLength(1);
    await session.expectAccessible('a dry run');
    await session.shoot('trust');
    await page
      .getByLabel('Token of a workload')
      .fill(authority.mint({ sub: 'another', aud: scene.issuer }, { typ: 'JWT' }));
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('It would be refused').waitFor();
    await page.getByLabel('Token of a workload').fill('no token');
    await page.getByRole('alert').getByText('This is no JWT').waitFor();
    expect(await page.getByRole('button', { name: 'Try it' }).isDisabled()).toBe(true);
  });

  it('an issuer is trusted by hand, and no longer', async () => {
    const { page } = session;
    await page.getByText('Trust another issuer').click();
    const form = page.locator('details form');
    await form.getByLabel('Issuer').fill('https://idp.example.com');
    await form.getByLabel('Its tokens are for').selectOption('id-jag');
    await form.getByRole('button', { name: 'Trust this issuer' }).click();
    const row = page
      .getByRole('table', { name: 'Trusted issuers' })
      .getByRole('row', { name: /idp\.example\.com/ });
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => row.count()).toBe(0);
    await page.getByRole('table', { name: 'Trust rules' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('There is no rule yet.').waitFor();
  });
});

describe('Activity', () => {
  it('refusals stand there with their true reasons, found by filters', async () => {
    const { page } = session;
    await fetch(`${scene.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      headers: { authorization: `Basic ${btoa('nobody-known:wrong')}` },
    });
    await go('Activity');
    await page.getByLabel('What').selectOption('refusals');
    const trail = page.getByRole('table', { name: 'Audit trail' });
    await trail.getByText('client_unknown').first().waitFor();
    await page.getByLabel('Reason').fill('client_unknown');
    await page.getByLabel('Client', { exact: true }).fill('nobody-known');
    await expect.poll(() => trail.getByRole('row').count()).toBe(2);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export what is shown' }).click();
    expect((await download).suggestedFilename()).toBe('audit.jsonl');
    await page.getByLabel('Reason').fill('nothing');
    await page.getByText('Nothing of the kind has happened.').waitFor();
  });

  it('tokens are drawn over time, per client, and can be read as figures', async () => {
    const { page } = session;
    await page.getByLabel('Reason').fill('');
    await page.getByLabel('Client', { exact: true }).fill('');
    await page.getByLabel('What').selectOption('');
    const chart = page.getByRole('img', { name: /Tokens over time: [1-9]\d* issued/ });
    await chart.waitFor();
    expect(await chart.locator('rect').count()).toBeGreaterThan(0);
    await page.getByText('The figures').click();
    await page.getByRole('table', { name: 'Tokens issued per client' }).getByText('nightly-report').waitFor();
    await session.expectAccessible('activity');
    await session.shoot('activity');
    await page.getByLabel('Period').selectOption('30');
    await chart.waitFor();
  });

  it('who knows of revocations is shown', async () => {
    expect(await session.page.getByText('No MCP server has fetched a status list').isVisible()).toBe(true);
  });
});

describe('Keys', () => {
  it('are listed, rotated and retired', async () => {
    const { page } = session;
    await go('Keys');
    const keys = page.getByRole('table', { name: 'Signing keys' });
    await keys.getByText('current').waitFor();
    await page.getByRole('button', { name: 'Rotate the signing key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the signing key' }).click();
    await expect.poll(async () => (await keys.allTextContents()).join(' ')).toContain('next');
    await session.expectAccessible('keys');
    await session.shoot('keys');
    const current = keys.getByRole('row', { name: /current/ });
    await current.getByRole('button', { name: 'Retire now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retire now' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('status').first().waitFor();
  });
});

it('nothing went wrong in the page meanwhile', () => {
  expect(session.complaints).toEqual([]);
});
