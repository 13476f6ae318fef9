import type { Browser } from './browser.ts';

/** What a test of a connection answered. */
export interface TestAnswer {
  readonly status: number;
  readonly text: string;
  readonly steps: readonly { readonly name: string; readonly status: string }[];
  /** The line that says what came of it. */
  // What a test reads of it is the test's to know.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly last: any;
}

/** Runs a test of a connection and reads its lines. */
export async function runTest(browser: Browser, path: string, settings?: unknown): Promise<TestAnswer> {
  const { status, text, body } = await browser.post(path, settings);
  if (status !== 200) return { status, text, steps: [], last: body };
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {
    status,
    text,
    steps: lines.filter(({ type }) => type === 'step').map(({ step }) => step),
    last: lines.at(-1),
  };
}
