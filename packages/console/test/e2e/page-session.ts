import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Where screenshots go: kept as artefacts of the build, not in the repository. */
const SCREENSHOTS = fileURLToPath(new URL('../../results/screenshots/', import.meta.url));

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A page of the console in a browser of its own. */
export interface PageSession extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong in the page: console errors, exceptions, violations of the policy. Answers 4xx that a test wants are taken out. */
  readonly complaints: string[];
  /** Forgets the complaints that a test means to cause. */
  expectComplaint(pattern: RegExp): void;
  /** Keeps a screenshot, after waiting for the page to be at rest. */
  shoot(name: string): Promise<void>;
  /** Checks the page for what shuts people out. */
  expectAccessible(what: string): Promise<void>;
}

/** Starts Chromium. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PROGRAMS.find((program) => existsSync(program));
  if (executablePath === undefined) {
    throw new Error(
      'These tests need Chromium: install it, or name it in the environment variable CHROMIUM.',
    );
  }
  return await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens a page and watches what goes wrong in it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<PageSession> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  const complain = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
  });
  page.on('pageerror', (error) => complain(String(error)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(url);
  return {
    page,
    complaints,
    expectComplaint: (pattern) => void expected.push(pattern),
    async shoot(name) {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
    },
    async expectAccessible(what) {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      const found = violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.slice(0, 5).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
      }));
      expect(found, what).toEqual([]);
    },
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}

/** Signs in by the form, as a person does. */
export async function signIn(
  { page }: PageSession,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): Promise<void> {
  await page.getByLabel('Client ID').fill(clientId);
  await page.getByLabel('Client secret', { exact: true }).fill(clientSecret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Sections' }).waitFor();
}
