import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
const trimLines = (text: string) => text.replaceAll(/^\s+/gm, '').trim();
const readme = await read('../README.md');
const FRAGMENT = /```ts\n([\s\S]*?)```/g;
const blocks = [...readme.matchAll(FRAGMENT)].map((match) => match[1] ?? '');

test('the example in the README is the one that is compiled and run, and is complete by line 20', async () => {
  const example = await read('./readme-example/example.test.ts');
  expect(blocks[0]).toBe(example.replace('../../src/index.ts', '@mcp-m2m/testing'));
  expect(readme.split('\n').indexOf('});')).toBeLessThan(20);
});

test('every line of the other fragments is compiled and run', async () => {
  // An example that is a file of its own is compared with it elsewhere.
  const ownFiles = /<!-- example: \S+ -->\n+```ts\n[\s\S]*?```/g;
  const fragments = [...readme.replaceAll(ownFiles, '').matchAll(FRAGMENT)].map((match) => match[1] ?? '');
  const compiled = new Set(trimLines(await read('./readme-example/fragments.test.ts')).split('\n'));
  const lines = fragments.slice(1).flatMap((block) => trimLines(block).split('\n'));
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.filter((line) => !compiled.has(line))).toEqual([]);
});
